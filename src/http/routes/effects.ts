import { z } from 'zod'
import { correctShipment } from '../../deliver/correct-parcel.ts'
import { cancelEffect, requestReadBack, retryEffect } from '../../deliver/effects.ts'
import { type EffectRowJson, listEffects, readEffect } from '../../store/read/effects.ts'
import { ID, TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, cursor, idParam, limit, line, listOf, nothing, reason, trackingNumber } from '../fields.ts'
import type { Principal } from '../principal.ts'
import { notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'

const effectAnswer = z.looseObject({
  id: z.string(),
  connection_id: z.string(),
  kind: z.enum(['stock', 'shipment', 'cancel']),
  state: z.string(),
  attempts: z.number(),
})
const effectView = (row: EffectRowJson): Record<string, unknown> => ({
  ...row.effect,
  channel_order_no: row.channel_order_no,
  tracking_no: row.tracking_no,
})

async function requireEffect(deps: AppDeps, who: Principal, id: string): Promise<EffectRowJson & { readonly connection_id: string }> {
  const row = await readEffect(deps.pool, id, who.connections)
  if (!row) throw notFound('effect')
  return row
}

const list = route({
  method: 'get',
  path: '/v1/effects',
  tag: 'Effects',
  summary: 'What was told to channels, newest first',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    state: z.enum(['open', 'pending', 'sending', 'done', 'refused', 'unknown', 'cancelled']).optional(),
    kind: z.enum(['stock', 'shipment', 'cancel']).optional(),
    connection: connectionId.optional(),
    cursor,
    limit: limit(200, 50),
  }),
  answer: listOf(effectAnswer),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'effects', TEXT, ID)
    const rows = await listEffects(deps.pool, { ...query, after: after?.id }, who.connections)
    const found = page(rows, query.limit, (row) => ({ sort: 'effects', value: '', id: row.id }))
    return { ...found, items: found.items.map(effectView) }
  },
})

const read = route({
  method: 'get',
  path: '/v1/effects/{id}',
  tag: 'Effects',
  summary: 'One outbound write with its history',
  scope: 'stock:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: effectAnswer,
  async handle({ deps, who, params }) {
    return effectView(await requireEffect(deps, who, params.id))
  },
})

const retry = route({
  method: 'post',
  path: '/v1/effects/{id}/retry',
  tag: 'Effects',
  summary: 'Send a refused write again; one in doubt only by force',
  scope: 'shipments:write',
  audit: 'effect.retry',
  params: idParam,
  query: nothing,
  body: z.strictObject({ reason, force: z.boolean().optional() }),
  answer: effectAnswer,
  async handle({ deps, who, params, body, note }) {
    const row = await requireEffect(deps, who, params.id)
    note({ reason: body.reason, force: body.force === true })
    await retryEffect({
      pool: deps.pool,
      effectId: Number(params.id),
      reason: body.reason,
      actor: who.actor,
      now: deps.now(),
      ...(body.force !== undefined && { force: body.force }),
    })
    await tell(deps, 'effect.retry', deps.control.pushSoon([row.connection_id]))
    return effectView(await requireEffect(deps, who, params.id))
  },
})

const correct = route({
  method: 'post',
  path: '/v1/effects/{id}/correct',
  tag: 'Effects',
  summary: 'Correct carrier or number of a package its channel refused, and tell it again',
  scope: 'shipments:write',
  audit: 'effect.correct',
  params: idParam,
  query: nothing,
  body: z
    .strictObject({ carrier: line(60).optional(), carrier_name: line(100).optional(), tracking_no: trackingNumber.optional(), reason })
    .refine((given) => given.carrier !== undefined || given.tracking_no !== undefined, 'says neither carrier nor number'),
  answer: effectAnswer,
  async handle({ deps, who, params, body, note }) {
    const row = await requireEffect(deps, who, params.id)
    note({ reason: body.reason, carrier: body.carrier, tracking_no: body.tracking_no })
    await correctShipment({
      pool: deps.pool,
      effectId: Number(params.id),
      reason: body.reason,
      actor: who.actor,
      now: deps.now(),
      ...(body.carrier !== undefined && { carrier: body.carrier }),
      ...(body.carrier_name !== undefined && { carrierName: body.carrier_name }),
      ...(body.tracking_no !== undefined && { trackingNo: body.tracking_no }),
    })
    await tell(deps, 'effect.correct', deps.control.pushSoon([row.connection_id]))
    return effectView(await requireEffect(deps, who, params.id))
  },
})

const cancel = route({
  method: 'post',
  path: '/v1/effects/{id}/cancel',
  tag: 'Effects',
  summary: 'Give a write up that was not sent, or was settled by hand',
  scope: 'shipments:write',
  audit: 'effect.cancel',
  params: idParam,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: effectAnswer,
  async handle({ deps, who, params, body, note }) {
    await requireEffect(deps, who, params.id)
    note({ reason: body.reason })
    await cancelEffect({ pool: deps.pool, effectId: Number(params.id), reason: body.reason, actor: who.actor, now: deps.now() })
    return effectView(await requireEffect(deps, who, params.id))
  },
})

const readBack = route({
  method: 'post',
  path: '/v1/effects/{id}/read-back',
  tag: 'Effects',
  summary: 'Ask the channel now what became of a write in doubt',
  scope: 'shipments:write',
  audit: 'effect.read-back',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: effectAnswer,
  async handle({ deps, who, params }) {
    await requireEffect(deps, who, params.id)
    await requestReadBack({ pool: deps.pool, effectId: Number(params.id), now: deps.now() })
    await tell(deps, 'effect.read-back', deps.control.readBack(params.id))
    return effectView(await requireEffect(deps, who, params.id))
  },
})

export const effectRoutes: readonly Route[] = [list, read, retry, correct, cancel, readBack]
