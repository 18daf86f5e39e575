import { field, listField, textField } from '../../src/kit/read.ts'
import { int, read, responseOf } from './client.ts'
import type { ShopeeCall } from './manifest.ts'

export interface Arrangement {
  /** What `ship_order` takes beside the order. */
  readonly body: Readonly<Record<string, unknown>>
  readonly way: 'non_integrated' | 'pickup' | 'dropoff'
  /** Our tracking number is told; otherwise the channel gives its own. */
  readonly numbered: boolean
}
interface Refusal {
  readonly refusal: { readonly code: string; readonly message: string }
}

/**
 * How this parcel may leave, by the channel's own question. A carrier of the seller's takes our tracking number as it is. A parcel of the
 * channel's logistics gets its number from it, and is arranged only where the settings say how.
 */
export async function arrangement(
  call: ShopeeCall,
  given: { readonly orderId: string; readonly trackingNo: string; readonly parcel?: string },
): Promise<Arrangement | Refusal> {
  const path = 'logistics/get_shipping_parameter'
  const query = { order_sn: given.orderId, ...(given.parcel === undefined ? {} : { package_number: given.parcel }) }
  const response = responseOf(await read(call, path, query), path)
  const needed = field(response, 'info_needed')
  const needs = (way: string): readonly string[] => listField(needed, way).flatMap((each) => (typeof each === 'string' ? [each] : []))
  const has = (way: string): boolean => Array.isArray(field(needed, way))
  const refuse = (code: string, message: string): Refusal => ({ refusal: { code, message } })
  if (has('non_integrated')) return { way: 'non_integrated', numbered: true, body: { non_integrated: { tracking_number: given.trackingNo } } }
  const { arrange } = call.config
  if (arrange === 'none')
    return refuse('integrated-logistics', 'Shopee’s own logistics carries this parcel: arrange it there, or say in the settings how it is arranged.')
  if (!has(arrange)) return refuse('arrange-otherwise', `Shopee does not offer ${arrange} for this parcel: arrange it there.`)
  const wanted = needs(arrange)
  // Both spellings are the vendor's.
  const isOurs = wanted.some((each) => each === 'tracking_number' || each === 'tracking_no')
  const tracking = isOurs ? { tracking_number: given.trackingNo } : {}
  if (arrange === 'pickup') {
    const pickup = pickupOf(response, wanted)
    if (pickup === undefined) return refuse('pickup-address', 'Shopee offers no address or time for the pickup of this parcel: arrange it there.')
    return { way: 'pickup', numbered: isOurs, body: { pickup: { ...pickup, ...tracking } } }
  }
  const choice = wanted.find((each) => each === 'branch_id' || each === 'sender_real_name' || each === 'slug')
  if (choice !== undefined) return refuse('dropoff-choice', `Shopee asks for ${choice} to drop this parcel off: arrange it there.`)
  return { way: 'dropoff', numbered: isOurs, body: { dropoff: tracking } }
}

/** The shop's pickup address, or the only one; of its times the recommended, or the first. Some parcels need neither. */
function pickupOf(response: unknown, wanted: readonly string[]): Readonly<Record<string, unknown>> | undefined {
  if (!wanted.includes('address_id')) return {}
  const addresses = listField(field(response, 'pickup'), 'address_list')
  const flagged = (flag: string): unknown => addresses.find((each) => listField(each, 'address_flag').includes(flag))
  const address =
    flagged('current_address') ?? flagged('pickup_address') ?? flagged('default_address') ?? (addresses.length === 1 ? addresses[0] : undefined)
  const id = textField(address, 'address_id')
  if (id === undefined) return undefined
  const slots = listField(address, 'time_slot_list')
  const slot = textField(slots.find((each) => listField(each, 'flags').includes('recommended')) ?? slots[0], 'pickup_time_id')
  return { address_id: int(id), ...(slot === undefined ? {} : { pickup_time_id: slot }) }
}
