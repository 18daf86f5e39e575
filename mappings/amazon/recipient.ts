import type { Order, Party } from '../../src/core/order.ts'
import { list, optionalText } from '../parts/read.ts'
import type { State } from './state.ts'

const ADDRESS = '/recipient/deliveryAddress'

/**
 * Who gets it, in clear or not at all. Without an address it is hidden while an order waits for its payment, where Amazon sends it
 * itself or when nobody wanted to see it; else it is missing, and the order waits.
 */
export function recipientOf(
  doc: unknown,
  { state, personalData }: { readonly state: State; readonly personalData: boolean },
): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const of = (name: string): string | undefined => optionalText(doc, `${ADDRESS}/${name}`)
  const street = [of('addressLine1'), of('addressLine2'), of('addressLine3')].flatMap((line) => line ?? [])
  const values: Record<string, string | undefined> = {
    name: of('name') ?? optionalText(doc, '/buyer/buyerName'),
    company: of('companyName'),
    phone: of('phone'),
    // Made up by the channel for this order; letters to it reach the buyer.
    email: optionalText(doc, '/buyer/buyerEmail'),
    country: of('countryCode'),
    province: of('stateOrRegion'),
    city: of('city'),
    district: of('districtOrCounty') ?? of('municipality') ?? of('extendedFields/neighborhood'),
    address: street.length === 0 ? undefined : street.join('\n'),
    postcode: of('postalCode'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const hasAddress = street.length > 0 || of('name') !== undefined
  const isHidden = !hasAddress && (state.isHeld || state.byChannel || !personalData)
  return { piiMode: isHidden ? 'mask' : 'plain', ...(Object.keys(recipient).length === 0 ? {} : { recipient }) }
}

/** What the buyer wrote: to the courier, and on cards that go with gifts. */
export function noteOf(doc: unknown): string | undefined {
  const courier = ['addressInstruction', 'dropOffLocation'].map((name) => optionalText(doc, `/recipient/deliveryPreference/${name}`))
  const cards = list(doc, '/orderItems').map(({ value }) => optionalText(value, '/fulfillment/packing/giftOption/giftMessage'))
  const said = [...courier, ...cards].filter((each) => each !== undefined)
  return said.length === 0 ? undefined : said.join('\n')
}
