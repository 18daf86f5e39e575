import { expect } from 'vitest'
import type { Limit } from '../../../../src/core/connector.ts'
import { either, needs, needsHttp, type Check } from '../check.ts'
import { everything, faultOf, pages, truthIds } from '../reading.ts'
import { onStage, type Stage, type Take } from '../stage.ts'
import { ability, type Subject } from '../subject.ts'

const hasLimits = ({ connector }: Subject): string | undefined => (connector.manifest.limits.length === 0 ? 'no limits' : undefined)
/** More calls than any burst allows at once, and not more than a test can make. */
const MOST_CALLS = 400

export const pacing: readonly Check[] = [
  {
    id: 'pace',
    title: 'calls never go faster than the declared limits, and none goes round the limiter (on a fake clock)',
    beside: either(needs('fetchOrder'), needsHttp, hasLimits),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 3 }, async (stage) => {
        const [id = ''] = truthIds(stage)
        const [call, fetch] = [stage.call(), ability(subject, 'fetchOrder')]
        const first: Limit | undefined = subject.connector.manifest.limits[0]
        const wanted = Math.min(MOST_CALLS, 2 * (first?.burst ?? first?.calls ?? 1) + 20)
        const before = requests(stage)
        for (let n = 0; n < wanted && stage.takes.length < wanted; n += 1) await fetch(call, [id])
        expect(requests(stage) - before).toBe(stage.takes.length)
        for (const takes of byKey(stage.takes)) expectPace(takes)
      }),
  },
  {
    id: 'waits-when-told',
    title: 'after "too many calls" nothing is sent until the time the channel named',
    beside: either(needs('pullOrders'), needsHttp, hasLimits),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 12 }, async (stage) => {
        const call = stage.call()
        await pages(subject, call, everything(stage))
        stage.sim.control.setFault({ kind: '429', retryAfter: '90', times: 1 })
        await faultOf(pages(subject, call, everything(stage)))
        const [refusedAt, seq] = [stage.now(), lastSeq(stage)]
        await pages(subject, call, everything(stage))
        const next = stage.sim.ledger.requests().find((entry) => entry.seq > seq)
        expect(Date.parse(next?.at ?? '') - refusedAt).toBeGreaterThanOrEqual(90_000)
      }),
  },
]

const requests = (stage: Stage): number => stage.sim.ledger.requests().length
const lastSeq = (stage: Stage): number => stage.sim.ledger.entries().at(-1)?.seq ?? 0

function byKey(takes: readonly Take[]): readonly (readonly Take[])[] {
  const found = new Map<string, Take[]>()
  for (const take of takes) found.set(take.key, [...(found.get(take.key) ?? []), take])
  return [...found.values()]
}

/** Whichever stretch of time one looks at: never more than a burst at once and the declared rate beyond it. */
function expectPace(takes: readonly Take[]): void {
  const rate = takes[0]?.rate
  if (!rate) return
  const burst = rate.burst ?? rate.calls
  for (let from = 0; from < takes.length; from += 1) {
    let cost = 0
    for (const take of takes.slice(from)) {
      cost += take.cost
      const allowed = burst + (((take.at - (takes[from]?.at ?? 0)) / 1000) * rate.calls) / rate.perSeconds
      if (cost > allowed + 1)
        throw new Error(`${cost} calls of ${take.key} within ${take.at - (takes[from]?.at ?? 0)} ms; ${allowed.toFixed(1)} are allowed.`)
    }
  }
  const spent = takes.reduce((sum, take) => sum + take.cost, 0)
  // The limiter had to hold somebody back, or nothing was tried.
  if (spent > burst + 1) expect((takes.at(-1)?.at ?? 0) - (takes[0]?.at ?? 0)).toBeGreaterThan(0)
}
