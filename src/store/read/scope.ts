import type pg from 'pg'

/** Anything queries can be sent to: the pool, or a client inside a transaction. */
export type Db = Pick<pg.Pool, 'query'>

/** The connections a caller may see; null = all. Every read takes it and filters in SQL. */
export type Visible = readonly string[] | null

/** SQL: is `column` within the caller's connections, given as parameter `$n`? */
export const within = (column: string, parameter: number): string => `($${parameter}::text[] is null or ${column} = any($${parameter}))`

/** Collects WHERE conditions and their parameters. */
export class Conditions {
  readonly values: unknown[] = []
  readonly #parts: string[] = []

  /** `make` gets the parameter's placeholder. An undefined value adds nothing. */
  add(value: unknown, make: (placeholder: string) => string): this {
    if (value === undefined) return this
    this.values.push(value)
    this.#parts.push(make(`$${this.values.length}`))
    return this
  }

  /** A condition without a parameter of its own. */
  always(sql: string): this {
    this.#parts.push(sql)
    return this
  }

  visible(column: string, visible: Visible): this {
    return visible === null ? this : this.add(visible, (p) => `${column} = any(${p}::text[])`)
  }

  /** Adds a value without a condition; its placeholder. */
  value(value: unknown): string {
    this.values.push(value)
    return `$${this.values.length}`
  }

  sql(): string {
    return this.#parts.length === 0 ? 'true' : this.#parts.map((part) => `(${part})`).join(' and ')
  }
}
