import { z } from 'zod'
import { putAside, setSafety } from '../../deliver/stock.ts'
import { restock } from '../../deliver/restock.ts'
import { locateOrder } from '../../store/read/order.ts'
import { ledgerBalances, ledgerEntries, standingBalances } from '../../store/read/stock-ledger.ts'
import { listSkus } from '../../store/read/stock.ts'
import { ID, decodeCursor, page } from '../cursor.ts'
import { cursor, idParam, instant, itemsOf, limit, line, nothing, record, skuCode, visible } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { notFound } from '../problem.ts'
import { positive, signed, unsigned } from '../quantity.ts'
import { type Route, route } from '../route.ts'

const balance = z.object({
  location: z.string(),
  on_hand: z.string(),
  reserved: z.string(),
  safety: z.string(),
  held: z.string(),
  future: z.string(),
})

const ledger = route({
  method: 'get',
  path: '/v1/stock/{sku}/ledger',
  tag: 'Stock',
  summary: 'Why the numbers of a SKU are, or were at any time, what they are: every change and their sums',
  scope: 'stock:read',
  params: z.strictObject({ sku: skuCode }),
  body: nothing,
  query: z.strictObject({ at: instant.optional(), location: visible(60).optional(), cursor, limit: limit(500, 100) }),
  answer: z.object({
    sku: z.string(),
    at: z.string().nullable(),
    balances: z.array(balance),
    agrees: z.boolean().nullable(),
    items: z.array(record),
    next_cursor: z.string().nullable(),
    has_more: z.boolean(),
  }),
  async handle({ deps, params: { sku }, query }) {
    const [known] = await listSkus(deps.pool, { sku, limit: 1 })
    if (!known) throw notFound('SKU')
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'id', ID, ID)
    const balances = await ledgerBalances(deps.pool, sku, query.at)
    const rows = await ledgerEntries(deps.pool, { sku, location: query.location, at: query.at, before: after?.id, limit: query.limit })
    return {
      sku,
      at: query.at ?? null,
      balances,
      // A sum of now must be what stands; of the past there is nothing else to compare with.
      agrees: query.at === undefined ? isSame(balances, await standingBalances(deps.pool, sku)) : null,
      ...page(rows, query.limit, (row) => ({ sort: 'id', value: row.id, id: row.id })),
    }
  },
})

type Balances = readonly z.output<typeof balance>[]
const isSame = (noted: Balances, standing: Balances): boolean => textOf(noted) === textOf(standing)
/** Places where everything is zero say nothing. */
const textOf = (balances: Balances): string =>
  balances
    .map(({ location, on_hand: onHand, reserved, safety, held, future }) => [location, onHand, reserved, safety, held, future].join(' '))
    .filter((one) => !one.endsWith(' 0 0 0 0 0'))
    .join(', ')

const kept = itemsOf(z.looseObject({ sku: z.string(), location: z.string(), result: z.string(), value: z.string().nullable() }))

const safety = route({
  method: 'post',
  path: '/v1/stock/safety',
  tag: 'Stock',
  summary: 'What is always kept back of a SKU at a place',
  scope: 'stock:write',
  audit: 'stock.safety',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(z.strictObject({ sku: skuCode, location: visible(60).optional(), safety: unsigned }))
      .min(1)
      .max(1000),
  }),
  answer: kept,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const newest = new Map(body.items.map((item) => [`${item.sku}\u0001${item.location ?? 'main'}`, { ...item, location: item.location ?? 'main' }]))
    const items = await setSafety({ pool: deps.pool, actor: who.actor, now: deps.now() }, [...newest.values()])
    const moved = items.filter((item) => item.result === 'set')
    note({ items: items.length, set: moved.length })
    return { items }
  },
})

const held = route({
  method: 'post',
  path: '/v1/stock/held',
  tag: 'Stock',
  summary: 'Put pieces aside that are there but not for sale, or bring them back; the same ref twice is harmless',
  scope: 'stock:write',
  audit: 'stock.held',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(z.strictObject({ sku: skuCode, location: visible(60).optional(), delta: signed, reason: line(200), ref: line(200) }))
      .min(1)
      .max(1000),
  }),
  answer: kept,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const items = await putAside(
      { pool: deps.pool, actor: who.actor, now: deps.now() },
      body.items.map((item) => ({ ...item, location: item.location ?? 'main' })),
    )
    const moved = items.filter((item) => item.result === 'moved')
    note({ items: items.length, moved: moved.length })
    return { items: items.map(({ n, ...item }) => ({ ...item, ref: body.items[n - 1]?.ref ?? null })) }
  },
})

const back = route({
  method: 'post',
  path: '/v1/orders/{id}/restock',
  tag: 'Stock',
  summary: 'Take goods of an order back into a place, for sale or put aside; the same ref twice is harmless',
  scope: 'stock:write',
  audit: 'order.restock',
  params: idParam,
  query: nothing,
  body: z.strictObject({
    ref: line(200),
    location: visible(60).optional(),
    held: z.boolean().optional(),
    lines: z
      .array(z.strictObject({ line_no: z.int().min(1).max(100_000), quantity: positive }))
      .min(1)
      .max(5000),
  }),
  answer: z.object({ repeated: z.boolean(), skus: z.array(z.string()) }),
  async handle({ deps, who, params, body, note }) {
    if (!(await locateOrder(deps.pool, params.id, who.connections))) throw notFound('order')
    const result = await restock(
      { pool: deps.pool, actor: who.actor, now: deps.now() },
      {
        orderId: Number(params.id),
        ref: body.ref,
        location: body.location ?? 'main',
        held: body.held === true,
        lines: body.lines.map((item) => ({ lineNo: item.line_no, quantity: item.quantity })),
      },
    )
    note({ ref: body.ref, lines: body.lines.length, repeated: result.repeated })
    return { ...result, skus: [...result.skus] }
  },
})

export const stockLedgerRoutes: readonly Route[] = [ledger, safety, held, back]
