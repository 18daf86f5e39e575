import type { Party } from '../../src/core/order.ts'
import { at, optionalText } from '../parts/read.ts'

/** Shipping falls back to billing as a whole when it is empty; phone and mail are the buyer's where shipping has none. */
export function partiesOf(doc: unknown): { readonly recipient?: Party; readonly billTo?: Party } {
  const billTo = partyOf(at(doc, '/billing'))
  const shipping = partyOf(at(doc, '/shipping'))
  const recipient = shipping.name !== undefined || shipping.address !== undefined || shipping.company !== undefined ? shipping : billTo
  return {
    ...(isEmpty(recipient) ? {} : { recipient: { ...pick(billTo), ...recipient } }),
    ...(isEmpty(billTo) ? {} : { billTo }),
  }
}

const isEmpty = (party: Party): boolean => Object.keys(party).every((key) => key === 'country')

const pick = ({ phone, email }: Party): Party => ({ ...(phone === undefined ? {} : { phone }), ...(email === undefined ? {} : { email }) })

function partyOf(address: unknown): Party {
  const joined = (pointers: readonly string[], by: string): string | undefined => {
    const parts = pointers.flatMap((pointer) => optionalText(address, pointer) ?? [])
    return parts.length === 0 ? undefined : parts.join(by)
  }
  const values = {
    name: joined(['/first_name', '/last_name'], ' '),
    company: optionalText(address, '/company'),
    phone: optionalText(address, '/phone'),
    email: optionalText(address, '/email'),
    country: optionalText(address, '/country'),
    province: optionalText(address, '/state'),
    city: optionalText(address, '/city'),
    address: joined(['/address_1', '/address_2'], '\n'),
    postcode: optionalText(address, '/postcode'),
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
}
