import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { FaultKind } from '../../../../sandbox/stage/faults.ts'
import type { ChannelListing, InventoryWrite, Outcome } from '../../../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../../../src/core/fault.ts'
import { either, expectNone, needs, needsHttp, needsWindow, type Check } from '../check.ts'
import { done, stocked, trouble } from '../lever.ts'
import { everything, orderOf, pages, recordsOf } from '../reading.ts'
import { onStage, type Stage } from '../stage.ts'
import { ability, capabilitiesOf } from '../subject.ts'

const PRODUCTS = 30
const SHORT_MS = 500
/** How long a zombie write is held: longer than the caller waits. */
const HELD_MS = 900

export const stock: readonly Check[] = [
  {
    id: 'listings',
    title: 'every listing of the channel comes once, under a stable key, with the quantity it shows; a cursor goes on behind its page',
    beside: needs('pullListings'),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const [first, again] = [await listings(stage), await listings(stage)]
        expect(first.length).toBeGreaterThanOrEqual(PRODUCTS / 2)
        expect(new Set(first.map((listing) => listing.key)).size).toBe(first.length)
        expect(again).toEqual(first)
        for (const listing of first) {
          expect(listing.title).not.toBe('')
          const shown = stage.sim.control.stockOf(listing.sku)
          if (listing.quantity !== undefined) expect([listing.sku, Number(listing.quantity)]).toEqual([listing.sku, shown])
        }
      }),
  },
  {
    id: 'levels-out',
    title: 'levels are set exactly, one outcome per write in its order; setting them once more is harmless; reading back agrees',
    beside: needs('pushInventory', 'pullListings'),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const writes = (await counted(stage)).slice(0, 8).map((listing, i) => write(listing, 40 + i))
        const push = ability(subject, 'pushInventory')
        const outcomes = await push(stage.call(), writes)
        expect(outcomes.map(({ key }) => key)).toEqual(writes.map(({ key }) => key))
        expectNone(outcomes.filter(({ status }) => status !== 'applied' && status !== 'unchanged'))
        expect(writes.map(({ sku }) => stage.sim.control.stockOf(sku))).toEqual(writes.map(({ quantity }) => quantity))
        const again = await push(stage.call(), writes)
        expectNone(again.filter(({ status }) => status !== 'applied' && status !== 'unchanged'))
        expect(writes.map(({ sku }) => stage.sim.control.stockOf(sku))).toEqual(writes.map(({ quantity }) => quantity))
        expect(await readings(stage, writes)).toEqual(writes.map(({ quantity }) => quantity))
      }),
  },
  {
    id: 'stock-facts',
    title:
      'a sale takes its pieces off what is read, is listed within the declared lag under a time within the declared skew, and a cancel gives back no more than declared',
    beside: either(needs('pushInventory', 'readInventory', 'pullListings', 'pullOrders'), needsHttp, needsWindow),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const facts = capabilitiesOf(subject).pushInventory
        const [listing] = await counted(stage)
        const sku = stocked(stage, listing?.sku ?? '', 30)
        const shown = async (): Promise<number> => (await readings(stage, [write(listing, 0)]))[0] ?? -1
        expect(await shown()).toBe(30)
        const soldAt = stage.now()
        const id = done(stage.sim.control.shop([{ sku, quantity: 2 }]))
        expect(await shown()).toBe(28)
        stage.sim.clock.advance((facts?.lagSeconds ?? 0) * 1000)
        const records = recordsOf(await pages(subject, stage.call(), everything(stage)))
        const orders = records.flatMap((record) => {
          const mapped = record.kind === 'order' ? orderOf(stage, record) : undefined
          return mapped && mapped.lines.some((line) => line.channelSku === sku) ? [mapped] : []
        })
        expect(orders.length).toBe(1)
        const at = facts?.decrementAt === 'paying' ? orders[0]?.paidAt : orders[0]?.placedAt
        expect(Math.abs(Date.parse(at ?? '') - soldAt)).toBeLessThanOrEqual((facts?.skewSeconds ?? 0) * 1000)
        done(stage.sim.control.cancelOrder(id))
        const after = await shown()
        expect(facts?.restocks === true ? [28, 30] : [28]).toContain(after)
      }),
  },
  {
    id: 'batch-too-large',
    title: 'more levels than the channel takes at once never reach the wire',
    beside: needs('pushInventory', 'pullListings'),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const [listing] = await counted(stage)
        const size = (capabilitiesOf(subject).pushInventory?.maxBatch ?? 0) + 1
        const writes = Array.from({ length: size }, (_, i) => ({ ...write(listing, i), key: `${listing?.key ?? ''}/${i}` }))
        const before = stage.sim.ledger.requests().length
        await expect(ability(subject, 'pushInventory')(stage.call(), writes)).rejects.toThrow()
        expect(stage.sim.ledger.requests().length).toBe(before)
        expect(stage.sim.ledger.stockWrites()).toEqual([])
      }),
  },
  {
    id: 'mixed-batch',
    title: 'of a batch the channel refuses in part each level has its own outcome: what says applied stands, what says refused does not',
    beside: needs('pushInventory', 'pullListings'),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const [good, bad, other] = await counted(stage)
        const foreign = {
          ...write(other, 1033),
          key: '99999999',
          ids: Object.fromEntries(Object.keys(other?.ids ?? {}).map((name) => [name, '99999999'])),
        }
        if (needsHttp(subject) === undefined) trouble(stage, 'refuseStock')(bad?.sku ?? '')
        const writes = [write(good, 1031), ...(needsHttp(subject) === undefined ? [write(bad, 1032), foreign] : [write(bad, 1032)])]
        const outcomes = await outcomesOf(stage, writes)
        expect(outcomes.map(({ key }) => key)).toEqual(writes.map(({ key }) => key))
        for (const [i, outcome] of outcomes.entries()) {
          const stands = stage.sim.control.stockOf(writes[i]?.sku ?? '') === writes[i]?.quantity
          if (outcome.status === 'applied') expect({ key: outcome.key, stands }).toMatchObject({ stands: true })
          if (outcome.status === 'refused')
            expect({ key: outcome.key, stands, said: outcome.fault.message !== '' }).toEqual({ key: outcome.key, stands: false, said: true })
        }
        if (needsHttp(subject) === undefined) expect(outcomes.slice(1).map(({ status }) => status)).toEqual(['refused', 'refused'])
      }),
  },
  ...(['accept-then-drop', 'timeout', 'truncated', 'html', '500', '504'] as const).map(lostAnswer),
  {
    id: 'throttled-write',
    title: 'a stock write that meets "too many calls" changes nothing and says when to try again',
    beside: either(needs('pushInventory', 'readInventory', 'pullListings'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const writes = (await counted(stage)).slice(0, 2).map((listing) => write(listing, 81))
        await readings(stage, writes)
        for (const fault of [{ kind: '429', retryAfter: '9' }, { kind: 'throttle200' }] as const) {
          stage.sim.control.setFault({ ...fault, match: { write: true } })
          const outcomes = await outcomesOf(stage, writes)
          stage.sim.control.clearFaults()
          for (const outcome of outcomes)
            expect(outcome).toMatchObject({ status: 'refused', fault: { kind: 'throttled', retryAfterMs: expect.any(Number) } })
        }
        expect(stage.sim.ledger.stockWrites()).toEqual([])
      }),
  },
  {
    id: 'zombie-write',
    title: 'a write that lands after its successor is visible by reading back',
    beside: either(needs('pushInventory', 'readInventory', 'pullListings'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const [listing] = await counted(stage)
        await readings(stage, [write(listing, 0)])
        stage.sim.control.setFault({ kind: 'late-write', times: 1, delayMs: HELD_MS })
        const [first] = await ability(subject, 'pushInventory')(stage.call({ writeTimeoutMs: 300 }), [write(listing, 91)])
        expect(first).toMatchObject({ status: 'unknown' })
        const [second] = await ability(subject, 'pushInventory')(stage.call(), [write(listing, 92)])
        expect(second).toMatchObject({ status: 'applied' })
        const sets = (): number => stage.sim.ledger.stockWrites().length
        for (const end = Date.now() + 5 * HELD_MS; sets() < 2 && Date.now() < end; await sleep(20));
        expect(stage.sim.faults.fired('late-write')).toBe(1)
        expect(await readings(stage, [write(listing, 0)])).toEqual([stage.sim.control.stockOf(listing?.sku ?? '')])
      }),
  },
]

/** A write whose answer never came, or came from somebody else. */
function lostAnswer(kind: FaultKind): Check {
  return {
    id: `lost-answer-${kind}`,
    title: `a stock write that ends in "${kind}" was sent once, is unknown, and reading back tells what became of it`,
    beside: either(needs('pushInventory', 'readInventory', 'pullListings'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: PRODUCTS }, async (stage) => {
        const writes = (await counted(stage)).slice(0, 2).map((listing, i) => write(listing, 70 + i))
        const before = writes.map(({ sku }) => stage.sim.control.stockOf(sku))
        await readings(stage, writes)
        stage.sim.control.setFault({ kind, match: { write: true }, ...(kind === 'truncated' ? { clean: true } : {}) })
        const outcomes = await ability(subject, 'pushInventory')(stage.call({ writeTimeoutMs: SHORT_MS }), writes)
        const [fired, landed] = [stage.sim.faults.fired(kind), writes.map(({ sku }) => stage.sim.control.stockOf(sku))]
        stage.sim.control.clearFaults()
        expect(fired).toBeGreaterThan(0)
        expect(outcomes.map(({ status }) => status)).toEqual(
          outcomes.map((_, i) => (i === 0 ? 'unknown' : expect.stringMatching(/^(unknown|refused)$/))),
        )
        for (const outcome of outcomes) if (outcome.status === 'unknown') expect(outcome.fault.kind).toBe('in-doubt')
        expect(await readings(stage, writes)).toEqual(landed)
        expect(landed).toEqual(writes.map(({ quantity }, i) => (landed[i] === quantity ? quantity : before[i])))
        const sets = stage.sim.ledger.stockWrites().filter(({ sku }) => sku === writes[0]?.sku)
        expect(sets.length).toBeLessThanOrEqual(1)
      }),
  }
}

export async function listings(stage: Stage): Promise<readonly ChannelListing[]> {
  const found: ChannelListing[] = []
  for await (const page of ability(stage.subject, 'pullListings')(stage.call(), undefined)) found.push(...page.listings)
  return found
}

/** Listings whose stock the channel counts, each under a SKU of its own. */
export const counted = async (stage: Stage): Promise<readonly ChannelListing[]> =>
  (await listings(stage)).filter((listing) => listing.quantity !== undefined && listing.sku !== '')

export const write = (listing: ChannelListing | undefined, quantity: number): InventoryWrite => ({
  key: listing?.key ?? '',
  ids: listing?.ids ?? {},
  sku: listing?.sku ?? '',
  quantity,
  idempotencyKey: `kit-${listing?.key ?? ''}-${quantity}`,
})

async function readings(stage: Stage, writes: readonly InventoryWrite[]): Promise<readonly (number | undefined)[]> {
  const read = await ability(stage.subject, 'readInventory')(stage.call(), writes)
  expect(read.map(({ key }) => key)).toEqual(writes.map(({ key }) => key))
  return read.map(({ quantity }) => quantity)
}

/** A fault that comes out whole concerns every write. */
async function outcomesOf(stage: Stage, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  try {
    return await ability(stage.subject, 'pushInventory')(stage.call(), writes)
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    const fault: Fault = error.fault
    return writes.map(({ key }) => ({ key, status: 'refused', fault }))
  }
}
