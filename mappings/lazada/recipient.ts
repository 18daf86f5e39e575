import type { Order, Party } from '../../src/core/order.ts'
import { list, optionalText } from '../parts/read.ts'

/** Countries stand there by name. */
const COUNTRIES: ReadonlyMap<string, string> = new Map([
  ['singapore', 'SG'],
  ['malaysia', 'MY'],
  ['thailand', 'TH'],
  ['vietnam', 'VN'],
  ['viet nam', 'VN'],
  ['philippines', 'PH'],
  ['indonesia', 'ID'],
])

/** Who gets it and who pays. The channel masks what an app may not see. */
export function partiesOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient' | 'billTo' | 'buyerRef'> {
  const [recipient, billTo] = [partyOf(doc, '/order/address_shipping'), partyOf(doc, '/order/address_billing')]
  const buyer = list(doc, '/order_items')
    .map(({ value }) => optionalText(value, '/buyer_id'))
    .find((id) => id !== undefined)
  const personal = [recipient?.name, recipient?.phone, recipient?.address].flatMap((value) => value ?? [])
  return {
    piiMode: personal.some((value) => value.includes('*')) ? 'mask' : 'plain',
    ...(recipient === undefined ? {} : { recipient }),
    ...(billTo === undefined ? {} : { billTo }),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
  }
}

/** `address1` is the street, `address3` the state, `address4` the city and `address5` what is below it (docId 121327). */
function partyOf(doc: unknown, pointer: string): Party | undefined {
  const of = (name: string): string | undefined => optionalText(doc, `${pointer}/${name}`)
  const name = [of('first_name'), of('last_name')].filter((part) => part !== undefined).join(' ')
  const street = [of('address1'), of('address2')].flatMap((line) => line ?? [])
  const values: Record<string, string | undefined> = {
    name: name === '' ? undefined : name,
    phone: of('phone') ?? of('phone2'),
    country: COUNTRIES.get((of('country') ?? '').toLowerCase()),
    province: of('address3'),
    city: of('address4') ?? of('city'),
    district: of('addressDsitrict') ?? (of('address5') === of('post_code') ? undefined : of('address5')),
    address: street.length === 0 ? undefined : street.join('\n'),
    postcode: of('post_code'),
  }
  const party: Party = Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
  return Object.keys(party).length === 0 ? undefined : party
}
