import { z } from 'zod'
import { arm, armPreview, disarm } from '../../deliver/arm.ts'
import { connectionParam, nothing } from '../fields.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'
import { requireRow } from './connection-actions.ts'
import { connectionAnswer, replyConnection } from './connections.ts'

const what = z.enum(['stock', 'shipments'])
const preview = route({
  method: 'get',
  path: '/v1/connections/{id}/arm-preview',
  tag: 'Connections',
  summary: 'What each listing would be told if this connection were armed',
  scope: 'connections:read',
  params: connectionParam,
  query: z.strictObject({ what }),
  body: nothing,
  answer: z.object({
    items: z.array(
      z.looseObject({
        listing_key: z.string(),
        sku: z.string().nullable(),
        title: z.string(),
        shown: z.string().nullable(),
        would_set: z.number().nullable(),
        change: z.string(),
        reason: z.string().nullable(),
      }),
    ),
    counts: z.record(z.string(), z.number()),
    hash: z.string(),
  }),
  async handle({ deps, who, params, query }) {
    await requireRow(deps, who, params.id)
    const found = await armPreview(deps.pool, params.id, query.what)
    return {
      items: found.items.map((item) => ({
        listing_key: item.listingKey,
        sku: item.sku,
        title: item.title,
        shown: item.shown,
        would_set: item.wouldSet,
        change: item.change,
        reason: item.reason ?? null,
      })),
      counts: found.counts,
      hash: found.hash,
    }
  },
})

const armRoute = route({
  method: 'post',
  path: '/v1/connections/{id}/arm',
  tag: 'Connections',
  summary: 'Start outbound writes exactly as previewed',
  scope: 'connections:write',
  audit: 'connection.arm',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ what: z.array(what).min(1).max(2), preview_hash: z.string().min(1).max(100), confirm_zero: z.boolean().optional() }),
  answer: connectionAnswer,
  async handle({ deps, who, params, body, request, note }) {
    await requireRow(deps, who, params.id)
    await arm({
      pool: deps.pool,
      connectionId: params.id,
      what: body.what,
      previewHash: body.preview_hash,
      confirmZero: body.confirm_zero === true,
      actor: who.actor,
      now: deps.now(),
    })
    note({ what: body.what, confirm_zero: body.confirm_zero === true })
    await tell(deps, 'connection.arm', deps.control.connectionChanged(params.id))
    await tell(deps, 'connection.arm', deps.control.pushSoon([params.id]))
    return replyConnection(deps, request, params.id)
  },
})

const disarmRoute = route({
  method: 'post',
  path: '/v1/connections/{id}/disarm',
  tag: 'Connections',
  summary: 'Stop outbound writes of this connection',
  scope: 'stock:write',
  audit: 'connection.disarm',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ what: z.array(what).min(1).max(2) }),
  answer: connectionAnswer,
  async handle({ deps, who, params, body, request, note }) {
    await requireRow(deps, who, params.id)
    await disarm({ pool: deps.pool, connectionId: params.id, what: body.what, actor: who.actor, now: deps.now() })
    note({ what: body.what })
    return replyConnection(deps, request, params.id)
  },
})

export const armingRoutes: readonly Route[] = [preview, armRoute, disarmRoute]
