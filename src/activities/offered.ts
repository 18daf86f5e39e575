import type { InboxRow } from '../store/raw/inbox.ts'

/** What is more than this stands in the inbox, and is read from there in larger steps. */
const MOST_ROWS = 200
const MOST_BYTES = 8 * 1024 * 1024

/**
 * Deliveries that the door of this process committed a moment ago. They need not be read back; whether they still wait is asked when they are
 * written, because another process may have read them from the inbox meanwhile.
 */
export class Offered {
  #rows: readonly InboxRow[] = []
  #bytes = 0
  /** Read from the inbox by the last look: what is offered of these comes too late. */
  #read: ReadonlySet<number> = new Set()

  get size(): number {
    return this.#rows.length
  }

  /** False when they were too many: then none is kept, and the inbox has to be looked into. */
  add(rows: readonly InboxRow[]): boolean {
    const more = rows.filter(({ rawId }) => !this.#read.has(rawId))
    this.#keep([...this.#rows, ...more])
    if (this.#rows.length <= MOST_ROWS && this.#bytes <= MOST_BYTES) return true
    this.#keep([])
    return false
  }

  take(limit: number): readonly InboxRow[] {
    const taken = this.#rows.slice(0, limit)
    this.#keep(this.#rows.slice(limit))
    return taken
  }

  /** These come from the inbox: they are not taken from here besides. */
  forget(rows: readonly InboxRow[]): void {
    this.#read = new Set(rows.map(({ rawId }) => rawId))
    if (this.#rows.length > 0) this.#keep(this.#rows.filter(({ rawId }) => !this.#read.has(rawId)))
  }

  #keep(rows: readonly InboxRow[]): void {
    this.#rows = rows
    this.#bytes = rows.reduce((sum, { body }) => sum + body.byteLength, 0)
  }
}
