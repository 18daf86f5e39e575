import { afterAll, beforeAll, expect, it } from 'vitest'
import { openHub, until, type PromiseHub } from '../promises/open-hub.ts'

let hub: PromiseHub

beforeAll(async () => {
  hub = await openHub()
})
afterAll(() => hub.close())

const deliveries = (from: number, count: number): Promise<void>[] =>
  Array.from({ length: count }, (_, i) => hub.deliver(`{"no":"C${from + i}","at":"2026-11-01T01:00:00Z"}`, `crowd-${from + i}`))

/** Keeps commits of the door waiting until the answer is called. */
async function held(): Promise<() => Promise<void>> {
  const blocker = await hub.pool.connect()
  await blocker.query('begin; lock table inbox in share mode')
  return async () => {
    await blocker.query('commit')
    blocker.release()
  }
}
const someWait = (): Promise<unknown> =>
  until(() => hub.value(`select exists (select 1 from pg_locks where not granted and relation = 'inbox'::regclass)`))

it('is quiet while nobody or only a few wait for their answer', async () => {
  expect(await hub.sink.quiet(0)).toBe(true)
  const release = await held()
  const few = deliveries(0, 3)
  await someWait()
  expect(await hub.sink.quiet(0)).toBe(true)
  await release()
  await Promise.all(few)
})

it('is crowded while many wait, also in the moment after a commit answered them all at once', async () => {
  const release = await held()
  const many = deliveries(100, 64)
  await someWait()
  expect(await hub.sink.quiet(0)).toBe(false)
  await release()
  await Promise.all(many)
  let seen = false
  for (let from = 1000; !seen && from < 3000; from += 64) {
    await Promise.all(deliveries(from, 64))
    seen = !(await hub.sink.quiet(0)) // on a machine that stands still the moment may have gone by
  }
  expect(seen).toBe(true)
  expect(await hub.sink.quiet(60_000)).toBe(true)
})
