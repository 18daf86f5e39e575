/** A table of a statement; the first row is its heading. */
export interface StatementTable {
  readonly name: string
  readonly rows: readonly (readonly string[])[]
  /** How many rows there are beyond those shown. */
  readonly left?: number
}

/** A document somebody files: a title, facts by name, tables. Texts only, already in the reader's language. */
export interface Statement {
  readonly title: string
  readonly facts: readonly (readonly [string, string])[]
  readonly tables: readonly StatementTable[]
  readonly foot: string
}
