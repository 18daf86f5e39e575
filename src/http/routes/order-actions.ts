import { z } from 'zod'
import { decideCancel } from '../../deliver/effects.ts'
import { placeHold, releaseHold } from '../../deliver/holds.ts'
import { type ShipmentInput, createShipment } from '../../deliver/shipments.ts'
import { reEmit } from '../../store/edit/re-emit.ts'
import { locateOrder } from '../../store/read/order.ts'
import { findByNumbers } from '../../store/read/find.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, idParam, instant, line, nothing, reason, record, rowId, trackingNumber, visible } from '../fields.ts'
import { requireVersion } from '../if-match.ts'
import { type Principal, requireConnection } from '../principal.ts'
import { notFound, toProblem } from '../problem.ts'
import { Reply, type Route, route } from '../route.ts'
import { tell } from '../tell.ts'

/** The order, if the caller may see it and nobody changed it since the version in If-Match. */
async function requireOrder(
  deps: AppDeps,
  who: Principal,
  request: Request,
  id: string,
): Promise<{ readonly id: number; readonly connection: string; readonly externalId: string }> {
  const found = await locateOrder(deps.pool, id, who.connections)
  if (!found) throw notFound('order')
  requireVersion(request, found.version)
  return { id: Number(id), connection: found.connection_id, externalId: found.external_id }
}

const versioned = z.object({ version: z.number() })

const hold = route({
  method: 'post',
  path: '/v1/orders/{id}/hold',
  tag: 'Orders',
  summary: 'Put an order on hold until somebody releases it',
  scope: 'orders:write',
  audit: 'order.hold',
  params: idParam,
  query: nothing,
  body: z.strictObject({ reason }),
  answer: versioned,
  async handle({ deps, who, params, body, request, note }) {
    const order = await requireOrder(deps, who, request, params.id)
    note({ reason: body.reason })
    return placeHold({ pool: deps.pool, orderId: order.id, reason: body.reason, actor: who.actor, now: deps.now() })
  },
})

const release = route({
  method: 'post',
  path: '/v1/orders/{id}/holds/{hold_id}/release',
  tag: 'Orders',
  summary: 'Release one hold by decision',
  scope: 'orders:write',
  audit: 'order.release',
  params: z.strictObject({ id: rowId, hold_id: rowId }),
  query: nothing,
  body: z.strictObject({ reason }),
  answer: versioned,
  async handle({ deps, who, params, body, request, note }) {
    const order = await requireOrder(deps, who, request, params.id)
    note({ reason: body.reason })
    return releaseHold({ pool: deps.pool, orderId: order.id, holdId: Number(params.hold_id), reason: body.reason, actor: who.actor, now: deps.now() })
  },
})

const quantity = z.string().regex(/^\d{1,12}(\.\d{1,6})?$/, 'must be a decimal string')
const parcel = {
  package_no: visible(100).optional(),
  carrier: line(60),
  carrier_name: line(100).optional(),
  /** Needed by every carrier but PICKUP. */
  tracking_no: trackingNumber.optional(),
  lines: z
    .array(z.strictObject({ line_no: z.int().min(1).max(100_000), quantity }))
    .min(1)
    .max(5000)
    .optional(),
  shipped_at: instant.optional(),
  force: z.boolean().optional(),
  force_reason: line(500).optional(),
} as const
const parcelBody = z.strictObject(parcel)

function shipmentInput(deps: AppDeps, who: Principal, orderId: number, body: z.output<typeof parcelBody>): ShipmentInput {
  return {
    pool: deps.pool,
    orderId,
    carrier: body.carrier,
    source: who.kind === 'user' ? 'console' : 'api',
    actor: who.actor,
    now: deps.now(),
    ...(body.tracking_no !== undefined && { trackingNo: body.tracking_no }),
    ...(body.package_no !== undefined && { packageNo: body.package_no }),
    ...(body.carrier_name !== undefined && { carrierName: body.carrier_name }),
    ...(body.lines && { lines: body.lines.map((item) => ({ lineNo: item.line_no, quantity: item.quantity })) }),
    ...(body.shipped_at !== undefined && { shippedAt: body.shipped_at }),
    ...(body.force !== undefined && { force: body.force }),
    ...(body.force_reason !== undefined && { forceReason: body.force_reason }),
  }
}

const shipmentAnswer = z.looseObject({ shipment: record, effect: record.nullable(), repeated: z.boolean(), version: z.number() })

async function ship(
  deps: AppDeps,
  who: Principal,
  orderId: number,
  body: z.output<typeof parcelBody>,
): Promise<Record<string, unknown> & { readonly repeated: boolean }> {
  const { shipment, repeated, version } = await createShipment(shipmentInput(deps, who, orderId, body))
  const { effect_id: effectId, effect_state: effectState, ...rest } = shipment
  return {
    shipment: { ...rest, id: String(shipment.id), order_id: String(orderId) },
    effect: effectId === null ? null : { id: String(effectId), state: effectState },
    repeated,
    version,
  }
}

const createOne = route({
  method: 'post',
  path: '/v1/orders/{id}/shipments',
  tag: 'Shipments',
  summary: 'Ship a package of this order; the same package again is the same answer',
  scope: 'shipments:write',
  audit: 'order.ship',
  status: 201,
  params: idParam,
  query: nothing,
  body: parcelBody,
  answer: shipmentAnswer,
  async handle({ deps, who, params, body, request, note }) {
    const order = await requireOrder(deps, who, request, params.id)
    const result = await ship(deps, who, order.id, body)
    note({ tracking_no: body.tracking_no, force: body.force === true, repeated: result.repeated })
    await tell(deps, 'shipment', deps.control.pushSoon([order.connection]))
    return new Reply(result, { status: result.repeated ? 200 : 201 })
  },
})

const createMany = route({
  method: 'post',
  path: '/v1/shipments',
  tag: 'Shipments',
  summary: 'Up to 200 packages by order number; one answer per item',
  scope: 'shipments:write',
  audit: 'shipments.import',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(z.strictObject({ connection: connectionId, channel_order_no: line(100), ...parcel }))
      .min(1)
      .max(200),
  }),
  answer: z.object({ items: z.array(z.looseObject({ channel_order_no: z.string(), result: z.enum(['created', 'repeated', 'refused']) })) }),
  async handle({ deps, who, body, note }) {
    const items: Record<string, unknown>[] = []
    const told = new Set<string>()
    for (const { connection, channel_order_no: number, ...rest } of body.items) {
      try {
        const result = await ship(deps, who, await orderIdOf(deps, who, connection, number), rest)
        told.add(connection)
        items.push({ connection, channel_order_no: number, result: result.repeated ? 'repeated' : 'created', ...result })
      } catch (error) {
        const problem = toProblem(error)
        if (problem.status >= 500) throw error
        items.push({ connection, channel_order_no: number, result: 'refused', code: problem.code, message: problem.message })
      }
    }
    note({ items: items.length, created: items.filter((item) => item['result'] === 'created').length })
    await tell(deps, 'shipments', deps.control.pushSoon([...told]))
    return { items }
  },
})

async function orderIdOf(deps: AppDeps, who: Principal, connection: string, number: string): Promise<number> {
  requireConnection(who, connection)
  const hit = (await findByNumbers(deps.pool, [number], [connection])).get(number)?.[0]
  if (hit === undefined) throw notFound('order')
  return Number(hit)
}

const cancelDecision = route({
  method: 'post',
  path: '/v1/orders/{id}/cancel-decision',
  tag: 'Orders',
  summary: "Answer the buyer's cancel request; the decision goes to the channel",
  scope: 'orders:write',
  audit: 'order.cancel-decision',
  params: idParam,
  query: nothing,
  body: z.strictObject({ decision: z.enum(['accept', 'reject']), reason }),
  answer: z.object({ effect_id: z.string(), repeated: z.boolean() }),
  async handle({ deps, who, params, body, request, note }) {
    const order = await requireOrder(deps, who, request, params.id)
    const { effectId, repeated } = await decideCancel({
      pool: deps.pool,
      orderId: order.id,
      decision: body.decision,
      reason: body.reason,
      actor: who.actor,
      now: deps.now(),
    })
    note({ decision: body.decision, reason: body.reason })
    await tell(deps, 'cancel-decision', deps.control.pushSoon([order.connection]))
    return { effect_id: String(effectId), repeated }
  },
})

const refetch = route({
  method: 'post',
  path: '/v1/orders/{id}/refetch',
  tag: 'Orders',
  summary: 'Read this order from the channel now',
  scope: 'orders:write',
  audit: 'order.refetch',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.object({ found: z.boolean(), order_id: z.string().nullable() }),
  async handle({ deps, who, params, request }) {
    const order = await requireOrder(deps, who, request, params.id)
    const found = await deps.control.fetchNow(order.connection, order.externalId)
    return { found: found !== undefined, order_id: found === undefined ? null : String(found.orderId) }
  },
})

const emitAgain = route({
  method: 'post',
  path: '/v1/orders/{id}/re-emit',
  tag: 'Orders',
  summary: 'Put this order into the feed once more',
  scope: 'orders:write',
  audit: 'order.re-emit',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: versioned,
  async handle({ deps, who, params, request }) {
    const order = await requireOrder(deps, who, request, params.id)
    return reEmit(deps.pool, order.id)
  },
})

export const orderActionRoutes: readonly Route[] = [hold, release, createOne, createMany, cancelDecision, refetch, emitAgain]
