import type pg from 'pg'
import type { Cursor } from '../core/connector.ts'
import type { Fault } from '../core/fault.ts'

/** How far one stream of one connection has been read. Backfills keep rows of their own (`backfill/<job>`). */
export interface StreamState {
  readonly watermark?: string
  readonly window?: { readonly from: string; readonly to: string }
  readonly cursor?: Cursor
  readonly lastSuccessAt?: string
  readonly faultsInRow: number
}

interface Row {
  readonly watermark: string | null
  readonly window_from: string | null
  readonly window_to: string | null
  readonly cursor: Cursor | null
  readonly last_success_at: string | null
  readonly faults_in_row: number
}

export async function loadStream(pool: pg.Pool, connectionId: string, stream: string): Promise<StreamState> {
  const {
    rows: [row],
  } = await pool.query<Row>('select * from streams where connection_id = $1 and stream = $2', [connectionId, stream])
  if (!row) return { faultsInRow: 0 }
  return {
    faultsInRow: row.faults_in_row,
    ...(row.watermark !== null && { watermark: row.watermark }),
    ...(row.window_from !== null && row.window_to !== null && { window: { from: row.window_from, to: row.window_to } }),
    ...(row.cursor !== null && { cursor: row.cursor }),
    ...(row.last_success_at !== null && { lastSuccessAt: row.last_success_at }),
  }
}

export interface PageCommit {
  readonly connectionId: string
  readonly stream: string
  readonly window?: { readonly from: string; readonly to: string }
  /** null = the window is complete: its end becomes the watermark. */
  readonly cursor: Cursor | null
  readonly seen: number
  readonly unchanged: number
}

/** Advances the cursor and counts the page, in the transaction that stores the page (I1, I2). */
export async function commitPage(client: pg.PoolClient, page: PageCommit): Promise<void> {
  const done = page.cursor === null
  await client.query(
    `with counted as (
       insert into pull_pages (connection_id, stream, window_from, window_to, seen, unchanged, appended) values ($1, $2, $3, $4, $6, $7, $6::int - $7::int))
     insert into streams (connection_id, stream, window_from, window_to, cursor, watermark, last_success_at, last_record_at)
     values ($1, $2, case when $8 then null else $3::timestamptz end, case when $8 then null else $4::timestamptz end, $5::json, case when $8 then $4::timestamptz end, now(), case when $6 > 0 then now() end)
     on conflict (connection_id, stream) do update set window_from = excluded.window_from, window_to = excluded.window_to, cursor = excluded.cursor,
       watermark = greatest(coalesce(excluded.watermark, streams.watermark), streams.watermark), last_success_at = now(),
       last_record_at = coalesce(excluded.last_record_at, streams.last_record_at), last_fault = null, faults_in_row = 0`,
    [
      page.connectionId,
      page.stream,
      page.window?.from ?? null,
      page.window?.to ?? null,
      page.cursor === null ? null : JSON.stringify(page.cursor),
      page.seen,
      page.unchanged,
      done,
    ],
  )
}

/** Starts a stream at a given time, only where it has no position yet. */
export async function startStream(pool: pg.Pool, connectionId: string, stream: string, watermark: string): Promise<void> {
  await pool.query(
    `insert into streams (connection_id, stream, watermark) values ($1, $2, $3)
     on conflict (connection_id, stream) do update set watermark = coalesce(streams.watermark, excluded.watermark)`,
    [connectionId, stream, watermark],
  )
}

export async function noteStreamFault(pool: pg.Pool, connectionId: string, stream: string, fault: Fault): Promise<number> {
  const {
    rows: [row],
  } = await pool.query<{ faults_in_row: number }>(
    `insert into streams (connection_id, stream, last_fault, last_fault_at, faults_in_row) values ($1, $2, $3, now(), 1)
     on conflict (connection_id, stream) do update set last_fault = excluded.last_fault, last_fault_at = now(), faults_in_row = streams.faults_in_row + 1
     returning faults_in_row`,
    [connectionId, stream, JSON.stringify(fault)],
  )
  return row?.faults_in_row ?? 1
}

/** Channel ids of finished orders placed within the last days, whose refunds may still come; oldest look first. */
export async function finishedOrderIds(pool: pg.Pool, connectionId: string, days: number, limit: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ external_id: string }>(
    `select external_id from orders where connection_id = $1 and (closed or cancelled) and placed_at > now() - make_interval(days => $2)
     order by read_started_at limit $3`,
    [connectionId, days, limit],
  )
  return rows.map((row) => row.external_id)
}

/** Channel ids of orders that may still change without the channel's change time moving, oldest look first. */
export async function openOrderIds(pool: pg.Pool, connectionId: string, limit: number): Promise<readonly string[]> {
  const { rows } = await pool.query<{ external_id: string }>(
    `select external_id from orders where connection_id = $1 and not closed and not cancelled order by read_started_at limit $2`,
    [connectionId, limit],
  )
  return rows.map((row) => row.external_id)
}
