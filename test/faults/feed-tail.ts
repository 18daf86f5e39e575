import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'

/** A consumer that reads the feed all the time, from position to position: what it has passed over it never sees again. */
export class FeedTail {
  readonly #pool: pg.Pool
  readonly #seen = new Set<number>()
  #after = 0
  #stopped = false
  #running: Promise<void> | undefined

  constructor(pool: pg.Pool) {
    this.#pool = pool
  }

  start(): void {
    this.#running ??= this.#run()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    await this.#running
  }

  /** Committed rows it passed over, after it has read to the end. */
  async missed(): Promise<readonly number[]> {
    if (this.#running === undefined) return []
    while ((await this.#read()) > 0);
    const { rows } = await this.#pool.query<{ seq: number }>('select seq from feed order by seq')
    return rows.map((row) => row.seq).filter((seq) => !this.#seen.has(seq))
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      // A database that is down is asked again: the position is the consumer's own.
      const read = await this.#read().catch(() => 0)
      if (read === 0) await sleep(15)
    }
  }

  async #read(): Promise<number> {
    const { rows } = await this.#pool.query<{ seq: number }>('select seq from feed where seq > $1 order by seq limit 1000', [this.#after])
    for (const { seq } of rows) this.#seen.add(seq)
    this.#after = rows.at(-1)?.seq ?? this.#after
    return rows.length
  }
}
