import { z } from 'zod'
import { listBundles, setBundle } from '../../store/deliver/bundles.ts'
import { TEXT, decodeCursor, page } from '../cursor.ts'
import { cursor, done, limit, listOf, nothing, skuCode } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { badInput } from '../problem.ts'
import { positive } from '../quantity.ts'
import { type Route, route } from '../route.ts'

const part = z.object({ sku: z.string(), quantity: z.string() })

const list = route({
  method: 'get',
  path: '/v1/bundles',
  tag: 'SKUs',
  summary: 'SKUs that are made of others',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ cursor, limit: limit(200, 100) }),
  answer: listOf(z.object({ sku: z.string(), title: z.string(), parts: z.array(part) })),
  async handle({ deps, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'sku', TEXT, TEXT)
    const rows = await listBundles(deps.pool, after?.value, query.limit)
    return page(rows, query.limit, (row) => ({ sort: 'sku', value: row.sku, id: row.sku }))
  },
})

const params = z.strictObject({ sku: skuCode })

const set = route({
  method: 'post',
  path: '/v1/bundles/{sku}',
  tag: 'SKUs',
  summary: 'Say what a bundle is made of, whole; what was sold keeps its parts',
  scope: 'stock:write',
  audit: 'bundle.set',
  params,
  query: nothing,
  body: z.strictObject({
    parts: z
      .array(z.strictObject({ sku: skuCode, quantity: positive }))
      .min(1)
      .max(100),
  }),
  answer: done,
  async handle({ deps, who, params: { sku }, body, note }) {
    requireWholeHub(who)
    const repeated = body.parts.findIndex((item, at) => body.parts.findIndex((other) => other.sku === item.sku) !== at)
    if (repeated >= 0) throw badInput([{ pointer: `/parts/${repeated}/sku`, code: 'repeated', message: 'The part occurs twice.' }])
    await setBundle(deps.pool, sku, body.parts)
    note({ parts: body.parts.length }, sku)
    return { ok: true }
  },
})

const remove = route({
  method: 'delete',
  path: '/v1/bundles/{sku}',
  tag: 'SKUs',
  summary: 'Make a bundle an ordinary SKU again',
  scope: 'stock:write',
  audit: 'bundle.remove',
  status: 204,
  params,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params: { sku }, note }) {
    requireWholeHub(who)
    await setBundle(deps.pool, sku, [])
    note({}, sku)
    return null
  },
})

export const bundleRoutes: readonly Route[] = [list, set, remove]
