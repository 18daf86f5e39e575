import { randomUUID } from 'node:crypto'
import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { withTx } from '../store/db.ts'
import { outboundConnection } from '../store/deliver/connection-row.ts'
import {
  cancelRequestOf,
  effectState,
  hastenReadBack,
  insertDecision,
  lockEffect,
  moveEffect,
  type EffectRow,
} from '../store/deliver/edit-effects.ts'
import { bumpOrder, lockOrder } from '../store/deliver/insert-shipment.ts'
import { markListingsDirty } from '../store/deliver/mark-dirty.ts'
import { resolveFailures } from '../store/deliver/open-failure.ts'
import { noteSettled } from '../store/deliver/settle-effect.ts'
import { finish } from '../store/finish.ts'
import { standstill } from './push-stock.ts'

export interface EffectRequest {
  readonly pool: pg.Pool
  readonly effectId: number
  readonly reason: string
  readonly actor: string
  readonly now: Date
}

/**
 * Sends a refused effect again. One in doubt is only sent again by force, because it may have arrived: reading back is
 * the safe way. A refused level is planned anew at its newest value.
 * @throws DomainError `effect-unknown`, `effect-in-doubt`, `effect-not-retryable`
 */
export async function retryEffect(request: EffectRequest & { readonly force?: boolean }): Promise<{ readonly state: EffectRow['state'] }> {
  return edit(request, async (client, effect) => {
    if (effect.state === 'unknown' && !request.force)
      throw new DomainError('effect-in-doubt', 'It may have arrived. Read it back, or force it with a reason.')
    if (effect.state !== 'refused' && effect.state !== 'unknown')
      throw new DomainError('effect-not-retryable', `An effect that is ${effect.state} is not sent again.`, { state: effect.state })
    if (effect.kind === 'stock') {
      if (effect.state === 'unknown')
        throw new DomainError('effect-in-doubt', 'A level in doubt is read back by itself; it is never sent again blindly.', { why: 'level' })
      await markListingsDirty(client, effect.connection_id, effect.listing_key === null ? [] : [effect.listing_key])
      return effect.state
    }
    await moveEffect(client, effect.id, 'pending', request)
    return 'pending'
  })
}

/**
 * Gives an effect up: it was not sent, or it was refused and somebody settled it at the channel by hand.
 * @throws DomainError `effect-unknown`, `effect-not-cancellable`
 */
export async function cancelEffect(request: EffectRequest): Promise<{ readonly state: EffectRow['state'] }> {
  return edit(request, async (client, effect) => {
    const open = effect.kind !== 'stock' && (effect.state === 'pending' || effect.state === 'refused' || effect.state === 'unknown')
    if (!open)
      throw new DomainError('effect-not-cancellable', `A ${effect.kind} effect that is ${effect.state} cannot be given up.`, { state: effect.state })
    await moveEffect(client, effect.id, 'cancelled', request)
    return 'cancelled'
  })
}

/**
 * Has a package or decision in doubt read back now instead of later. Not there before its fence has passed still means
 * in doubt.
 * @throws DomainError `effect-unknown`, `effect-not-in-doubt`
 */
export async function requestReadBack(request: Pick<EffectRequest, 'pool' | 'effectId' | 'now'>): Promise<void> {
  if (await hastenReadBack(request.pool, request.effectId, request.now)) return
  const state = await effectState(request.pool, request.effectId)
  if (state === undefined) throw new DomainError('effect-unknown', `There is no effect ${request.effectId}.`)
  throw new DomainError(
    'effect-not-in-doubt',
    'Only a package or decision in doubt is read back by hand; a level is read back by itself once nothing of it can land any more.',
    { state },
  )
}

async function edit(
  request: EffectRequest,
  work: (client: pg.ClientBase, effect: EffectRow) => Promise<EffectRow['state']>,
): Promise<{ readonly state: EffectRow['state'] }> {
  return withTx(request.pool, async (client) => {
    const effect = await lockEffect(client, request.effectId)
    if (!effect) throw new DomainError('effect-unknown', `There is no effect ${request.effectId}.`)
    const state = await work(client, effect)
    await resolveFailures(client, 'effect', [String(effect.id)], request.now)
    if (effect.kind !== 'stock' && effect.order_id !== null) {
      await noteSettled(
        client,
        { id: effect.id, kind: effect.kind, order_id: effect.order_id, tracking_no: null, decision: null },
        'pending',
        request.now,
      )
    }
    return { state }
  })
}

/**
 * Decides about a buyer's cancel request; the decision goes to the channel as an effect. Repeating it is harmless.
 * @throws DomainError `order-unknown`, `no-cancel-request`, `already-decided`, `reason-required`
 */
export async function decideCancel(input: {
  readonly pool: pg.Pool
  readonly orderId: number
  readonly decision: 'accept' | 'reject'
  readonly reason: string
  readonly actor: string
  readonly now: Date
}): Promise<{ readonly effectId: number; readonly repeated: boolean }> {
  const { orderId, decision, reason, actor, now } = input
  if (reason.trim() === '') throw new DomainError('reason-required', 'Say why: the reason stays with the order.')
  return withTx(input.pool, async (client) => {
    const order = await lockOrder(client, orderId)
    if (!order) throw new DomainError('order-unknown', `There is no order ${orderId}.`)
    const request = await cancelRequestOf(client, orderId)
    if (request.decided) {
      if (request.decided.decision === decision) return { effectId: request.decided.id, repeated: true }
      throw new DomainError('already-decided', `The request was already answered with ${request.decided.decision} (${request.decided.state}).`, {
        effect: request.decided.id,
      })
    }
    if (!request.requested) throw new DomainError('no-cancel-request', `No cancel request waits on order ${order.channel_order_no}.`)
    const waits = await standstill(client, await outboundConnection(client, order.connection_id), 'armed_shipments')
    const effectId = await insertDecision(client, {
      connectionId: order.connection_id,
      orderId,
      key: `cancel/${orderId}/${randomUUID()}`,
      waits,
      now,
      intent: { decision, reason, decided_by: actor, ...(request.request_id !== null && { request_id: request.request_id }) },
    })
    const version = await bumpOrder(client, orderId, { sync: 'writeback_pending' }, now)
    await finish(client, [{ kind: 'order', orderId, version, connectionId: order.connection_id, cause: 'hold', sandbox: order.sandbox }])
    return { effectId, repeated: false }
  })
}
