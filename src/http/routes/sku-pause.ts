import { z } from 'zod'
import { pauseSku, resumeSku } from '../../store/deliver/pause-sku.ts'
import { line, nothing, skuCode } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const params = z.strictObject({ sku: skuCode })
const answer = z.object({ sku: z.string(), paused: z.boolean() })
const reason = line(300)

const pause = route({
  method: 'post',
  path: '/v1/skus/{sku}/pause',
  tag: 'SKUs',
  summary: 'Tell no channel a level of this SKU until it goes on',
  scope: 'stock:write',
  audit: 'sku.pause',
  params,
  query: nothing,
  body: z.strictObject({ reason }),
  answer,
  async handle({ deps, who, params: { sku }, body, note }) {
    requireWholeHub(who)
    note({ sku, reason: body.reason })
    if (!(await pauseSku(deps.pool, { sku, reason: body.reason, actor: who.actor, now: deps.now() }))) throw notFound('SKU')
    return { sku, paused: true }
  },
})

const resume = route({
  method: 'post',
  path: '/v1/skus/{sku}/resume',
  tag: 'SKUs',
  summary: 'Tell channels the levels of this SKU again, the newest first',
  scope: 'stock:write',
  audit: 'sku.resume',
  params,
  query: nothing,
  body: z.strictObject({ reason }),
  answer,
  async handle({ deps, who, params: { sku }, body, note }) {
    requireWholeHub(who)
    note({ sku, reason: body.reason })
    if (!(await resumeSku(deps.pool, sku))) throw notFound('SKU')
    return { sku, paused: false }
  },
})

export const skuPauseRoutes: readonly Route[] = [pause, resume]
