import type pg from 'pg'

/** The place of a batch in a queue: it may be staged while the one before it is still being written. */
export interface Turn {
  /** Settles once the batch before is committed. When it failed this rejects, and nothing of the waiting batch is written. */
  readonly before: Promise<void>
}

const SPARE = 4
const waiting = new WeakSet<pg.Pool>()

/**
 * Call before a connection is taken that is kept while waiting for `before`. One batch of a pool may do that: the batch it waits
 * for may need a connection of its own (a retry, a halving), and with one waiter there always is one. All others wait without a connection.
 */
export async function mayStageAhead(pool: pg.Pool, { before }: Turn): Promise<void> {
  if (waiting.has(pool) || pool.options.max < SPARE) return before
  waiting.add(pool)
  const free = (): unknown => waiting.delete(pool)
  before.then(free, free)
}
