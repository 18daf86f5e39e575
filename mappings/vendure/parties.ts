import type { Order, Party } from '../../src/core/order.ts'
import type { VendureAddress, VendureOrder } from './wire.ts'

/** Recipient and invoice party; the customer's own phone and name fill what the address leaves out. */
export function parties(order: VendureOrder): Pick<Order, 'recipient' | 'billTo' | 'buyerRef'> {
  const { customer } = order
  const contact = {
    phone: customer?.phoneNumber ?? '',
    email: customer?.emailAddress ?? '',
    name: [customer?.firstName, customer?.lastName].filter(Boolean).join(' '),
  }
  const recipient = partyOf(order.shippingAddress, contact)
  const billTo = isEmpty(order.billingAddress) ? undefined : partyOf(order.billingAddress, contact)
  return { ...(recipient ? { recipient } : {}), ...(billTo ? { billTo } : {}), ...(customer ? { buyerRef: customer.id } : {}) }
}

const isEmpty = (address: VendureAddress): boolean => !address || Object.values(address).every((value) => value === '')

/** Vendure sends an address of nulls where there is none. */
function partyOf(address: VendureAddress, contact: { readonly phone: string; readonly email: string; readonly name: string }): Party | undefined {
  const fields = {
    name: address?.fullName || contact.name,
    company: address?.company ?? '',
    phone: address?.phoneNumber || contact.phone,
    email: contact.email,
    country: address?.countryCode ?? '',
    province: address?.province ?? '',
    city: address?.city ?? '',
    address: [address?.streetLine1, address?.streetLine2].filter(Boolean).join('\n'),
    postcode: address?.postalCode ?? '',
  }
  const present = Object.entries(fields).filter(([, value]) => value !== '')
  return present.length === 0 ? undefined : Object.fromEntries(present)
}
