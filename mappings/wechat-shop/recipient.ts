import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'
import { DELIVERY } from './read.ts'

/** Who gets it: in clear, or masked for shops that have not asked for more. A virtual number stands in for the real one where the buyer chose so. */
export function recipientOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient'> {
  const of = (name: string): string | undefined => optionalText(doc, `${DELIVERY}/address_info/${name}`)
  const virtual = of('use_tel_number') === '1' ? of('tel_number_ext_info/virtual_tel_number') : undefined
  const province = of('province_name')
  const address = [of('detail_info'), of('house_number')].filter((part) => part !== undefined).join('\n')
  const values: Record<string, string | undefined> = {
    name: of('user_name'),
    phone: virtual ?? of('tel_number') ?? of('virtual_order_tel_number') ?? of('tel_number_ext_info/real_tel_number'),
    country: province === undefined ? undefined : 'CN',
    province,
    city: of('city_name'),
    district: of('county_name'),
    address: address === '' ? undefined : address,
    postcode: of('postal_code'),
    channelId: of('hash_code'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const personal = [values['name'], values['phone'], values['address']].flatMap((value) => value ?? [])
  return {
    piiMode: personal.some((value) => value.includes('*')) ? 'mask' : 'plain',
    ...(Object.keys(recipient).length === 0 ? {} : { recipient }),
  }
}
