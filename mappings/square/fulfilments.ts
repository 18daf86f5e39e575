import type { ChannelShipment, OrderLine, Party } from '../../src/core/order.ts'
import { at, list, optionalText, requiredText, text, utcInstant } from '../parts/read.ts'

const STATES: Readonly<Record<string, ChannelShipment['state']>> = { COMPLETED: 'shipped', CANCELED: 'cancelled', FAILED: 'cancelled' }

/** Fulfilments that are parcels; pickups and couriers of the shop leave no package. */
export const shipmentsOf = (doc: unknown, lines: readonly OrderLine[]): readonly ChannelShipment[] =>
  list(doc, '/fulfillments').flatMap(({ value }) => {
    if (text(value, '/type') !== 'SHIPMENT') return []
    const [carrier, trackingNo] = [optionalText(value, '/shipment_details/carrier'), optionalText(value, '/shipment_details/tracking_number')]
    const shippedAt = utcInstant(value, '/shipment_details/shipped_at')
    const entries = list(value, '/entries').map(({ value: entry }) => ({
      channelLineNo: text(entry, '/line_item_uid'),
      quantity: text(entry, '/quantity') || '0',
    }))
    const all = lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: line.quantity }))
    return [
      {
        channelShipmentNo: requiredText(value, '/uid'),
        ...(carrier === undefined ? {} : { carrier }),
        ...(trackingNo === undefined ? {} : { trackingNo }),
        state: STATES[text(value, '/state')] ?? 'pending',
        ...(shippedAt === undefined ? {} : { at: shippedAt }),
        lines: text(value, '/line_item_application') === 'ENTRY_LIST' ? entries : all,
      },
    ]
  })

/** Who receives or picks up; a customer of Square's directory may stand for all of it, and is then only named by id. */
export function recipientOf(doc: unknown): Party | undefined {
  const [recipient] = list(doc, '/fulfillments').flatMap(({ value }) =>
    ['shipment_details', 'delivery_details', 'pickup_details'].flatMap((name) => at(value, `/${name}/recipient`) ?? []),
  )
  if (recipient === undefined) return undefined
  const of = (name: string): string | undefined => optionalText(recipient, name)
  const street = ['1', '2', '3'].flatMap((n) => of(`/address/address_line_${n}`) ?? [])
  const person = [of('/address/first_name'), of('/address/last_name')].flatMap((part) => part ?? []).join(' ')
  const values = {
    name: of('/display_name') ?? (person === '' ? undefined : person),
    phone: of('/phone_number'),
    email: of('/email_address'),
    country: of('/address/country'),
    province: of('/address/administrative_district_level_1'),
    city: of('/address/locality'),
    district: of('/address/sublocality'),
    address: street.length === 0 ? undefined : street.join('\n'),
    postcode: of('/address/postal_code'),
    channelId: of('/customer_id'),
  }
  const party: Party = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined))
  return Object.keys(party).length === 0 ? undefined : party
}
