import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { withTx } from '../store/db.ts'
import { openHold, openHoldCodes, releaseHoldRows } from '../store/deliver/holds.ts'
import { bumpOrder, lockOrder } from '../store/deliver/insert-shipment.ts'
import { finish } from '../store/finish.ts'

export interface HoldRequest {
  readonly pool: pg.Pool
  readonly orderId: number
  readonly reason: string
  readonly actor: string
  readonly now: Date
}

/**
 * Releases one hold by a person's decision; with the last one the order is approved. The same finding does not hold the
 * order again. Answers the order's new version.
 * @throws DomainError `order-unknown`, `reason-required`, `hold-unknown`
 */
export async function releaseHold(request: HoldRequest & { readonly holdId: number }): Promise<{ readonly version: number }> {
  return change(request, async (client) => {
    const { orderId, holdId, actor, reason, now } = request
    if ((await releaseHoldRows(client, { orderId, holdId, actor, reason, now })) === 0) {
      throw new DomainError('hold-unknown', `Order ${orderId} has no open hold ${holdId}.`)
    }
  })
}

/**
 * Puts an order on hold by hand until somebody releases it.
 * @throws DomainError `order-unknown`, `reason-required`
 */
export async function placeHold(request: HoldRequest): Promise<{ readonly version: number }> {
  return change(request, (client) =>
    openHold(client, { orderId: request.orderId, code: 'manual', message: request.reason, actor: request.actor, now: request.now }),
  )
}

async function change(request: HoldRequest, work: (client: pg.ClientBase) => Promise<void>): Promise<{ readonly version: number }> {
  if (request.reason.trim() === '') throw new DomainError('reason-required', 'Say why: the reason stays with the order.')
  return withTx(request.pool, async (client) => {
    const order = await lockOrder(client, request.orderId)
    if (!order) throw new DomainError('order-unknown', `There is no order ${request.orderId}.`)
    await work(client)
    const held = (await openHoldCodes(client, order.id)).length > 0
    const version = await bumpOrder(client, order.id, { approval: held ? 'held' : 'approved' }, request.now)
    await finish(client, [{ kind: 'order', orderId: order.id, version, connectionId: order.connection_id, cause: 'hold', sandbox: order.sandbox }])
    return { version }
  })
}
