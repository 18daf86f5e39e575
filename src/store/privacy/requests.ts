import type pg from 'pg'
import type { PrivacyNotice } from '../../core/webhook.ts'
import type { Visible } from '../read/scope.ts'
import { eraseOrders } from './erase.ts'
import { type PersonOrder, ORDER_OF_PERSON } from './find-person.ts'

type Db = Pick<pg.Pool, 'query'>

/** What a channel asks about personal data, as it waits for a person. No contact stands in it: the document that carries one stays sealed. */
export interface PrivacyRequest {
  readonly id: string
  readonly connection_id: string
  readonly connection: string
  readonly ask: PrivacyNotice['ask']
  /** The channel's own number of it, where it has one. */
  readonly reference: string | null
  readonly received_at: string
  readonly due_at: string
  /** `confirmed` = orders under way follow when they are done. */
  readonly state: 'open' | 'confirmed' | 'done' | 'dismissed'
  readonly decided_by: string | null
  readonly decided_at: string | null
  readonly reason: string | null
  readonly done_at: string | null
  readonly erased: number
}

interface NotedRequest {
  readonly notice: PrivacyNotice
  readonly rawId: number
  readonly delivery: string
  readonly receivedAt: string
}

/** Days within which a channel wants an answer. Shopify: thirty. */
const DUE_DAYS = 30

/** Puts down what a channel asks; the same delivery again is the same request. */
export async function noteRequests(client: pg.ClientBase, connectionId: string, rows: readonly NotedRequest[]): Promise<void> {
  if (rows.length === 0) return
  await client.query(
    `insert into privacy_requests (connection_id, delivery, raw_id, ask, reference, external_ids, received_at, due_at)
     select $1, delivery, raw, ask, reference, coalesce(orders, '{}'), received, received + interval '${DUE_DAYS} days'
     from json_to_recordset($2::json) x(delivery text, raw bigint, ask text, reference text, orders text[], received timestamptz) order by raw on conflict do nothing`,
    [
      connectionId,
      JSON.stringify(
        rows.map(({ notice: { ask, reference, orders }, rawId: raw, delivery, receivedAt: received }) => ({
          ...{ delivery, raw, ask, orders, received },
          reference: reference ?? null,
        })),
      ),
    ],
  )
}

const COLUMNS = `r.id::text, r.connection_id, c.name as connection, r.ask, r.reference, r.received_at, r.due_at, r.state, r.decided_by, r.decided_at, r.reason, r.done_at, r.erased`

/** What waits first, by the day it is due; then what is settled, newest first. */
export async function listRequests(
  db: Db,
  visible: Visible,
  filter: { readonly id?: string; readonly limit: number },
): Promise<readonly PrivacyRequest[]> {
  const { rows } = await db.query<PrivacyRequest>(
    `select ${COLUMNS} from privacy_requests r join connections c on c.id = r.connection_id
     where ($1::text[] is null or r.connection_id = any($1)) and ($2::bigint is null or r.id = $2)
     order by r.state in ('open', 'confirmed') desc, case when r.state in ('open', 'confirmed') then r.due_at end, r.id desc limit $3`,
    [visible, filter.id ?? null, filter.limit],
  )
  return rows
}

const ORDERS_OF = `select ${ORDER_OF_PERSON} from privacy_requests r join orders o on o.connection_id = r.connection_id and (r.ask = 'erase-all' or o.external_id = any(r.external_ids))
  left join erasures e on e.order_id = o.id where r.id = $1`

/** Orders a request is about, those that are not erased first; at most `limit`. */
export async function ordersOfRequest(db: Db, id: string, limit: number): Promise<readonly PersonOrder[]> {
  const { rows } = await db.query<PersonOrder>(`${ORDERS_OF} order by e.order_id is not null, o.id limit $2`, [id, limit])
  return rows
}

/** A person decides: true where it was still open. */
export async function decideRequest(
  db: Db,
  id: string,
  decision: { readonly state: 'confirmed' | 'done' | 'dismissed'; readonly actor: string; readonly reason?: string; readonly now: Date },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update privacy_requests set state = $2, decided_by = $3, reason = $4, decided_at = $5, done_at = case when $2 <> 'confirmed' then $5::timestamptz end where id = $1 and state = 'open'`,
    [id, decision.state, decision.actor, decision.reason ?? null, decision.now],
  )
  if (rowCount === 1 && decision.state === 'done') await forgetNotice(db, id)
  return rowCount === 1
}

/** The document that asked names a person as well: it is of no more use. */
const forgetNotice = (db: Db, id: string): Promise<unknown> =>
  db.query(`update raw_events w set row_key = null, body = '', meta = null from privacy_requests r where r.id = $1 and w.id = r.raw_id`, [id])

const BATCH = 200

/** Erases the orders of a confirmed request that are done, at most `most` of them; it is settled when none is left. Answers how many were erased. */
export async function carryOut(
  pool: pg.Pool,
  id: string,
  { actor, now, most, stop = () => false }: { readonly actor: string; readonly now: Date; readonly most: number; readonly stop?: () => boolean },
): Promise<number> {
  let erased = 0
  while (erased < most && !stop()) {
    const { rows } = await pool.query<{ id: number }>(
      `select o.id from (${ORDERS_OF} and e.order_id is null) o where not o.open order by o.id limit $2`,
      [id, Math.min(BATCH, most - erased)],
    )
    if (rows.length === 0) break
    const ids = rows.map((row) => row.id)
    erased += await eraseOrders(pool, ids, { why: 'request', reference: caseOf(id), actor })
  }
  await pool.query('update privacy_requests set erased = erased + $2 where id = $1', [id, erased])
  const [left] = await ordersOfRequest(pool, id, 1)
  if (left === undefined || left.erased) {
    await pool.query(`update privacy_requests set state = 'done', done_at = $2 where id = $1 and state = 'confirmed'`, [id, now])
    await forgetNotice(pool, id)
  }
  return erased
}

/** The case's number, as the list of erasures and the audit log name it. */
export const caseOf = (id: string): string => `channel-request/${id}`

/**
 * Requests that are carried out without anybody: those a person confirmed while orders were under way, and, at connections that keep personal data
 * for a time only, those nobody decided about.
 */
export async function carryOutDue(pool: pg.Pool, now: Date, stop: () => boolean): Promise<number> {
  await pool.query(
    `update privacy_requests r set state = 'confirmed', decided_by = 'retention', decided_at = $1 from connections c
     where c.id = r.connection_id and c.pii_days is not null and r.state = 'open' and r.ask <> 'export'`,
    [now],
  )
  const { rows } = await pool.query<{ id: string }>(`select id::text from privacy_requests where state = 'confirmed' order by id`)
  let erased = 0
  for (const { id } of rows) if (!stop()) erased += await carryOut(pool, id, { actor: 'system', now, most: Infinity, stop })
  return erased
}
