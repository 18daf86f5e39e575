import type { Order, Party } from '../../src/core/order.ts'
import { optionalText } from '../parts/read.ts'
import { ORDER } from './read.ts'

/** Who gets it. How much of it is covered by asterisks differs by region and kind of seller; some regions send all of it covered. */
export function recipientOf(doc: unknown): Pick<Order, 'piiMode' | 'recipient' | 'buyerRef'> {
  const own = (name: string): string | undefined => optionalText(doc, `${ORDER}/recipient_address/${name}`)
  const real = (value: string | undefined): string | undefined => (value !== undefined && /^[-*]+$/.test(value) ? undefined : value)
  const region = own('region') ?? optionalText(doc, `${ORDER}/region`)
  const values: Record<string, string | undefined> = {
    name: own('name'),
    phone: own('phone'),
    country: region !== undefined && /^[A-Z]{2}$/.test(region) ? region : undefined,
    province: real(own('state')),
    city: real(own('city')),
    district: real([own('district'), own('town')].filter((part) => part !== undefined && part !== '').join(' ')) || undefined,
    address: own('full_address'),
    postcode: real(own('zipcode')),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
  const personal = [values['name'], values['phone'], values['address']].flatMap((value) => value ?? [])
  const buyer = optionalText(doc, `${ORDER}/buyer_user_id`)
  return {
    piiMode: personal.some((value) => value.includes('*')) ? 'mask' : 'plain',
    ...(personal.length === 0 ? {} : { recipient }),
    ...(buyer === undefined || buyer === '0' ? {} : { buyerRef: buyer }),
  }
}
