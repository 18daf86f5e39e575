import type pg from 'pg'
import { PICKUP } from '../core/carriers.ts'
import { DomainError } from '../core/fault.ts'
import { ordersNamed, settleHandOver, waitingHandOvers, type NamedOrder, type WaitingHandOver } from '../store/deliver/hand-overs.ts'
import { openFailures, resolveFailures } from '../store/deliver/open-failure.ts'
import { createShipment } from './shipments.ts'

export interface HandOverDeps {
  readonly pool: pg.Pool
  readonly now: Date
  /** Channels that are tills themselves: none of their orders is handed over at another. */
  readonly tills: readonly string[]
}

const AT_ONCE = 100
const MINUTE_MS = 60_000
/** An order that is not here yet, or is held, is looked for this long; then a person has to replay the sale. */
const PATIENCE_MS = 7 * 24 * 3_600_000

/** Why a hand-over found no order. `waits`: time may mend it. */
interface Unlinked {
  readonly code: string
  readonly message: string
  readonly waits: boolean
}

/**
 * Brings sales of a till that only hand over an order to that order: one package without a carrier for all that remains
 * of its goods, so that they leave stock once and its channel is told. The same document again changes nothing. What
 * cannot be brought to exactly one open order becomes a failure; replaying the document tries again.
 */
export async function handOverOrders(
  deps: HandOverDeps,
  connectionId: string,
): Promise<{ readonly linked: number; readonly failed: number; readonly more: boolean }> {
  const waiting = await waitingHandOvers(deps.pool, connectionId, deps.now, AT_ONCE)
  let linked = 0
  for (const handOver of waiting) {
    const found = await orderFor(deps, connectionId, handOver)
    const outcome = 'code' in found ? found : await record(deps, connectionId, handOver, found)
    if (outcome === undefined) linked += 1
    else await leave(deps, connectionId, handOver, outcome)
  }
  return { linked, failed: waiting.length - linked, more: waiting.length === AT_ONCE }
}

const packageNoOf = (handOver: WaitingHandOver): string => `pickup/${handOver.external_id}`.slice(0, 100)
const subjectOf = (connectionId: string, handOver: WaitingHandOver): string => `${connectionId}/order/${handOver.external_id}`

async function orderFor(deps: HandOverDeps, connectionId: string, handOver: WaitingHandOver): Promise<NamedOrder | Unlinked> {
  // Some channels show their numbers with a leading #, which nobody types.
  const bare = handOver.number.replace(/^#/, '')
  const named = await ordersNamed(deps.pool, { connectionId, numbers: [bare, `#${bare}`], tills: deps.tills, packageNo: packageNoOf(handOver) })
  const done = named.find((order) => order.linked)
  if (done) return done
  if (handOver.order_id !== null)
    return { code: 'pickup-number-changed', message: 'This sale handed over another order before. Look at both orders.', waits: false }
  const open = named.filter((order) => order.waits && !order.cancelled)
  const [only] = open
  if (only && open.length === 1) return only
  if (only)
    return {
      code: 'pickup-ambiguous',
      message: 'Several open orders have the number of this sale. Record the hand-over at the right one.',
      waits: false,
    }
  if (named.length === 0)
    return { code: 'pickup-unknown', message: 'The order this sale hands over is not here. It is looked for again for a week.', waits: true }
  return named.every((order) => order.cancelled)
    ? { code: 'pickup-cancelled', message: 'The order this sale hands over is cancelled.', waits: false }
    : { code: 'pickup-already-shipped', message: 'Nothing remains of the order this sale hands over.', waits: false }
}

/** Undefined once the goods are handed over. */
async function record(deps: HandOverDeps, connectionId: string, handOver: WaitingHandOver, order: NamedOrder): Promise<Unlinked | undefined> {
  const { pool, now } = deps
  try {
    if (!order.linked)
      await createShipment({
        pool,
        orderId: order.id,
        packageNo: packageNoOf(handOver),
        carrier: PICKUP,
        shippedAt: handOver.at,
        source: 'till',
        actor: `till:${connectionId}`,
        now,
      })
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { code: error.code, message: error.message, waits: error.code === 'order-held' }
  }
  await settleHandOver(pool, connectionId, handOver, { state: 'linked', orderId: order.id, notBefore: now })
  await resolveFailures(pool, 'raw', [subjectOf(connectionId, handOver)], now)
  return undefined
}

async function leave({ pool, now }: HandOverDeps, connectionId: string, handOver: WaitingHandOver, why: Unlinked): Promise<void> {
  const subjectId = subjectOf(connectionId, handOver)
  const isPatient = why.waits && now.getTime() - Date.parse(handOver.first_seen) < PATIENCE_MS
  const notBefore = new Date(now.getTime() + Math.min(60, 2 ** Math.min(handOver.attempts, 6)) * MINUTE_MS)
  await settleHandOver(pool, connectionId, handOver, { state: isPatient ? 'pending' : 'failed', code: why.code, notBefore })
  const { channel } = handOver
  await openFailures(pool, [
    {
      connectionId,
      channel,
      operation: 'hand-over',
      fault: { kind: why.code === 'pickup-unknown' ? 'missing' : 'refused', code: why.code, message: why.message },
      subject: handOver.number.slice(0, 100),
      subjectKind: 'raw',
      subjectId,
    },
  ])
}
