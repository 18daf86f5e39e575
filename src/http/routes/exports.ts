import { z } from 'zod'
import { openParties } from '../../store/read/raw.ts'
import { type OrderStream, type StreamedRow, openExport, openSnapshot } from '../../store/read/stream-orders.ts'
import type { AppDeps } from '../deps.ts'
import { flag, line, nothing } from '../fields.ts'
import { csvHeader, ordersCsv } from '../order-csv.ts'
import { orderFilter, orderFilterFields } from '../order-query.ts'
import { notePii, wantsPii } from '../pii-access.ts'
import { type Route, route } from '../route.ts'
import { splicePii } from '../splice-pii.ts'
import { streamText } from '../stream-lines.ts'
import { consumerName, feedReader } from './changes.ts'

const NDJSON = 'application/x-ndjson; charset=utf-8'

const snapshot = route({
  method: 'get',
  path: '/v1/snapshot',
  tag: 'Feed',
  summary: 'The whole state as NDJSON: first the feed position it stands for, last a line with the counts',
  scope: 'feed:read',
  audit: 'feed.snapshot',
  params: nothing,
  body: nothing,
  query: z.strictObject({ consumer: consumerName.optional(), include_sandbox: flag.optional(), pii: flag.optional(), purpose: line(200).optional() }),
  answer: z.string(),
  produces: 'application/x-ndjson',
  async handle({ deps, who, query, note }) {
    note({ consumer: query.consumer ?? null, pii: query.pii === true })
    const clear = wantsPii(who, query)
    const reader = await feedReader(deps, who, query)
    if (clear) await notePii(deps, who, query.purpose, 'snapshot', 'all')
    const scope = { visible: who.connections, connections: reader.connections, includeSandbox: reader.includeSandbox }
    return streamed(
      deps.gates.stream(who.actor),
      () => openSnapshot(deps.pool, scope),
      (stream) => snapshotLines(deps, stream, clear),
      { 'content-type': NDJSON },
    )
  },
})

/** A stream from its beginning to its end; one that cannot be opened gives its place back. */
async function streamed(
  ended: () => void,
  open: () => Promise<OrderStream>,
  lines: (stream: OrderStream) => AsyncGenerator<string>,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  try {
    return streamText(lines(await open()), headers, ended)
  } catch (error) {
    ended()
    throw error
  }
}

async function* snapshotLines(deps: AppDeps, stream: OrderStream, clear: boolean): AsyncGenerator<string> {
  let orders = 0
  let refunds = 0
  yield `{"feed_position":${stream.position}}\n`
  for await (const rows of stream.batches) {
    const count = rows.filter((row) => row.order_id !== null).length
    orders += count
    refunds += rows.length - count
    yield clear ? await clearLines(deps, rows) : rows.map((row) => `${row.json}\n`).join('')
  }
  yield `{"end":true,"orders":${orders},"refunds":${refunds}}\n`
}

async function clearLines(deps: AppDeps, rows: readonly StreamedRow[]): Promise<string> {
  const parties = await openParties(
    deps.pool,
    deps.keys,
    rows.flatMap((row) => row.order_id ?? []),
  )
  return rows.map((row) => `${splicePii(row.json, row.order_id === null ? undefined : (parties.get(row.order_id) ?? {}))}\n`).join('')
}

const exportOrders = route({
  method: 'get',
  path: '/v1/orders.ndjson',
  tag: 'Orders',
  summary: 'Orders of a filter as NDJSON, or as CSV with one row per line',
  scope: 'orders:read',
  audit: 'orders.export',
  params: nothing,
  body: nothing,
  query: z.strictObject({ ...orderFilterFields, format: z.enum(['ndjson', 'csv']).optional() }),
  answer: z.string(),
  produces: 'application/x-ndjson',
  async handle({ deps, who, query, note }) {
    note({ format: query.format ?? 'ndjson', filter: Object.keys(query) })
    const { format = 'ndjson', ...filter } = query
    const chosen = orderFilter(filter, deps.now())
    const asCsv = { 'content-type': 'text/csv; charset=utf-8', 'content-disposition': 'attachment; filename="orders.csv"' }
    return streamed(
      deps.gates.stream(who.actor),
      () => openExport(deps.pool, chosen, who.connections),
      format === 'csv' ? csvLines : jsonLines,
      format === 'csv' ? asCsv : { 'content-type': NDJSON },
    )
  },
})

async function* jsonLines(stream: OrderStream): AsyncGenerator<string> {
  for await (const rows of stream.batches) yield rows.map((row) => `${row.json}\n`).join('')
}

async function* csvLines(stream: OrderStream): AsyncGenerator<string> {
  yield csvHeader()
  for await (const rows of stream.batches) yield ordersCsv(rows.map((row) => row.json))
}

export const exportRoutes: readonly Route[] = [snapshot, exportOrders]
