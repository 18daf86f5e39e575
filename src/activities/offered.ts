import type { ArrivingRow, Arrival } from '../intake/receive-hook.ts'
import type { InboxRow } from '../store/raw/inbox.ts'

/** What is more than this stands in the inbox, and is read from there in larger steps. */
const MOST_ROWS = 200
const MOST_BYTES = 8 * 1024 * 1024

interface Entry {
  readonly row: ArrivingRow
  readonly place: number
  readonly flight: Flight
}

/** Deliveries that are committed together. */
interface Flight {
  readonly ids: Promise<readonly number[] | undefined>
  committed: boolean
}

/**
 * Deliveries that the door of this process is committing or just has. They need not be read back; whether they still wait is asked when they are
 * written, because another process may have read them from the inbox meanwhile.
 */
export class Offered {
  #entries: readonly Entry[] = []
  #bytes = 0

  get size(): number {
    return this.#entries.length
  }

  /** False when they were too many: then none is kept, and the inbox has to be looked into. */
  add({ rows, ids }: Arrival): boolean {
    const flight: Flight = { committed: false, ids: ids.catch(() => undefined) } // who waits at the door hears of it
    void flight.ids.then(() => (flight.committed = true))
    this.#keep([...this.#entries, ...rows.map((row, place) => ({ row, place, flight }))])
    if (this.#entries.length <= MOST_ROWS && this.#bytes <= MOST_BYTES) return true
    this.#keep([])
    return false
  }

  take(limit: number): Arrived {
    const taken = this.#entries.slice(0, limit)
    this.#keep(this.#entries.slice(limit))
    return new Arrived(taken)
  }

  /** Call before the inbox is read: what stands in it already is not taken from here besides. */
  leaveToInbox(): void {
    if (this.#entries.length > 0) this.#keep(this.#entries.filter(({ flight }) => !flight.committed))
  }

  #keep(entries: readonly Entry[]): void {
    this.#entries = entries
    this.#bytes = entries.reduce((sum, { row }) => sum + row.body.byteLength, 0)
  }
}

/** Deliveries to be worked on while they are committed: until then their ids are numbers below zero, which stand for nothing. */
export class Arrived {
  readonly rows: readonly InboxRow[]
  readonly #entries: readonly Entry[]

  constructor(entries: readonly Entry[]) {
    this.#entries = entries
    this.rows = entries.map(({ row }, at) => ({ ...row, rawId: -1 - at }))
  }

  /** Id in place of each of these numbers, once all are committed; undefined when some never will be, or not within `ms`. */
  async numbered(ms: number): Promise<ReadonlyMap<number, number> | undefined> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), ms)
    })
    try {
      return await Promise.race([this.#ids(), late])
    } finally {
      clearTimeout(timer)
    }
  }

  async #ids(): Promise<ReadonlyMap<number, number> | undefined> {
    const ids = new Map<number, number>()
    for (const [at, { flight, place }] of this.#entries.entries()) {
      const id = (await flight.ids)?.[place]
      if (id === undefined) return undefined
      ids.set(-1 - at, id)
    }
    return ids
  }
}
