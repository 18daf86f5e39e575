import { z } from 'zod'
import { RECIPIENT_PURPOSES } from '../../core/recipient.ts'
import { readOrder } from '../../store/read/order.ts'
import { type OrderSort, countOrders, listOrders, summariesById } from '../../store/read/orders.ts'
import { findByNumbers } from '../../store/read/find.ts'
import { openParties, openRaw, rawOfOrder } from '../../store/read/raw.ts'
import { ID, STAMP, decodeCursor, page } from '../cursor.ts'
import { cursor, flag, idParam, limit, line, listOf, money, nothing, record, rowId, text } from '../fields.ts'
import { maskRaw } from '../mask-raw.ts'
import { orderFilter, orderFilterFields } from '../order-query.ts'
import type { AppDeps } from '../deps.ts'
import { detailView, summaryView } from '../order-view.ts'
import { notePii, wantsPii } from '../pii-access.ts'
import { Problem, notFound } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'

export const orderSummary = z.looseObject({
  id: z.string(),
  connection_id: z.string(),
  channel: z.string(),
  channel_order_no: z.string(),
  label: z.object({ code: z.string(), params: record }),
  total: money,
  line_count: z.number(),
  unit_count: z.string(),
  placed_at: z.string(),
  version: z.number(),
  holds: z.array(z.string()),
  sandbox: z.boolean(),
})
const sorts = ['-placed_at', 'placed_at', '-updated_at', 'updated_at', 'ship_by'] as const satisfies readonly OrderSort[]
/** `infinity` stands for orders without a deadline. */
const SORT_VALUE = new RegExp(`${STAMP.source}|^infinity$`)

const list = route({
  method: 'get',
  path: '/v1/orders',
  tag: 'Orders',
  summary: 'Orders by filter, page by page',
  scope: 'orders:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ ...orderFilterFields, sort: z.enum(sorts).optional(), cursor, limit: limit(200, 50) }),
  answer: listOf(orderSummary),
  async handle({ deps, who, query }) {
    const { sort = '-placed_at', cursor: from, limit: size, ...filter } = query
    const after = from === undefined ? undefined : decodeCursor(from, sort, SORT_VALUE, ID)
    const rows = await listOrders(deps.pool, orderFilter(filter, deps.now()), who.connections, { sort, limit: size, after })
    const found = page(rows, size, (row) => ({ sort, value: row.sort_value ?? '', id: row.id }))
    return { ...found, items: found.items.map(summaryView) }
  },
})

const counts = route({
  method: 'get',
  path: '/v1/orders/counts',
  tag: 'Orders',
  summary: 'Orders per working list under the same filters (at most 10,000 each)',
  scope: 'orders:read',
  params: nothing,
  body: nothing,
  query: z.strictObject(orderFilterFields),
  answer: z.object({
    all: z.number(),
    open: z.number(),
    held: z.number(),
    to_ship: z.number(),
    shipped: z.number(),
    cancelled: z.number(),
    closed: z.number(),
  }),
  async handle({ deps, who, query }) {
    return countOrders(deps.pool, orderFilter(query, deps.now()), who.connections)
  },
})

const findMany = route({
  method: 'post',
  path: '/v1/orders/find',
  tag: 'Orders',
  summary: 'Up to 500 numbers or ids at once, and which of them the hub does not have',
  scope: 'orders:read',
  params: nothing,
  query: nothing,
  body: z.strictObject({ ids: z.array(text(100)).min(1).max(500) }),
  answer: z.object({ found: z.array(z.object({ query: z.string(), order: orderSummary })), missing: z.array(z.string()) }),
  async handle({ deps, who, body }) {
    const typed = [...new Set(body.ids.map((id) => id.trim()).filter((id) => id !== ''))]
    const hits = await findByNumbers(deps.pool, typed, who.connections)
    const orders = new Map((await summariesById(deps.pool, [...new Set([...hits.values()].flat())], who.connections)).map((row) => [row.id, row]))
    const found = typed.flatMap((query) =>
      (hits.get(query) ?? []).flatMap((id) => {
        const row = orders.get(id)
        return row === undefined ? [] : [{ query, order: summaryView(row) }]
      }),
    )
    return { found, missing: typed.filter((query) => !hits.has(query)) }
  },
})

const piiFields = { pii: flag.optional(), purpose: line(200).optional() } as const

const read = route({
  method: 'get',
  path: '/v1/orders/{id}',
  tag: 'Orders',
  summary: 'One order with everything around it',
  scope: 'orders:read',
  params: idParam,
  query: z.strictObject(piiFields),
  body: nothing,
  answer: z.looseObject({
    ...orderSummary.shape,
    doc: record,
    lines: z.array(record),
    nodes: z.array(z.object({ code: z.string(), at: z.string().nullable(), state: z.string() })),
  }),
  async handle({ deps, who, params, query }) {
    const clear = wantsPii(who, query)
    const row = await readOrder(deps.pool, params.id, who.connections)
    if (!row) throw notFound('order')
    const raw = await rawOfOrder(deps.pool, params.id)
    if (clear) await notePii(deps, who, query.purpose, `order/${params.id}`, [params.id])
    const pii = clear ? ((await openParties(deps.pool, deps.keys, [params.id])).get(params.id) ?? {}) : undefined
    return new Reply({ ...detailView(row, raw, pii), recipient_sealed: isSealed(deps, row) }, { headers: { etag: `"${row.version}"` } })
  },
})

const openRecipient = route({
  method: 'post',
  path: '/v1/orders/{id}/recipient',
  tag: 'Orders',
  summary: 'The recipient in clear, opened by the channel that sealed it; shown, never stored',
  scope: 'orders:read_pii',
  secretAnswer: true,
  params: idParam,
  query: nothing,
  body: z.strictObject({ purpose: z.enum(RECIPIENT_PURPOSES) }),
  answer: z.object({
    name: z.string().nullable(),
    phone: z.string().nullable(),
    address: z.string().nullable(),
    district: z.string().nullable(),
    city: z.string().nullable(),
    province: z.string().nullable(),
    is_virtual_phone: z.boolean(),
    valid_until: z.string().nullable(),
  }),
  async handle({ deps, who, params, body }) {
    const row = await readOrder(deps.pool, params.id, who.connections)
    if (!row) throw notFound('order')
    if (!isSealed(deps, row))
      throw new Problem(422, 'recipient-not-sealed', 'The recipient of this order is not sealed by its channel: read the order with pii=true.')
    const document = await openRaw(deps.pool, deps.keys, params.id, row.raw_id)
    if (!document) throw notFound('document')
    await notePii(deps, who, body.purpose, `order/${params.id}/recipient`, [params.id])
    const opened = await deps.control.decryptRecipient(row.connection_id, {
      orderId: row.external_id,
      channelOrderNo: row.channel_order_no,
      document: document.text,
      purpose: body.purpose,
    })
    return {
      name: opened.name ?? null,
      phone: opened.phone ?? null,
      address: opened.address ?? null,
      district: opened.district ?? null,
      city: opened.city ?? null,
      province: opened.province ?? null,
      is_virtual_phone: opened.isVirtualPhone === true,
      valid_until: opened.validUntil ?? null,
    }
  },
})

/** Whether only the channel can read this recipient, and does so when asked. */
const isSealed = (deps: Pick<AppDeps, 'registry'>, row: { readonly channel: string; readonly doc: Readonly<Record<string, unknown>> }): boolean =>
  row.doc['pii_mode'] !== 'plain' && deps.registry.get(row.channel)?.manifest.capabilities.decryptRecipient !== undefined

const readRaw = route({
  method: 'get',
  path: '/v1/orders/{id}/raw/{raw_id}',
  tag: 'Orders',
  summary: 'A channel document as received; personal data masked unless asked for',
  scope: 'orders:read',
  params: z.strictObject({ id: rowId, raw_id: rowId }),
  query: z.strictObject(piiFields),
  body: nothing,
  answer: z.object({
    text: z.string(),
    masked: z.boolean(),
    kind: z.string(),
    external_id: z.string(),
    received_at: z.string(),
    headers: z.record(z.string(), z.string()),
    mapping: z.string().nullable(),
  }),
  async handle({ deps, who, params, query }) {
    const clear = wantsPii(who, query)
    const order = await readOrder(deps.pool, params.id, who.connections)
    const opened = order && (await openRaw(deps.pool, deps.keys, params.id, params.raw_id))
    if (!order || !opened) throw notFound('document')
    if (clear) await notePii(deps, who, query.purpose, `raw/${params.raw_id}`, [params.id])
    const parties = clear ? {} : ((await openParties(deps.pool, deps.keys, [params.id])).get(params.id) ?? {})
    return {
      text: clear ? opened.text : maskRaw(opened.text, parties),
      masked: !clear,
      kind: opened.kind,
      external_id: opened.external_id,
      received_at: opened.received_at,
      headers: opened.meta ?? {},
      mapping:
        order.version_rows.find((version) => version['raw_id'] === params.raw_id)?.['mapping'] ??
        (order.raw_id === params.raw_id ? order.mapping : null),
    }
  },
})

export const orderRoutes: readonly Route[] = [list, counts, findMany, read, openRecipient, readRaw]
