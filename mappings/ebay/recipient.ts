import type { Order, Party } from '../../src/core/order.ts'
import { at, list, optionalText, text } from '../parts/read.ts'
import { meaningOf } from './read.ts'

const WAYS: Readonly<Record<string, Order['type']>> = {
  SHIP_TO: 'normal',
  DIGITAL: 'normal',
  PREPARE_FOR_PICKUP: 'pickup',
  SEND_TO_LOCATION: 'normal',
  FULFILLED_BY_EBAY: 'normal',
}

const START = '/fulfillmentStartInstructions'

/** How goods reach the buyer, and who sends them. A way nobody knows holds the order: it might need no parcel at all. */
export function wayOf(doc: unknown): { readonly type: Order['type']; readonly by: Order['fulfilmentBy'] } {
  const words = list(doc, START).map(({ value, pointer }) => ({
    word: text(value, '/fulfillmentInstructionsType'),
    pointer: `${pointer}/fulfillmentInstructionsType`,
  }))
  const types = words.map(({ word, pointer }) => meaningOf(WAYS, word, { code: 'delivery-unmapped', pointer }))
  const byEbay = words.filter(({ word }) => word === 'FULFILLED_BY_EBAY').length
  const isWhole = byEbay > 0 ? byEbay === words.length : text(doc, '/program/fulfillmentProgram/fulfilledBy') === 'EBAY'
  return { type: types.includes('pickup') ? 'pickup' : 'normal', by: isWhole ? 'channel' : byEbay > 0 ? 'mixed' : 'merchant' }
}

/** The parcel goes to `shipTo`, of international programmes eBay's own hub. Names go after ninety days, mail addresses after fourteen. */
export function partiesOf(doc: unknown): { readonly recipient?: Party; readonly billTo?: Party } {
  const recipient = partyOf(doc, `${START}/0/shippingStep/shipTo`)
  const billTo = partyOf(doc, '/buyer/buyerRegistrationAddress')
  return { ...(recipient ? { recipient } : {}), ...(billTo ? { billTo } : {}) }
}

function partyOf(doc: unknown, pointer: string): Party | undefined {
  const contact = at(doc, pointer)
  if (contact === undefined) return undefined
  const own = (path: string): string | undefined => optionalText(contact, path)
  const street = [own('/contactAddress/addressLine1'), own('/contactAddress/addressLine2')].filter((line) => line !== undefined).join('\n')
  const values = {
    name: own('/fullName'),
    company: own('/companyName'),
    phone: own('/primaryPhone/phoneNumber'),
    email: own('/email'),
    country: own('/contactAddress/countryCode'),
    province: own('/contactAddress/stateOrProvince'),
    city: own('/contactAddress/city'),
    district: own('/contactAddress/county'),
    address: street === '' ? undefined : street,
    postcode: own('/contactAddress/postalCode'),
  }
  const party = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return Object.keys(party).length === 0 ? undefined : party
}
