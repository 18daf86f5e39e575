import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'
import { inner, ORDER } from './read.ts'

/** `$…$1$`: encrypted with the shop's own key, to be opened by the channel's decryption interface for this shop alone. */
const CIPHER = /^\$.{8,}\$\d*\$$/u

/** Who gets it. Of an order fetched in a branch the address is that of the branch, and the person the one who comes. */
export function recipientOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const own = (name: string): string | undefined => optionalText(doc, `${ORDER}/address_info/${name}`)
  const place = inner(own('self_fetch_info'))
  const of = (name: string): string | undefined => optionalText(place, `/${name}`)
  const province = own('delivery_province') ?? of('province')
  const values: Record<string, string | undefined> = {
    name: own('receiver_name') ?? of('user_name'),
    phone: own('receiver_tel') ?? of('user_tel'),
    country: province === undefined ? undefined : 'CN',
    province,
    city: own('delivery_city') ?? of('city'),
    district: own('delivery_district') ?? of('county'),
    address: own('delivery_address') ?? of('address_detail'),
    postcode: own('delivery_postal_code'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const personal = [values['name'], values['phone'], values['address']].flatMap((value) => value ?? [])
  const buyer = optionalText(doc, `${ORDER}/buyer_info/yz_open_id`)
  return {
    piiMode: personal.some((value) => CIPHER.test(value)) ? 'cipher' : personal.some((value) => value.includes('*')) ? 'mask' : 'plain',
    ...(Object.keys(recipient).length === 0 ? {} : { recipient }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}

/** Where and when it is fetched: the branch's own name, nothing of the buyer. */
export function pickupOf(doc: unknown): Readonly<Record<string, string | undefined>> {
  const place = inner(optionalText(doc, `${ORDER}/address_info/self_fetch_info`))
  return {
    pickupId: optionalText(place, '/id'),
    pickupName: optionalText(place, '/name'),
    pickupTime: optionalText(place, '/user_time'),
    deliverFrom: optionalText(doc, `${ORDER}/address_info/delivery_start_time`),
    deliverUntil: optionalText(doc, `${ORDER}/address_info/delivery_end_time`),
  }
}
