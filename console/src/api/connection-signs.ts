/** What the data of a connection says about it, beside its own state. */
export interface ConnectionSigns {
  readonly silence: { readonly quiet_seconds: number | null; readonly expected: number | null; readonly silent: boolean }
  /** New things in its documents that nobody has acknowledged. */
  readonly news: number
  /** `drain_seconds`: at the pace of the last ten minutes; null where nothing moves. */
  readonly backlog: {
    readonly documents: number
    readonly fetches: number
    readonly writes: number
    readonly per_minute: number
    readonly drain_seconds: number | null
  }
}
