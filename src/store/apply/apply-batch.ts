import type pg from 'pg'
import { isDataError, withStatement, withTx } from '../db.ts'
import { finishSelect } from '../finish.ts'
import { deleteInbox, stillWait, tryShards } from '../raw/inbox.ts'
import { DISPOSE_MANY, GATE, REPLAY_DISPOSE, REPLAY_GATE } from './gate.ts'
import type { PreparedRaw } from './rows.ts'
import { COUNTS, UNSTORED, type Counts } from './counts.ts'
import { APPLY_STAGED, applySmall, FINISH_FRESH, FINISH_SMALL, settleSmall, SMALL_BATCH, WRITE_FRESH, type Settled } from './small-batch.ts'
import { countStaged, ensureStaging, stage, tidyStaging } from './staging.ts'
import { mayStageAhead, type Turn } from './turn.ts'
import { drawIds, encodeFresh, FreshTables, isFresh, writeFresh } from './write-fresh.ts'
import { WRITE_MANY_ORDERS } from './write-orders.ts'
import { FEED_ROWS, WRITE_FAILURES, WRITE_LEVELS, WRITE_REFUNDS } from './write-rest.ts'

export interface ApplyOptions {
  /** replay = re-apply what stands now instead of judging newness. */
  readonly mode?: 'live' | 'replay'
  /**
   * Runs inside the transaction before the feed rows: cursor, inbox rows, page counts. One or few statements. Told how many
   * documents of the batch were not archived because these bytes stand already.
   */
  readonly alongside?: (client: pg.PoolClient, unstored: number) => Promise<void>
  /** Taken first; when it answers false nothing is done (another worker drains this shard). */
  readonly lock?: (client: pg.PoolClient) => Promise<boolean>
  /** The deliveries it settles: their shards are locked like `lock`, their inbox rows go after `alongside`. */
  readonly inbox?: Settled
  /** In a queue of batches, its place. Not together with `lock` and `inbox`. */
  readonly turn?: Turn
}

export interface ApplyResult {
  readonly locked: boolean
  readonly created: number
  readonly changed: number
  readonly unchanged: number
  readonly held: number
  readonly ignored: number
  readonly superseded: number
  /** Documents that were not archived because these bytes stand already. */
  readonly unstored: number
  /** Skus whose reservations moved: somebody may want to push. */
  readonly movedStock: boolean
}

const NOTHING: ApplyResult = {
  locked: true,
  created: 0,
  changed: 0,
  unchanged: 0,
  held: 0,
  ignored: 0,
  superseded: 0,
  unstored: 0,
  movedStock: false,
}

/**
 * Applies one prepared batch in one transaction and one write order: raw head → orders → stock → dirty listings → feed.
 * Every multi-row write is sorted by key, so overlapping batches never deadlock. The batch must name each entity
 * (connection, kind, external id) at most once. Idempotent: the same batch again changes nothing.
 */
export async function applyBatch(pool: pg.Pool, batch: readonly PreparedRaw[], options: ApplyOptions = {}): Promise<ApplyResult> {
  const { turn, inbox } = options
  const small = batch.length <= SMALL_BATCH && options.mode !== 'replay'
  if (inbox && small && batch.length > 0 && !options.lock && !options.alongside) return settle(pool, batch, inbox)
  if (turn) await mayStageAhead(pool, turn)
  if (!inbox && options.mode !== 'replay' && isFresh(batch)) {
    try {
      return await applyFresh(pool, batch, options)
    } catch (error) {
      if (!isDataError(error)) throw error // else something of it stands, or is no value: it is judged like any other
    }
  }
  return withTx(
    pool,
    async (client) => {
      if (options.lock && !(await options.lock(client))) return { ...NOTHING, locked: false }
      if (inbox && !((await tryShards(client, inbox.shards)) && (await stillWait(client, inbox.waiting)))) return { ...NOTHING, locked: false }
      if (batch.length === 0) {
        await besides(client, options, 0)
        return NOTHING
      }
      if (small && !turn) return writeSmall(client, batch, options)
      if (!turn) await stage(client, batch)
      return write(client, small, options)
    },
    async (client) => {
      if (batch.length > 0) {
        await ensureStaging(client)
        // Outside the transaction: what waits for the batch before it must not keep one open.
        if (turn) await stage(client, batch)
      }
      await turn?.before
    },
  )
}

/** Documents nothing of which stands, written straight. Fails with a data error when something does; then nothing was done. */
async function applyFresh(pool: pg.Pool, batch: readonly PreparedRaw[], options: ApplyOptions): Promise<ApplyResult> {
  let tables = new FreshTables()
  return withTx(
    pool,
    async (client) => {
      if (options.lock && !(await options.lock(client))) return { ...NOTHING, locked: false }
      await writeFresh(client, tables, WRITE_FRESH)
      await besides(client, options, 0)
      return resultOf(lastRow<Counts>(await finishSelect(client, undefined, FINISH_FRESH)))
    },
    async (client) => {
      await ensureStaging(client)
      const ids = await drawIds(client, batch)
      await stage(client, batch, (rows, raw, i) => rows.addFresh(raw, i, ids[i] ?? { rawId: 0 }))
      tables = await encodeFresh(batch, ids)
      await options.turn?.before
    },
  )
}

/** A small batch of deliveries with nothing besides: one message. */
async function settle(pool: pg.Pool, batch: readonly PreparedRaw[], inbox: Settled): Promise<ApplyResult> {
  const counts = await withStatement(
    pool,
    (client) => {
      countStaged(client, batch.length)
      return settleSmall(client, batch, inbox)
    },
    ensureStaging,
    tidied,
  )
  return counts ? resultOf(counts) : { ...NOTHING, locked: false }
}

/** Between two batches: gives back room, and has the plans that were thrown away by it made again, by a batch of nothing, before anybody waits for them. */
async function tidied(client: pg.PoolClient): Promise<void> {
  if (await tidyStaging(client)) await settleSmall(client, [], { shards: [], waiting: [], rawIds: [] })
}

/** What is staged becomes rows, in three messages: everything up to the caller's own rows, these, and the rest with COMMIT. */
async function write(client: pg.PoolClient, small: boolean, options: ApplyOptions): Promise<ApplyResult> {
  const replay = options.mode === 'replay'
  const large =
    (replay ? REPLAY_GATE : GATE) + WRITE_MANY_ORDERS + WRITE_REFUNDS + (replay ? REPLAY_DISPOSE : DISPOSE_MANY) + WRITE_FAILURES + UNSTORED
  const unstored = lastRow<{ n: number }>(await client.query(small ? APPLY_STAGED : large))
  await besides(client, options, unstored?.n ?? 0)
  const counts = small ? await finishSelect(client, undefined, FINISH_SMALL) : await finishSelect(client, FEED_ROWS, `${WRITE_LEVELS} ${COUNTS};`)
  return resultOf(lastRow<Counts>(counts))
}

/** The same for a small batch, which is staged by its first message. */
async function writeSmall(client: pg.PoolClient, batch: readonly PreparedRaw[], options: ApplyOptions): Promise<ApplyResult> {
  countStaged(client, batch.length)
  await besides(client, options, await applySmall(client, batch))
  return resultOf(lastRow<Counts>(await finishSelect(client, undefined, FINISH_SMALL)))
}

async function besides(client: pg.PoolClient, { alongside, inbox }: ApplyOptions, unstored: number): Promise<void> {
  await alongside?.(client, unstored)
  if (inbox && inbox.rawIds.length > 0) await deleteInbox(client, inbox.rawIds)
}

function resultOf(counts: Counts | undefined): ApplyResult {
  if (!counts) return NOTHING
  const { moved, ...rest } = counts
  return { locked: true, ...rest, movedStock: moved }
}

/** Several statements in one message have several results, which the driver's types do not know. */
const lastRow = <Row extends pg.QueryResultRow>(results: unknown): Row | undefined => {
  const last = (Array.isArray(results) ? results.at(-1) : results) as pg.QueryResult<Row> | undefined
  return last?.rows[0]
}
