import type pg from 'pg'
import type { Outcome } from '../core/connector.ts'
import type { ChannelShipment } from '../core/order.ts'
import { withTx } from '../store/db.ts'
import { outboundConnection } from '../store/deliver/connection-row.ts'
import {
  claimDecisions,
  claimShipments,
  doubtfulEffects,
  type ClaimedDecision,
  type ClaimedShipment,
  type DoubtfulEffect,
} from '../store/deliver/claim-effects.ts'
import { channelHas } from './channel-has.ts'
import { releaseHoldRows } from '../store/deliver/holds.ts'
import { openFailures, resolveFailures } from '../store/deliver/open-failure.ts'
import { enqueueFetch, noteSettled, settleEffect, type EffectVerdict, type SettledEffect } from '../store/deliver/settle-effect.ts'
import { standstill, type PushContext, type Standstill } from './push-stock.ts'
import { fenceSeconds } from './record-levels.ts'
import type { Landing } from '../store/deliver/escrow.ts'
import { readOutcome } from './read-outcome.ts'

/** Packages and decisions that are to be sent now, each exactly once; their intents are on record. */
export interface EffectPlan {
  readonly shipments: readonly ClaimedShipment[]
  readonly decisions: readonly ClaimedDecision[]
  readonly standstill?: Standstill
}

/** Claims due packages and cancel decisions of one connection, unless its outbound writes stand still. */
export async function planEffects(context: PushContext, connectionId: string, limit: number): Promise<EffectPlan> {
  return withTx(context.pool, async (client) => {
    const reason = await standstill(client, await outboundConnection(client, connectionId, 'share'), 'armed_shipments', true)
    if (reason !== undefined) return { shipments: [], decisions: [], standstill: reason }
    const shipments = await claimShipments(client, connectionId, limit, context.now)
    return { shipments, decisions: await claimDecisions(client, connectionId, limit, context.now) }
  })
}

/** A write in doubt has mostly arrived: look soon. Its absence only counts once its fence has passed. */
const FIRST_LOOK_MS = 3_000
/** Waits before an effect that was certainly not applied is sent again: 5 s doubling to 10 min, or what the channel asked for. */
function backoff(attempts: number, retryAfterMs: number | undefined): number {
  return Math.max(retryAfterMs ?? 0, Math.min(600_000, 5_000 * 2 ** Math.min(attempts, 10)))
}

/** Records the answer to one claimed package or decision. Answers how the effect stands; undefined when it was settled meanwhile. */
export async function recordEffectOutcome(
  context: PushContext,
  connectionId: string,
  effect: { readonly effect_id: number; readonly attempts?: number } & Landing,
  outcome: Outcome | undefined,
): Promise<EffectVerdict['state'] | undefined> {
  const { verdict, ...reading } = readOutcome(outcome)
  const retryAfter = outcome && 'fault' in outcome ? outcome.fault.retryAfterMs : undefined
  const wait = verdict === 'unknown' ? FIRST_LOOK_MS : verdict === 'not-sent' ? backoff(effect.attempts ?? 1, retryAfter) : 0
  const state = verdict === 'not-sent' ? 'pending' : verdict
  return writeEffect(context, connectionId, { ...reading, effectId: effect.effect_id, state, notBefore: new Date(context.now.getTime() + wait) })
}

/** Packages and decisions in doubt that may be read back now. */
export const planEffectReadback = (context: PushContext, connectionId: string, limit: number): Promise<readonly DoubtfulEffect[]> =>
  doubtfulEffects(context.pool, connectionId, context.now, limit)

/**
 * Settles a package in doubt by what the channel shows: there means it arrived; absent, once the old write can no longer
 * land, means it may be sent again, and is then sent once.
 */
export async function recordShipmentReading(
  context: PushContext,
  connectionId: string,
  effect: DoubtfulEffect,
  shipments: readonly ChannelShipment[],
  fence: Landing,
): Promise<EffectVerdict['state'] | undefined> {
  const { now } = context
  const landed = channelHas(shipments, effect)
  const fenceEnd = new Date(Date.parse(effect.sent_at) + fenceSeconds(fence) * 1000)
  const verdict: EffectVerdict = landed
    ? { effectId: effect.id, state: 'done', proof: { read_back: effect.tracking_no || 'collected', read_at: now.toISOString() } }
    : now < fenceEnd
      ? {
          effectId: effect.id,
          state: 'unknown',
          notBefore: fenceEnd,
          faultKind: 'in-doubt',
          code: 'not-there-yet',
          message: 'The channel does not show this package yet.',
        }
      : {
          effectId: effect.id,
          state: 'pending',
          notBefore: now,
          code: 'not-applied',
          message: 'Read back: the channel does not know this package; it is sent again.',
        }
  return writeEffect(context, connectionId, verdict)
}

/** The channel cannot be read, so a person has to say what became of it. */
export const leaveToPerson = (context: PushContext, connectionId: string, effect: DoubtfulEffect): Promise<EffectVerdict['state'] | undefined> =>
  writeEffect(context, connectionId, {
    effectId: effect.id,
    state: 'refused',
    faultKind: 'in-doubt',
    code: 'not-readable',
    message: 'No answer came and this channel cannot be read back. Look at the channel, then send it again or mark it as settled.',
  })

/**
 * Settles a decision in doubt by the order itself, as it stands after it was read again: `readStartedAt` says when that
 * read began. Without a read after the fence it stays in doubt.
 */
export async function settleDecision(
  context: PushContext,
  connectionId: string,
  effect: DoubtfulEffect,
  fence: Landing,
  readStartedAt: Date | undefined,
): Promise<EffectVerdict['state'] | undefined> {
  const { now } = context
  const fenceEnd = new Date(Date.parse(effect.sent_at) + fenceSeconds(fence) * 1000)
  if (readStartedAt === undefined || readStartedAt < fenceEnd) {
    const notBefore = new Date(Math.max(fenceEnd.getTime(), now.getTime() + 30_000))
    return writeEffect(context, connectionId, {
      effectId: effect.id,
      state: 'unknown',
      notBefore,
      faultKind: 'in-doubt',
      code: 'waits-for-read',
      message: 'Waits for the order to be read again.',
    })
  }
  const arrived = effect.decision === 'accept' ? effect.order_cancelled : !effect.order_cancel_requested
  return writeEffect(
    context,
    connectionId,
    arrived
      ? { effectId: effect.id, state: 'done', proof: { read_back: effect.order_cancelled ? 'cancelled' : 'not-requested' } }
      : {
          effectId: effect.id,
          state: 'pending',
          notBefore: now,
          code: 'not-applied',
          message: 'Read back: the decision did not arrive; it is sent again.',
        },
  )
}

async function writeEffect(context: PushContext, connectionId: string, verdict: EffectVerdict): Promise<EffectVerdict['state'] | undefined> {
  const { pool, now } = context
  return withTx(pool, async (client) => {
    const settled = await settleEffect(client, verdict, now)
    if (!settled) return undefined
    await noteSettled(client, settled, verdict.state, now)
    if (verdict.state === 'done') await afterDone(client, settled, now)
    if (verdict.state === 'refused') await openFailures(client, [await failureOf(client, connectionId, settled, verdict)])
    return verdict.state
  })
}

async function afterDone(client: pg.ClientBase, effect: SettledEffect, now: Date): Promise<void> {
  await resolveFailures(client, 'effect', [String(effect.id)], now)
  if (effect.kind === 'shipment') return
  if (effect.decision === 'reject')
    await releaseHoldRows(client, { orderId: effect.order_id, code: 'cancel-requested', actor: 'decision', reason: 'The request was rejected.', now })
  await enqueueFetch(client, effect.order_id, 'cancel-decided', now)
}

async function failureOf(
  client: pg.ClientBase,
  connectionId: string,
  effect: SettledEffect,
  verdict: EffectVerdict,
): Promise<Parameters<typeof openFailures>[1][number]> {
  const connection = await outboundConnection(client, connectionId)
  return {
    connectionId,
    channel: connection?.channel ?? '',
    operation: effect.kind === 'shipment' ? 'push-shipment' : 'cancel',
    subjectKind: 'effect',
    subjectId: String(effect.id),
    orderId: effect.order_id,
    // A carrier the channel does not know is one cause, whichever package it carries; the fix needs its code.
    ...(verdict.code === 'carrier-unknown' && effect.carrier && { subject: effect.carrier, bySubject: true }),
    fault: {
      kind: verdict.faultKind === 'in-doubt' ? 'in-doubt' : 'refused',
      code: verdict.code,
      message: verdict.message ?? 'The channel refused this write.',
    },
  }
}
