import type pg from 'pg'
import type { Cell, Columns } from '../copy.ts'
import { feedStatements } from '../finish.ts'
import { deleteInboxSql, stillWaitSql, tryShardsSql } from '../raw/inbox.ts'
import { COUNTS, UNSTORED, type Counts } from './counts.ts'
import { DISPOSE, GATE } from './gate.ts'
import type { PreparedRaw } from './rows.ts'
import { ARCHIVED, BODY, DOC, FACT, FAILURE, HOLD, LINE, ORDER, PARTY, REFUND } from './staged-columns.ts'
import { StagedRows } from './staged-rows.ts'
import { WRITE_ORDERS, WRITE_PARTS } from './write-orders.ts'
import { FEED_ROWS, PERFORM_LEVELS, WRITE_FAILURES, WRITE_REFUNDS } from './write-rest.ts'

/**
 * Up to this many documents the writing statements run from functions of the session, which keep their plans: planning some
 * forty statements costs more than running them on a few rows. Larger batches that are judged are planned anew, for their own size.
 */
export const SMALL_BATCH = 50

type Rows = readonly (readonly Cell[])[]
type SmallRows = StagedRows<(readonly Cell[])[]>

/** What one batch is sent as: a list of records for each table. */
const STAGED: readonly (readonly [string, Columns, (rows: SmallRows) => Rows])[] = [
  ['s_raw', ARCHIVED, (rows) => [...rows.raw, ...rows.archived]],
  ['s_body', BODY, (rows) => rows.body],
  ['s_doc', DOC, (rows) => rows.doc.map(([i, doc]) => [i, String(doc)])],
  ['s_order', ORDER, (rows) => rows.order],
  ['s_line', LINE, (rows) => rows.line],
  ['s_fact', FACT, (rows) => rows.fact],
  ['s_hold', HOLD, (rows) => rows.hold],
  ['s_party', PARTY, (rows) => rows.party],
  ['s_refund', REFUND, (rows) => rows.refund],
  ['s_failure', FAILURE, (rows) => rows.failure],
]

/** A name may mean an output column of the function and a column of a table: the table's is meant. */
const body = (statements: string, settings: string): string =>
  `language plpgsql ${settings} as $apply$ #variable_conflict use_column begin ${statements} end $apply$;`
/** A few rows are looked up through indexes; hashing the ten thousand rows beside them is what a plan made for unknown numbers would do. */
const smallBody = (statements: string): string => body(statements, 'set enable_hashjoin = off set enable_mergejoin = off')
/** Planned for as many rows as lie there at the first call, and again once the staging tables gave back their room. */
const largeBody = (statements: string): string => body(statements, '')

/** Reads one parameter into its staging table. A raw event without an id gets one from the sequence. */
const filled = ([table, columns]: (typeof STAGED)[number], at: number): string => {
  const names = Object.keys(columns)
  const values = names.map((name) =>
    name === 'meta' ? "(meta #>> '{}')::json" : name === 'raw_id' ? `coalesce(raw_id, nextval('raw_events_id_seq'))` : name,
  )
  return `if $${at + 1} is not null then insert into ${table} (${names.join(',')}) select ${values.join(',')} from json_populate_recordset(null::pg_temp.${table}, $${at + 1}); end if;`
}

/** Most batches bring no refund and meet none: one look saves eight statements. */
const MEETS_REFUND = `exists (select 1 from s_refund) or exists (select 1 from s_applied a join refunds f on f.order_id = a.order_id)
  or exists (select 1 from s_applied a join orders o on o.id = a.order_id join refunds f on f.connection_id = o.connection_id and f.channel_order_no = o.channel_order_no where f.order_id is null)
  or exists (select 1 from s_applied a join orders o on o.id = a.order_id join refunds f on f.connection_id = o.connection_id and f.order_external_id = o.external_id where f.order_id is null)`

const REFUNDS = `if ${MEETS_REFUND} then ${WRITE_REFUNDS} end if;`
const APPLY = `${GATE} ${WRITE_ORDERS} ${REFUNDS} ${DISPOSE} ${WRITE_FAILURES}`
const FINISH = `${PERFORM_LEVELS} return query ${COUNTS}; ${feedStatements(FEED_ROWS).replace(/^select/, 'perform')}`
const TYPES = STAGED.map(() => 'json').join(',')
const parameters = (first: number): string => STAGED.map((_, at) => `$${first + at}`).join(',')
const COUNTED = 'returns table (created int, changed int, unchanged int, held int, ignored int, superseded int, unstored int, moved boolean)'

/** `settle_small` is a whole transaction: locks the shards, sees that nobody was faster, writes, takes the deliveries from the inbox; COMMIT follows its feed rows at once. */
const FUNCTIONS = `
create or replace function pg_temp.apply_staged() returns int ${smallBody(`${APPLY} return (${UNSTORED});`)}
create or replace function pg_temp.apply_small(${TYPES}) returns int ${smallBody(`perform pg_temp.clear_staging(); ${STAGED.map(filled).join('\n')} return pg_temp.apply_staged();`)}
create or replace function pg_temp.finish_small() ${COUNTED} ${smallBody(FINISH)}
create or replace function pg_temp.settle_small(int[], bigint[], bigint[], ${TYPES}) ${COUNTED}
  ${smallBody(`if not (${tryShardsSql('$1')}) then return; end if; if not (${stillWaitSql('$2')}) then return; end if;
    perform pg_temp.apply_small(${parameters(4)}); ${deleteInboxSql('$3')}; return query select * from pg_temp.finish_small();`)}
create or replace function pg_temp.write_fresh() returns void ${largeBody(`${WRITE_PARTS} ${REFUNDS} ${WRITE_FAILURES}`)}
create or replace function pg_temp.finish_fresh() ${COUNTED} ${largeBody(FINISH)}
`

/** Makes the functions of this session; once, after its staging tables. */
export const createFunctions = (client: pg.PoolClient): Promise<unknown> => client.query(FUNCTIONS)

const sent = (batch: readonly PreparedRaw[]): readonly (string | null)[] => {
  const rows: SmallRows = new StagedRows(() => [])
  batch.forEach((raw, i) => rows.add(raw, i))
  return STAGED.map(([, columns, of]) => parameter(columns, of(rows)))
}

/** Stages and writes a small batch in one message. Answers how many documents were not archived because these bytes stand already. */
export async function applySmall(client: pg.PoolClient, batch: readonly PreparedRaw[]): Promise<number> {
  const answer = await client.query<{ n: number }>({ name: 'apply-small', text: APPLY_SMALL, values: [...sent(batch)] })
  return answer.rows[0]?.n ?? 0
}

const APPLY_SMALL = `select pg_temp.apply_small(${parameters(1)}) as n`
const SETTLE_SMALL = `select * from pg_temp.settle_small($1, $2, $3, ${parameters(4)})`

/** Deliveries that a batch settles. */
export interface Settled {
  /** Locked first, all of them or none. */
  readonly shards: readonly number[]
  /** Have to wait in the inbox still, all of them, or nothing is done. */
  readonly waiting: readonly number[]
  /** Taken from the inbox with the batch. */
  readonly rawIds: readonly number[]
}

/** The whole transaction of a small batch of deliveries in one message. Undefined when somebody else drains one of the shards, or did. */
export async function settleSmall(
  client: pg.PoolClient,
  batch: readonly PreparedRaw[],
  { shards, waiting, rawIds }: Settled,
): Promise<Counts | undefined> {
  const answer = await client.query<Counts>({ name: 'settle-small', text: SETTLE_SMALL, values: [shards, waiting, rawIds, ...sent(batch)] })
  return answer.rows[0]
}

/** For a small batch that is staged already; `n` as `applySmall` answers it. */
export const APPLY_STAGED = 'select pg_temp.apply_staged() as n'
/** Reservations, counts and the feed; COMMIT goes in the same message. */
export const FINISH_SMALL = 'select * from pg_temp.finish_small();'
/** The same two for a large batch of documents whose own rows stand. */
export const WRITE_FRESH = 'select pg_temp.write_fresh();'
export const FINISH_FRESH = 'select * from pg_temp.finish_fresh();'

function parameter(columns: Columns, rows: Rows): string | null {
  if (rows.length === 0) return null
  const names = Object.keys(columns)
  return JSON.stringify(rows.map((row) => Object.fromEntries(names.map((name, at) => [name, sendable(row[at])]))))
}

/** No text of the database holds NUL or half a surrogate pair; in JSON both would be refused where COPY takes or replaces them. */
const UNFIT = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g

/** What no text with an unfit unit lacks: one fast look instead of a slow one at nearly every text. */
const SUSPECT = /[\0\uD800-\uDFFF]/

function sendable(cell: Cell): Cell {
  if (Buffer.isBuffer(cell)) return `\\x${cell.toString('hex')}`
  return typeof cell === 'string' && SUSPECT.test(cell) ? cell.replace(UNFIT, (unit) => (unit === '\0' ? '' : '\uFFFD')) : cell
}
