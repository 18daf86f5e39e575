import type pg from 'pg'
import { withTx } from '../db.ts'
import { finishSelect } from '../finish.ts'
import { DISPOSE, GATE, REPLAY_DISPOSE, REPLAY_GATE } from './gate.ts'
import type { PreparedRaw } from './rows.ts'
import { APPLY_SMALL, APPLY_SMALL_STOCK, SMALL_BATCH } from './small-batch.ts'
import { ensureStaging, stage } from './staging.ts'
import { mayStageAhead, type Turn } from './turn.ts'
import { WRITE_ORDERS } from './write-orders.ts'
import { FEED_ROWS, WRITE_FAILURES, WRITE_REFUNDS, WRITE_STOCK } from './write-rest.ts'

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
  /** In a queue of batches, its place. Not together with `lock`. */
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

const COUNTS = `select
  (select count(*) from s_applied where inserted)::int as created,
  (select count(*) from s_applied where not inserted)::int as changed,
  (select count(*) from s_raw where same or (won and order_id is not null and result = 'order' and i not in (select i from s_applied)))::int as unchanged,
  (select count(*) from s_raw where won and result = 'held')::int as held,
  (select count(*) from s_raw where won and result = 'ignored')::int as ignored,
  (select count(*) from s_raw where not won and not same)::int as superseded,
  (select count(*) from s_raw where same and not archived)::int as unstored,
  exists (select 1 from s_stock) as moved`

/**
 * Applies one prepared batch in one transaction and one write order: raw head → orders → stock → dirty listings → feed.
 * Every multi-row write is sorted by key, so overlapping batches never deadlock. The batch must name each entity
 * (connection, kind, external id) at most once. Idempotent: the same batch again changes nothing.
 */
export async function applyBatch(pool: pg.Pool, batch: readonly PreparedRaw[], options: ApplyOptions = {}): Promise<ApplyResult> {
  const { turn } = options
  if (turn) await mayStageAhead(pool, turn)
  return withTx(
    pool,
    async (client) => {
      if (options.lock && !(await options.lock(client))) return { ...NOTHING, locked: false }
      if (batch.length === 0) {
        await options.alongside?.(client, 0)
        return NOTHING
      }
      if (!turn) await stage(client, batch)
      return write(client, batch.length, options)
    },
    async (client) => {
      await ensureStaging(client)
      if (!turn) return
      // Outside the transaction: what waits for the batch before it must not keep one open.
      if (batch.length > 0) await stage(client, batch)
      turn.staged()
      await turn.before
    },
  )
}

/** What is staged becomes rows, in three messages: everything up to the caller's own rows, these, and the rest with COMMIT. */
async function write(client: pg.PoolClient, length: number, { mode, alongside }: ApplyOptions): Promise<ApplyResult> {
  const replay = mode === 'replay'
  const small = !replay && length <= SMALL_BATCH
  const large = (replay ? REPLAY_GATE : GATE) + WRITE_ORDERS + WRITE_REFUNDS + (replay ? REPLAY_DISPOSE : DISPOSE) + WRITE_FAILURES
  const unstored = lastRow<{ n: number }>(await client.query(`${small ? APPLY_SMALL : large} ${UNSTORED}`))
  if (alongside) await alongside(client, unstored?.n ?? 0)
  const counts = lastRow<Counts>(await finishSelect(client, FEED_ROWS, `${small ? APPLY_SMALL_STOCK : WRITE_STOCK} ${COUNTS};`))
  if (!counts) return NOTHING
  const { moved, ...rest } = counts
  return { locked: true, ...rest, movedStock: moved }
}

type Counts = Omit<ApplyResult, 'locked' | 'movedStock'> & { readonly moved: boolean }

const UNSTORED = 'select count(*)::int as n from s_raw where same and not archived'

/** Several statements in one message have several results, which the driver's types do not know. */
const lastRow = <Row extends pg.QueryResultRow>(results: unknown): Row | undefined => {
  const last = (Array.isArray(results) ? results.at(-1) : results) as pg.QueryResult<Row> | undefined
  return last?.rows[0]
}
