/** What a request knows and has touched. */
export interface Context {
  /** Inside a bulk operation connections have no sizes. */
  readonly bulk: boolean
  /** Ids of the orders that were shown. */
  readonly returned: string[]
}
