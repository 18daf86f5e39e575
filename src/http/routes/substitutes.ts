import { z } from 'zod'
import { listSubstitutes, setSubstitutes, shortOf } from '../../store/deliver/substitutes.ts'
import { readArrivalNotices } from '../../store/read/arrival-notices.ts'
import { locateOrder } from '../../store/read/order.ts'
import { done, idParam, itemsOf, label, nothing, skuCode, whole } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const params = z.strictObject({ sku: skuCode })
const substitute = z.object({
  sku: z.string(),
  substitute: z.string(),
  title: z.string(),
  note: z.string().nullable(),
  promisable: z.string(),
  counted: z.boolean(),
})

const list = route({
  method: 'get',
  path: '/v1/skus/{sku}/substitutes',
  tag: 'SKUs',
  summary: 'What can be sold instead of a SKU, the preferred first, with what may be promised of it',
  scope: 'stock:read',
  params,
  query: nothing,
  body: nothing,
  answer: itemsOf(substitute),
  async handle({ deps, params: { sku } }) {
    return { items: await listSubstitutes(deps.pool, [sku]) }
  },
})

const set = route({
  method: 'post',
  path: '/v1/skus/{sku}/substitutes',
  tag: 'SKUs',
  summary: 'Say what can be sold instead of a SKU, whole and in order; an empty list takes all away',
  scope: 'stock:write',
  audit: 'sku.substitutes',
  params,
  query: nothing,
  body: z.strictObject({ items: z.array(z.strictObject({ sku: skuCode, note: label(200).optional() })).max(20) }),
  answer: done,
  async handle({ deps, who, params: { sku }, body, note }) {
    requireWholeHub(who)
    const odd = body.items.findIndex((item, at) => item.sku === sku || body.items.findIndex((other) => other.sku === item.sku) !== at)
    if (odd >= 0) throw badInput([{ pointer: `/items/${odd}/sku`, code: 'repeated', message: 'It is the SKU itself, or occurs twice.' }])
    await setSubstitutes(
      deps.pool,
      sku,
      body.items.map((item) => ({ sku: item.sku, note: item.note ?? null })),
    )
    note({ substitutes: body.items.map((item) => item.sku) }, sku)
    return { ok: true as const }
  },
})

const ofOrder = route({
  method: 'get',
  path: '/v1/orders/{id}/substitutes',
  tag: 'Orders',
  summary: 'What could be sold instead of the SKUs an order waits for, with what may be promised of each',
  scope: 'orders:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: itemsOf(z.object({ sku: z.string(), title: z.string(), quantity: z.string(), substitutes: z.array(substitute) })),
  async handle({ deps, who, params: { id } }) {
    if (!(await locateOrder(deps.pool, id, who.connections))) throw notFound('order')
    // Stock of all places is not for who sees some.
    const short = who.locations === null ? await shortOf(deps.pool, id) : []
    const found = await listSubstitutes(
      deps.pool,
      short.map(({ sku }) => sku),
    )
    return { items: short.map((row) => ({ ...row, substitutes: found.filter(({ sku }) => sku === row.sku) })) }
  },
})

const DAY_MS = 86_400_000

const notices = route({
  method: 'get',
  path: '/v1/arrivals/notices',
  tag: 'Arrivals',
  summary: 'What came lately, and which orders went on by it',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ days: whole(1, 90).optional(), limit: whole(1, 200).optional() }),
  answer: itemsOf(
    z.object({
      sku: z.string(),
      title: z.string(),
      location: z.string(),
      quantity: z.string(),
      at: z.string(),
      ref: z.string().nullable(),
      actor: z.string().nullable(),
      orders: z.array(z.object({ id: z.string(), number: z.string(), connection_id: z.string(), at: z.string() })),
      waiting: z.number(),
    }),
  ),
  async handle({ deps, who, query }) {
    const since = new Date(deps.now().getTime() - (query.days ?? 7) * DAY_MS)
    return { items: await readArrivalNotices(deps.pool, since, who.connections, query.limit ?? 50) }
  },
})

export const substituteRoutes: readonly Route[] = [list, set, ofOrder, notices]
