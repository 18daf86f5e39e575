import type { MapContext } from '../../src/core/mapping.ts'
import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'

/** Names of the members by how they come: encrypted for waybills, masked for people, in clear in documents of before 2023. */
const FORMS = {
  cipher: ['encryptedConsignee', 'encryptedMobile', 'encryptedAddress'],
  mask: ['desensitiseConsignee', 'desensitiseMobile', 'desensitiseAddress'],
  plain: ['consignee', 'mobile', 'address'],
} as const

/** The connection says which form the order keeps. `openAddressId` is the same for orders that go to one recipient. */
export function recipientOf(doc: unknown, context: MapContext): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const of = (name: string): string | undefined => optionalText(doc, `/orderAddress/${name}`)
  const order = context.config['recipients'] === 'mask' ? (['mask', 'cipher', 'plain'] as const) : (['cipher', 'mask', 'plain'] as const)
  const form = order.find((each) => FORMS[each].some((name) => of(name) !== undefined)) ?? 'cipher'
  const [name, phone, end] = FORMS[form].map(of)
  const province = of('province')
  const address = [of('town'), end].filter((part) => part !== undefined).join('\n')
  const values: Record<string, string | undefined> = {
    name,
    phone,
    country: province === undefined ? undefined : 'CN',
    province,
    city: of('city'),
    district: of('district'),
    address: address === '' ? undefined : address,
    channelId: optionalText(doc, '/orderDeliveryInfo/openAddressId'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
  const buyer = optionalText(doc, '/orderBaseInfo/buyerOpenId')
  return {
    piiMode: form,
    ...(Object.keys(recipient).length === 0 ? {} : { recipient }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}
