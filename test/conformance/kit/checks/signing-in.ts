import { expect } from 'vitest'
import { either, needs, needsHttp, type Check } from '../check.ts'
import { trouble } from '../lever.ts'
import { everything, faultOf, orderIds, pages, recordsOf, truthIds } from '../reading.ts'
import { onStage } from '../stage.ts'
import { ability } from '../subject.ts'
import { severalPages } from './reading.ts'

export const signingIn: readonly Check[] = [
  {
    id: 'connection-test',
    title: 'the connection test passes with good credentials and fails, as a fault or a step, with bad ones',
    run: (subject) =>
      onStage(subject, { products: 10, orders: 3 }, async (stage) => {
        const check = subject.connector.check
        expect((await check(stage.call())).filter((step) => !step.ok)).toEqual([])
        if (needsHttp(subject) !== undefined) return
        const wrong = Object.fromEntries(Object.keys(stage.sim.credentials).map((name) => [name, 'wrong-CANARY-credential']))
        const steps = await check(stage.call({ secrets: wrong, tokens: noTokens })).catch((error: unknown) => faultOf(Promise.reject(error)))
        if ('kind' in steps) expect(['unauthorized', 'misconfigured']).toContain(steps.kind)
        else expect(steps.some((step) => !step.ok)).toBe(true)
      }),
  },
  {
    id: 'token-dies-mid-page',
    title: 'a token that dies between two pages is renewed once and the pull goes on without a gap',
    beside: either(needs('refreshToken', 'pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: severalPages(subject) }, async (stage) => {
        const request = everything(stage)
        const all = orderIds(recordsOf(await pages(subject, stage.call(), request)))
        const [expire, renewals] = [trouble(stage, 'expireTokens'), trouble(stage, 'renewals')]
        const before = renewals()
        const found: string[] = []
        let count = 0
        for await (const page of ability(subject, 'pullOrders')(stage.call(), request)) {
          found.push(...orderIds(page.records))
          if ((count += 1) === 2) expire()
          if (page.cursor === null) break
        }
        expect([...new Set(found)].sort()).toEqual(all)
        expect(renewals() - before).toBe(1)
      }),
  },
  {
    id: 'one-renewal-for-eight',
    title: 'eight calls that meet a dead token at once renew it exactly once',
    beside: either(needs('refreshToken', 'fetchOrder'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 8 }, async (stage) => {
        const [call, fetch] = [stage.call(), ability(subject, 'fetchOrder')]
        const ids = truthIds(stage)
        await fetch(call, ids.slice(0, 1))
        const [expire, renewals] = [trouble(stage, 'expireTokens'), trouble(stage, 'renewals')]
        const before = renewals()
        expire()
        const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => fetch(call, [ids[i % ids.length] ?? ''])))
        expect(answers.filter((records) => records.length === 0)).toEqual([])
        expect(renewals() - before).toBe(1)
      }),
  },
  {
    id: 'revoked',
    title: 'a revoked authorisation ends as unauthorized after a handful of calls, and works again once it is given back',
    beside: either(needs('pullOrders'), needsHttp),
    run: (subject) =>
      onStage(subject, { products: 10, orders: 6 }, async (stage) => {
        const call = stage.call()
        const all = orderIds(recordsOf(await pages(subject, call, everything(stage))))
        const revoke = trouble(stage, 'revoke')
        revoke(true)
        const before = stage.sim.ledger.requests().length
        expect(await faultOf(pages(subject, call, everything(stage)))).toMatchObject({ kind: 'unauthorized' })
        expect(stage.sim.ledger.requests().length - before).toBeLessThanOrEqual(3)
        revoke(false)
        expect(orderIds(recordsOf(await pages(subject, call, everything(stage))))).toEqual(all)
      }),
  },
]

const noTokens = {
  read: () => Promise.resolve({}),
  renew: (_stale: Readonly<Record<string, string>>, refresh: () => Promise<{ readonly values: Readonly<Record<string, string>> }>) =>
    refresh().then((tokens) => tokens.values),
}
