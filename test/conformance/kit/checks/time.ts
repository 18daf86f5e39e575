import { expect } from 'vitest'
import type { PullRequest } from '../../../../src/core/connector.ts'
import { nextWindow, settledEnd } from '../../../../src/kit/windows.ts'
import { either, expectNone, needs, needsHttp, needsWindow, type Check } from '../check.ts'
import { done, stocked, trouble } from '../lever.ts'
import { everything, faultOf, instant, orderIds, pages, recordsOf, stored, truthIds } from '../reading.ts'
import { onStage, type CallGiven, type Stage } from '../stage.ts'
import { ability, windowStream } from '../subject.ts'
import { severalPages } from './reading.ts'

const TIES = 500
const SKEW_MS = 600_000
/** A channel that declares less is only tried with what it declares. */
const LATE_MS = 90_000
/** More pages than any stage has, far fewer than for ever. */
const ENOUGH_PAGES = 400

const byTime = either(needs('pullOrders'), needsWindow, needsHttp)

export const time: readonly Check[] = [
  {
    id: 'ties',
    title: `${TIES} orders changed in one second are all read, and the pull can be resumed inside that second`,
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 3 }, async (stage) => {
        const sku = stocked(stage, skuOf(stage))
        for (let n = 0; n < TIES; n += 1) done(stage.sim.control.shop([{ sku, quantity: 1 }]))
        const at = stage.now()
        stage.sim.clock.advance(120_000)
        const all = truthIds(stage)
        expect(all.length).toBeGreaterThanOrEqual(TIES)
        // As large as the channel's user may choose, and no divisor of what there is.
        const pageSize = subject.connector.manifest.config.safeParse({ ...stage.context.config, pageSize: 90 }).success ? 90 : 45
        const call = stage.call('pageSize' in stage.context.config ? { config: { pageSize } } : {})
        const { stream } = everything(stage)
        const around: PullRequest = { stream, window: { from: instant(at), to: instant(at + 5000) } }
        const whole = await pages(subject, call, around)
        expect(orderIds(recordsOf(whole))).toEqual(all)
        const middle = whole[Math.floor(whole.length / 2)]
        if (middle?.cursor) {
          const rest = await pages(subject, call, { ...around, after: stored(middle.cursor) })
          expect(orderIds([...recordsOf(whole.slice(0, whole.indexOf(middle) + 1)), ...recordsOf(rest)])).toEqual(all)
        }
      }),
  },
  {
    id: 'window-edge',
    title: 'orders of one second are read by one of two windows that meet in it, also when they meet in the middle of the second',
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 3 }, async (stage) => {
        const sku = stocked(stage, skuOf(stage))
        for (let n = 0; n < 25; n += 1) done(stage.sim.control.shop([{ sku, quantity: 1 }]))
        const at = stage.now()
        stage.sim.clock.advance(120_000)
        const { stream } = everything(stage)
        const between = async (from: number, to: number) =>
          recordsOf(await pages(subject, stage.call(), { stream, window: { from: instant(from), to: instant(to) } }))
        for (const edge of [at, at + 400, at + 1000])
          expect(orderIds([...(await between(at - 5000, edge)), ...(await between(edge, at + 5000))])).toEqual(truthIds(stage))
      }),
  },
  {
    id: 'drift',
    title: 'orders that leave the window while it is paged hide nobody else; they come with the next one',
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 30, orders: severalPages(subject) }, async (stage) => {
        const request = everything(stage, 0)
        const inside = truthIds(stage)
        const [found, moved]: [Set<string>, Set<string>] = [new Set(), new Set()]
        for await (const page of ability(subject, 'pullOrders')(stage.call(), request)) {
          for (const id of orderIds(page.records)) found.add(id)
          stage.sim.clock.advance(2000)
          for (const id of orderIds(page.records).slice(0, 3)) {
            if (moved.has(id) || moved.size > 15) continue
            if (stage.sim.control.edit(id).ok) moved.add(id)
          }
          if (page.cursor === null) break
        }
        expect(moved.size).toBeGreaterThan(2)
        stage.sim.clock.advance(5000)
        const stream = windowStream(subject)
        const from = instant(Date.parse(request.window?.to ?? '') - (stream?.overlapSeconds ?? 0) * 1000)
        const next = await pages(subject, stage.call(), { stream: request.stream, window: { from, to: instant(stage.now() + 1000) } })
        const later = orderIds(recordsOf(next))
        expect([...moved].filter((id) => !later.includes(id))).toEqual([])
        expect(inside.filter((id) => reached(request, stage, id) && !found.has(id) && !later.includes(id))).toEqual([])
      }),
  },
  {
    id: 'repeated-page',
    title: 'a last page that comes again for ever ends the pull, by itself or by a repeated cursor the hub stops at',
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 30, orders: severalPages(subject, 2) }, async (stage) => {
        trouble(stage, 'oddPaging')('repeat')
        const seen: string[] = []
        let [count, last, stopped] = [0, '', false]
        try {
          for await (const page of ability(subject, 'pullOrders')(stage.call(), everything(stage))) {
            seen.push(...orderIds(page.records))
            const cursor = JSON.stringify(page.cursor)
            stopped = page.cursor === null || cursor === last || (count += 1) > ENOUGH_PAGES
            last = cursor
            if (stopped) break
          }
        } catch (error) {
          await faultOf(Promise.reject(error))
        }
        expect(count).toBeLessThan(ENOUGH_PAGES)
        trouble(stage, 'oddPaging')('none')
        const all = orderIds(recordsOf(await pages(subject, stage.call(), everything(stage))))
        expect([...new Set(seen)].sort()).toEqual(all)
      }),
  },
  {
    id: 'empty-page-between',
    title: 'a page without records in the midst of others does not end the pull',
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 30, orders: severalPages(subject) }, async (stage) => {
        const all = orderIds(recordsOf(await pages(subject, stage.call(), everything(stage))))
        trouble(stage, 'oddPaging')('empty-middle')
        expect(orderIds(recordsOf(await pages(subject, stage.call(), everything(stage))))).toEqual(all)
      }),
  },
  {
    id: 'late-visibility',
    title: 'orders that lists show late are read all the same, up to the lag the connector declares',
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 5 }, async (stage) => {
        const stream = windowStream(subject)
        const late = Math.min(LATE_MS, ((stream?.overlapSeconds ?? 0) + (stream?.lagSeconds ?? 0)) * 1000 - 2000)
        expect(late).toBeGreaterThan(0)
        trouble(stage, 'listLag')(late)
        const sku = stocked(stage, skuOf(stage))
        const found = await poll(stage, 40, () => done(stage.sim.control.shop([{ sku, quantity: 1 }])))
        stage.sim.clock.advance(late)
        for (const id of await poll(stage, 2, () => undefined, {}, stage.now() - 2 * late)) found.add(id)
        expectNone(truthIds(stage).filter((id) => !found.has(id)))
      }),
  },
  ...[SKEW_MS, -SKEW_MS].map(skewed),
  {
    id: 'odd-cursor',
    title: 'a damaged or foreign cursor is refused or read from the start, never skipped past',
    beside: needs('pullOrders'),
    run: (subject) =>
      onStage(subject, { products: 10, orders: severalPages(subject, 2) }, async (stage) => {
        const request = everything(stage)
        const whole = await pages(subject, stage.call(), request)
        const behind = orderIds(recordsOf(whole.slice(1)))
        const cursor = whole[0]?.cursor ?? {}
        const damaged = [{}, { zz: 1 }, ...Object.keys(cursor).map((name) => ({ ...cursor, [name]: name.length % 2 === 0 })), nothing(cursor)]
        for (const after of damaged) {
          const read = pages(subject, stage.call(), { ...request, after }).then((found) => orderIds(recordsOf(found)))
          const result = await read.catch((error: unknown) => faultOf(Promise.reject(error)))
          if ('kind' in result) expect(['misconfigured', 'unreadable', 'refused']).toContain(result.kind)
          else expect({ after, missed: behind.filter((id) => !result.includes(id)) }).toEqual({ after, missed: [] })
        }
      }),
  },
  {
    id: 'far-future',
    title: 'a window in the year 2999 brings nothing',
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 10, orders: 12 }, async (stage) => {
        const window = { from: '2999-12-31T00:00:00.000Z', to: '2999-12-31T00:10:00.000Z' }
        const found = await pages(subject, stage.call(), { stream: everything(stage).stream, window })
        expect(recordsOf(found)).toEqual([])
      }),
  },
]

/** The hub's clock is wrong; the channel's stamps are what they are. */
function skewed(skewMs: number): Check {
  return {
    id: skewMs > 0 ? 'hub-clock-ahead' : 'hub-clock-behind',
    title: `with the hub’s clock ten minutes ${skewMs > 0 ? 'ahead' : 'behind'} the channel answers, and no order is missed`,
    beside: byTime,
    run: (subject) =>
      onStage(subject, { products: 5 }, async (stage) => {
        const sku = stocked(stage, skuOf(stage))
        const found = await poll(stage, 30, () => done(stage.sim.control.shop([{ sku, quantity: 1 }])), { skewMs })
        // What the slower clock has not reached yet comes with a later round.
        stage.sim.clock.advance(2 * SKEW_MS)
        for (const id of await poll(stage, 2, () => undefined, { skewMs }, stage.now() - 4 * SKEW_MS)) found.add(id)
        expectNone(truthIds(stage).filter((id) => !found.has(id)))
      }),
  }
}

const skuOf = (stage: Stage): string => {
  const done_ = stage.sim.control.shop()
  if (!done_.ok) throw new Error(done_.reason)
  const sku = stage.sim.ledger.order(done_.orderId)?.lines[0]?.sku ?? ''
  return sku
}

/** Every field of the cursor gone to another type. */
const nothing = (cursor: Readonly<Record<string, unknown>>): Readonly<Record<string, boolean>> =>
  Object.fromEntries(Object.keys(cursor).map((name) => [name, false]))

/** The change time of the order lay inside the window when the pull began. */
function reached(request: PullRequest, stage: Stage, id: string): boolean {
  const at = Date.parse(stage.sim.ledger.order(id)?.modifiedAt ?? '')
  return at >= Date.parse(request.window?.from ?? '')
}

/** Walks windows the way the hub does while something happens at the channel every few seconds. */
async function poll(stage: Stage, rounds: number, happen: () => unknown, given: CallGiven = {}, since = stage.now()): Promise<Set<string>> {
  const { subject } = stage
  const stream = windowStream(subject)
  if (!stream) throw new Error('There is no stream by change time.')
  const found = new Set<string>()
  const call = stage.call(given)
  let watermark = instant(since - 60_000)
  for (let round = 0; round < rounds; round += 1) {
    happen()
    stage.sim.clock.advance(stream.everySeconds * 1000)
    const window = nextWindow({ watermark, now: call.now(), stream })
    if (!window) continue
    for (const id of orderIds(recordsOf(await pages(subject, call, { stream: stream.id, window })))) found.add(id)
    watermark = settledEnd({ window, now: call.now(), aheadMs: stage.clock.aheadMs(), stream })
  }
  return found
}
