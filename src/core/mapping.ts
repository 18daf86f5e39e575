import type { Order, Refund } from './order.ts'

/** What a mapping may know besides the document: settings of the connection, never a clock or a database. */
export interface MapContext {
  readonly connectionId: string
  readonly timezone: string // IANA, e.g. "Asia/Shanghai"
  readonly currency: string // default where the document names none
  readonly config: Readonly<Record<string, unknown>>
}

/** One raw document opened for mapping. `doc` is parsed losslessly; `text` is the bytes as received. */
export interface RawDocument {
  readonly kind: RawKind
  readonly externalId: string
  readonly parentId?: string
  readonly doc: unknown
}

export type RawKind = 'order' | 'refund'

export type Mapped =
  | { readonly kind: 'order'; readonly order: Order }
  | { readonly kind: 'refund'; readonly refund: Refund }
  | { readonly kind: 'ignore'; readonly rule: string; readonly reason: string }

/** A place of the channel, in its own words: a warehouse, a till, a branch. */
export interface ChannelPlace {
  readonly id: string
  readonly name?: string
  /** The channel's numbers of the lines whose goods are there; absent where it does not say which line is where. */
  readonly lines?: readonly string[]
}

/** What a channel's orders say about places. */
export interface OrderPlaces {
  /** The setting that names the one place the connection's levels are told for; what it names is bound to all of our places. */
  readonly setting?: string
  /** Where the goods of an order are sold, shipped from or collected, as far as the document says; each place once. Pure and total. */
  readonly of: (doc: unknown, order: Order) => readonly ChannelPlace[]
}

/** raw → canonical, pure (I3). Throws MappingError to hold the document with a reason. Raise `version` with every change of meaning. */
export interface Mapping {
  readonly channel: string
  readonly version: number
  readonly map: (raw: RawDocument, context: MapContext) => Mapped
  /** Asked only of connections with a bound place, so that it is no part of what `version` says. */
  readonly places?: OrderPlaces
}

/** `woocommerce@1`: stored with every order so that support can say which code made a value. */
export const mappingName = (mapping: Mapping): string => `${mapping.channel}@${mapping.version}`
