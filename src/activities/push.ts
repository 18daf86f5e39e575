import type { Call, Outcome, ShipmentWrite } from '../core/connector.ts'
import { findCarrier, PICKUP } from '../core/carriers.ts'
import { ChannelError, DomainError, type Fault } from '../core/fault.ts'
import { outcomesOfFault } from '../deliver/read-outcome.ts'
import { channelHas } from '../deliver/channel-has.ts'
import {
  leaveToPerson,
  planEffectReadback,
  planEffects,
  recordEffectOutcome,
  recordShipmentReading,
  settleDecision,
} from '../deliver/settle-effects.ts'
import { expireSending, planStockReadback, recordStockReadings } from '../deliver/settle-stock.ts'
import type { IngestDeps } from '../normalize/ingest.ts'
import type { Landing } from '../store/deliver/escrow.ts'
import type { ClaimedDecision, ClaimedShipment, DoubtfulEffect } from '../store/deliver/claim-effects.ts'
import { noteSuccess, noteWriteFault } from './connection-health.ts'
import { fetchOrders } from './fetch.ts'
import { attempt, CALL_LIMIT_MS, isBlocking, landingOf, limited } from './one-attempt.ts'
import type { OpenedConnection } from './pull.ts'

export { pushStock } from './push-levels.ts'

export interface PushDeps extends IngestDeps {
  readonly open: (connectionId: string, signal: AbortSignal, purpose?: 'read' | 'write') => Promise<OpenedConnection>
}
export interface PushReport {
  readonly sent: number
  readonly done: number
  readonly refused: number
  readonly unknown: number
  /** Work is left: call again without waiting. */
  readonly more: boolean
}

const EFFECTS_AT_ONCE = 5
/** Sends due packages and cancel decisions, each exactly once. */
export async function pushEffects(deps: PushDeps, connectionId: string, signal: AbortSignal): Promise<PushReport> {
  const opened = await deps.open(connectionId, limited(signal), 'write')
  const claimedAt = deps.now()
  const plan = await planEffects({ pool: deps.pool, now: claimedAt }, connectionId, EFFECTS_AT_ONCE)
  const counts = { sent: 0, done: 0, refused: 0, unknown: 0 }
  let blocking: Fault | undefined
  let crash: unknown
  for (const { claim, send } of sends(opened, plan.shipments, plan.decisions)) {
    const late = deps.now().getTime() - claimedAt.getTime() > CALL_LIMIT_MS / 2
    const skip = blocking ?? (late || signal.aborted ? NOT_SENT : undefined)
    const tried = skip ? { outcomes: outcomesOfFault([claim.idempotency_key], skip) } : await attempt(send, opened.call, [claim.idempotency_key])
    const state = await recordEffectOutcome(
      { pool: deps.pool, now: deps.now() },
      connectionId,
      { ...claim, ...landingOf(opened.connector) },
      tried.outcomes[0],
    )
    counts.sent += skip ? 0 : 1
    if (state === 'done' || state === 'refused' || state === 'unknown') counts[state] += 1
    if (tried.fault && isBlocking(tried.fault)) blocking = tried.fault
    crash ??= tried.crash
  }
  if (crash !== undefined) throw crash
  if (blocking) {
    await noteWriteFault(deps, { id: connectionId, channel: opened.context.channel }, 'push-shipment', blocking)
    throw new ChannelError(blocking)
  }
  if (counts.done > 0) await noteSuccess(deps, connectionId, 'push-shipment')
  return { ...counts, more: plan.shipments.length === EFFECTS_AT_ONCE || plan.decisions.length === EFFECTS_AT_ONCE }
}

const NOT_SENT: Fault = { kind: 'transient', code: 'not-sent', message: 'It was not its turn before the work had to end; nothing was sent.' }

interface Send {
  readonly claim: ClaimedShipment | ClaimedDecision
  readonly send: (call: Call<unknown, unknown>) => Promise<readonly Outcome[]>
}

function sends(opened: OpenedConnection, shipments: readonly ClaimedShipment[], decisions: readonly ClaimedDecision[]): readonly Send[] {
  return [
    ...shipments.map((claim) => ({ claim, send: async (call: Call<unknown, unknown>) => [await sendShipment(opened, call, claim)] })),
    ...decisions.map((claim) => ({ claim, send: async (call: Call<unknown, unknown>) => [await sendDecision(opened, call, claim)] })),
  ]
}

async function sendShipment(opened: OpenedConnection, call: Call<unknown, unknown>, claim: ClaimedShipment): Promise<Outcome> {
  const { connector } = opened
  if (!connector.pushShipment)
    return {
      key: claim.package_no,
      status: 'refused',
      fault: { kind: 'refused', code: 'no-shipment-writes', message: 'This channel takes no shipments from the hub.' },
    }
  if (claim.carrier === PICKUP && connector.manifest.capabilities.pushShipment?.pickup !== true)
    return {
      key: claim.package_no,
      status: 'refused',
      fault: { kind: 'refused', code: 'no-pickup', message: 'The hub cannot tell this channel that the buyer collected the goods: do it there.' },
    }
  const outcome = await connector.pushShipment(call, shipmentWrite(opened, claim))
  // A channel that refuses because it has this very package already has been told.
  if (outcome.status !== 'refused' || !('fault' in outcome) || outcome.fault.kind !== 'refused' || !connector.readShipments) return outcome
  const known = await readQuietly(() => connector.readShipments?.(call, claim.external_id))
  return known && channelHas(known, claim)
    ? { key: claim.package_no, status: 'unchanged', proof: { read_back: claim.tracking_no || claim.package_no } }
    : outcome
}

/** The write itself was answered: a reading that fails afterwards must not turn its answer into doubt. */
async function readQuietly<T>(read: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ChannelError) return undefined
    throw error
  }
}

function shipmentWrite(opened: OpenedConnection, claim: ClaimedShipment): ShipmentWrite {
  const told = opened.context.overrides?.carriers[claim.carrier]
  const code = told ?? channelCode(claim.carrier, opened.context.channel)
  return {
    key: claim.package_no,
    channelOrderNo: claim.channel_order_no,
    orderId: claim.external_id,
    trackingNo: claim.tracking_no,
    shippedAt: claim.shipped_at,
    last: claim.last,
    carrier: { code, name: claim.carrier_name, ...(claim.tracking_url !== null && { trackingUrl: claim.tracking_url }) },
    lines: claim.lines.map((line) => ({ channelLineNo: line.channel_line_no, quantity: Number(line.quantity) })),
    idempotencyKey: claim.idempotency_key,
    notifyBuyer: true,
  }
}

/** The channel's own name for a carrier where we know it, else ours. */
function channelCode(carrier: string, channel: string): string {
  try {
    return findCarrier(carrier, carrier).codes[channel] ?? carrier
  } catch (error) {
    if (error instanceof DomainError) return carrier
    throw error
  }
}

async function sendDecision(opened: OpenedConnection, call: Call<unknown, unknown>, claim: ClaimedDecision): Promise<Outcome> {
  const { decision, reason, request_id: requestId } = claim.intent
  const capability = opened.connector.manifest.capabilities.decideCancel
  if (!opened.connector.decideCancel || !capability?.decisions.includes(decision)) {
    return {
      key: claim.idempotency_key,
      status: 'refused',
      fault: {
        kind: 'refused',
        code: 'no-cancel-decisions',
        message: `This channel cannot be told to ${decision} a cancel request. Do it at the channel.`,
      },
    }
  }
  return opened.connector.decideCancel(call, {
    key: claim.idempotency_key,
    channelOrderNo: claim.channel_order_no,
    orderId: claim.external_id,
    decision,
    reason,
    ...(requestId !== undefined && { requestId }),
  })
}

const READ_AT_ONCE = 20

/** Settles what is in doubt and due by reading it back from the channel. Writes nothing there. */
export async function settleDoubt(
  deps: PushDeps,
  connectionId: string,
  signal: AbortSignal,
): Promise<{ readonly settled: number; readonly more: boolean }> {
  const opened = await deps.open(connectionId, limited(signal))
  const fence = landingOf(opened.connector)
  const context = () => ({ pool: deps.pool, now: deps.now() })
  await expireSending(context(), connectionId, fence)
  const read = opened.connector.readInventory
  const batch = opened.connector.manifest.capabilities.readInventory?.maxBatch ?? READ_AT_ONCE
  const levels = await planStockReadback(context(), connectionId, batch)
  if (levels.length > 0) {
    const startedAt = deps.now()
    const readings =
      read &&
      (await read.call(
        opened.connector,
        opened.call,
        levels.map((effect) => ({ key: effect.listing_key, ids: effect.ids, sku: effect.channel_sku })),
      ))
    await recordStockReadings(context(), connectionId, levels, readings, { startedAt, skewSeconds: fence.skewSeconds })
  }
  const effects = await planEffectReadback(context(), connectionId, READ_AT_ONCE)
  for (const effect of effects) await settleOne(deps, opened, effect, fence)
  return { settled: levels.length + effects.length, more: levels.length === batch || effects.length === READ_AT_ONCE }
}

async function settleOne(deps: PushDeps, opened: OpenedConnection, effect: DoubtfulEffect, fence: Landing): Promise<void> {
  const { connectionId } = opened.context
  if (effect.kind === 'shipment') {
    if (!opened.connector.readShipments) {
      await leaveToPerson({ pool: deps.pool, now: deps.now() }, connectionId, effect)
      return
    }
    const readStartedAt = deps.now()
    const shipments = await opened.connector.readShipments(opened.call, effect.external_id)
    await recordShipmentReading({ pool: deps.pool, now: readStartedAt }, connectionId, effect, shipments, fence)
    return
  }
  const { readStartedAt } = await fetchOrders(deps, opened, [effect.external_id])
  const [fresh] = (await planEffectReadback({ pool: deps.pool, now: deps.now() }, connectionId, 500)).filter((row) => row.id === effect.id)
  if (fresh) await settleDecision({ pool: deps.pool, now: deps.now() }, connectionId, fresh, fence, readStartedAt)
}
