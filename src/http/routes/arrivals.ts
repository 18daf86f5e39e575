import { z } from 'zod'
import { dropArrival, expectArrivals, takeIn } from '../../deliver/arrivals.ts'
import type { StockContext } from '../../deliver/stock.ts'
import { listArrivals } from '../../store/deliver/arrivals.ts'
import { setSellsAhead } from '../../store/deliver/sells-ahead.ts'
import { ID, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { cursor, idParam, instant, itemsOf, limit, line, listOf, nothing, skuCode, visible } from '../fields.ts'
import { requireWholeHub, type Principal } from '../principal.ts'
import { badInput } from '../problem.ts'
import { positive } from '../quantity.ts'
import { type Route, route } from '../route.ts'

const row = z.looseObject({
  id: z.string(),
  ref: z.string(),
  sku: z.string(),
  location: z.string(),
  quantity: z.string(),
  received: z.string(),
  remaining: z.string(),
  promised_at: z.string().nullable(),
  supplier: z.string().nullable(),
  state: z.enum(['open', 'received', 'cancelled']),
})
const contextOf = (deps: AppDeps, who: Principal): StockContext => ({ pool: deps.pool, actor: who.actor, now: deps.now() })

const list = route({
  method: 'get',
  path: '/v1/arrivals',
  tag: 'Arrivals',
  summary: 'Goods on their way, newest first',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ sku: skuCode.optional(), state: z.enum(['open', 'received', 'cancelled']).optional(), cursor, limit: limit(200, 100) }),
  answer: listOf(row),
  async handle({ deps, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'id', ID, ID)
    const rows = await listArrivals(deps.pool, { sku: query.sku, state: query.state, before: after?.id, limit: query.limit })
    return page(rows, query.limit, (item) => ({ sort: 'id', value: item.id, id: item.id }))
  },
})

const expect = route({
  method: 'post',
  path: '/v1/arrivals',
  tag: 'Arrivals',
  summary: 'Note goods on their way; the same ref again changes that arrival',
  scope: 'stock:write',
  audit: 'arrivals.expect',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(
        z.strictObject({
          ref: line(200),
          sku: skuCode,
          location: visible(60).optional(),
          quantity: positive,
          promised_at: instant.nullable().optional(),
          supplier: line(200).nullable().optional(),
        }),
      )
      .min(1)
      .max(1000),
  }),
  answer: itemsOf(z.object({ ref: z.string(), sku: z.string(), location: z.string(), id: z.string().nullable(), result: z.string() })),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const repeated = body.items.findIndex((item, at) => body.items.findIndex((other) => other.ref === item.ref) !== at)
    if (repeated >= 0) throw badInput([{ pointer: `/items/${repeated}/ref`, code: 'repeated', message: 'The ref occurs twice.' }])
    const items = await expectArrivals(
      contextOf(deps, who),
      body.items.map((item) => ({
        ref: item.ref,
        sku: item.sku,
        location: item.location ?? 'main',
        quantity: item.quantity,
        promisedAt: item.promised_at ?? null,
        supplier: item.supplier ?? null,
      })),
    )
    const moved = items.filter((item) => item.result === 'created' || item.result === 'changed')
    note({ items: items.length, noted: moved.length })
    return { items }
  },
})

const receive = route({
  method: 'post',
  path: '/v1/arrivals/{id}/receive',
  tag: 'Arrivals',
  summary: 'Take a delivery in: its pieces are on hand, once per ref',
  scope: 'stock:write',
  audit: 'arrivals.receive',
  params: idParam,
  query: nothing,
  body: z.strictObject({ ref: line(200), quantity: positive.optional(), last: z.boolean().optional() }),
  answer: z.object({ arrival: row, repeated: z.boolean() }),
  async handle({ deps, who, params, body, note }) {
    requireWholeHub(who)
    const result = await takeIn(contextOf(deps, who), params.id, body)
    note({ ref: body.ref, quantity: body.quantity, repeated: result.repeated })
    return result
  },
})

const cancel = route({
  method: 'post',
  path: '/v1/arrivals/{id}/cancel',
  tag: 'Arrivals',
  summary: 'Nothing more is expected of it',
  scope: 'stock:write',
  audit: 'arrivals.cancel',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: row,
  async handle({ deps, who, params }) {
    requireWholeHub(who)
    const arrival = await dropArrival(contextOf(deps, who), params.id)
    return arrival
  },
})

const ahead = route({
  method: 'post',
  path: '/v1/skus/sells-ahead',
  tag: 'Arrivals',
  summary: 'Whether what is on its way may be sold (presale, backorder), for up to 1,000 SKUs',
  scope: 'stock:write',
  audit: 'skus.sells-ahead',
  params: nothing,
  query: nothing,
  body: z.strictObject({ skus: z.array(skuCode).min(1).max(1000), sells_ahead: z.boolean() }),
  answer: z.object({ changed: z.number() }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const changed = await setSellsAhead(deps.pool, body.skus, body.sells_ahead)
    note({ sells_ahead: body.sells_ahead, changed: changed.length })
    return { changed: changed.length }
  },
})

export const arrivalRoutes: readonly Route[] = [list, expect, receive, cancel, ahead]
