import type { ChannelPlace, MapContext, Mapping } from '../core/mapping.ts'
import type { Order } from '../core/order.ts'
import type { Overrides } from '../core/overrides.ts'

/** A place an order names, and ours it is bound to; null: all of ours, by their priority. */
interface BoundPlace extends ChannelPlace {
  readonly location: string | null
}

/** Where the goods of an order are, by the channel's word and by ours. */
export interface PlacedOrder {
  readonly bound: readonly BoundPlace[]
  /** Places nobody bound: the order waits until somebody does. */
  readonly unbound: readonly ChannelPlace[]
  /** Our one location that its goods come from; undefined where it names several, or one that stands for all of ours. */
  readonly location?: string
}

type Context = MapContext & { readonly overrides?: Overrides | undefined }

/**
 * What a connection's bindings make of the places an order names. Undefined where none is bound (places say nothing then) and where the order
 * names none. A place is bound by a rule, or by the setting that chooses it for levels.
 */
export function placeOrder(mapping: Mapping, order: Order, doc: unknown, context: Context): PlacedOrder | undefined {
  const { places: reader } = mapping
  if (reader === undefined) return undefined
  const rules = context.overrides?.places
  const chosen = reader.setting === undefined ? undefined : chosenIn(context.config[reader.setting])
  if (rules === undefined && chosen === undefined) return undefined
  const named = reader.of(doc, order)
  if (named.length === 0) return undefined
  const bound: BoundPlace[] = []
  const unbound: ChannelPlace[] = []
  for (const place of named) {
    const location = rules?.get(place.id)
    if (location === undefined && place.id !== chosen) unbound.push(place)
    else bound.push({ ...place, location: location ?? null })
  }
  const locations = new Set(bound.map(({ location }) => location))
  const [only] = locations
  return { bound, unbound, ...(unbound.length === 0 && locations.size === 1 && typeof only === 'string' && { location: only }) }
}

const chosenIn = (setting: unknown): string | undefined =>
  typeof setting === 'string' && setting.trim() !== '' ? lastStep(setting.trim()) : undefined

/** Global ids end in the id itself. */
const lastStep = (id: string): string => id.slice(id.lastIndexOf('/') + 1)
