import type { ChannelPlace, MapContext, Mapping } from '../core/mapping.ts'
import type { Order } from '../core/order.ts'
import type { Overrides } from '../core/overrides.ts'

/** A place as our documents have it: `lines` are our line numbers. */
interface NamedPlace extends Omit<ChannelPlace, 'lines'> {
  readonly lines?: readonly number[]
}
/** A place an order names, and ours it is bound to; null: all of ours, by their priority. */
interface BoundPlace extends NamedPlace {
  readonly location: string | null
}

/** Where the goods of an order are, by the channel's word and by ours. */
export interface PlacedOrder {
  readonly bound: readonly BoundPlace[]
  /** Places nobody bound: the order waits until somebody does. */
  readonly unbound: readonly NamedPlace[]
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
  const unbound: NamedPlace[] = []
  for (const { lines, ...rest } of named) {
    const place: NamedPlace = lines === undefined ? rest : { ...rest, lines: numbersOf(order, lines) }
    const location = rules?.get(place.id)
    if (location === undefined && place.id !== chosen) unbound.push(place)
    else bound.push({ ...place, location: location ?? null })
  }
  return { bound, unbound }
}

/**
 * Our one location that the goods of a line come from; undefined where the channel names several places for it or none, one nobody bound, or one that stands
 * for all of ours. `stock_placed` in the database reads the same from the document.
 */
export function locationOf({ bound, unbound }: PlacedOrder, lineNo: number): string | undefined {
  const holds = ({ lines }: NamedPlace): boolean => lines === undefined || lines.includes(lineNo)
  if (unbound.some(holds)) return undefined
  const [only, ...others] = new Set(bound.filter(holds).map(({ location }) => location))
  return others.length === 0 ? (only ?? undefined) : undefined
}

const numbersOf = ({ lines }: Order, named: readonly string[]): readonly number[] =>
  lines.flatMap(({ lineNo, channelLineNo }) => (named.includes(channelLineNo) ? [lineNo] : []))

const chosenIn = (setting: unknown): string | undefined =>
  typeof setting === 'string' && setting.trim() !== '' ? lastStep(setting.trim()) : undefined

/** Global ids end in the id itself. */
const lastStep = (id: string): string => id.slice(id.lastIndexOf('/') + 1)
