/** A word of the channel that a person gave a meaning: wherever a member of this name holds `from`, it is read as `to`. */
export interface WordRule {
  readonly id: number
  /** Name of the member, e.g. `status`. */
  readonly field: string
  readonly from: string
  readonly to: string
}

/** One value of one document that a person corrected. Once the channel sends another value, the channel is right again. */
interface FieldRule {
  readonly id: number
  /** `order/4711`: kind and id of the document's entity. */
  readonly entity: string
  /** JSON pointer. */
  readonly pointer: string
  readonly from: string
  readonly to: string
}

/**
 * What people decided about the documents of one connection, as data. Raw documents are never edited: a mapping reads them
 * through these rules, and the order says which of them it took.
 */
export interface Overrides {
  /** Rises with every change; with the raw document and the mapping's version it determines the canonical order (I3). */
  readonly version: number
  readonly words: readonly WordRule[]
  readonly fields: readonly FieldRule[]
  /** Our carrier code → what this connection is told instead. */
  readonly carriers: Readonly<Record<string, string>>
}

/** A rule that shaped an order, as its document shows it. */
export interface AppliedRule {
  /** Where in the raw document, as a JSON pointer. */
  readonly pointer: string
  readonly rule: number
}
