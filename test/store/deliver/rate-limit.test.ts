import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { postgresLimiter, tryTake } from '../../../src/store/rate-limit.ts'
import { openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

it('grants the burst and not one call more, however many workers ask at once', async () => {
  const rate = { calls: 5, perSeconds: 60 }
  const waits = await Promise.all(Array.from({ length: 40 }, () => tryTake(pool, 'burst', 1, rate)))
  expect(waits.filter((wait) => wait === 0)).toHaveLength(5)
  for (const wait of waits.filter((ms) => ms > 0)) expect(wait).toBeGreaterThan(0)
  expect(await tryTake(pool, 'burst', 1, rate)).toBeGreaterThan(11_000)
})

it('paces callers that wait', async () => {
  const limiter = postgresLimiter({ pool })
  const startedAt = performance.now()
  for (let n = 0; n < 6; n += 1) await limiter.take('paced', 1, { calls: 20, perSeconds: 1, burst: 1 })
  const took = performance.now() - startedAt
  expect(took).toBeGreaterThan(240)
  expect(took).toBeLessThan(2_000)
})

it('lets nobody through while the channel has blocked it, and others at once', async () => {
  const limiter = postgresLimiter({ pool })
  const rate = { calls: 100, perSeconds: 1 }
  await limiter.take('mine', 1, rate)
  await limiter.block('mine', 400)
  expect(await tryTake(pool, 'mine', 1, rate)).toBeGreaterThan(200)
  expect(await tryTake(pool, 'yours', 1, rate)).toBe(0)
  await limiter.take('mine', 1, rate)
  expect(await tryTake(pool, 'mine', 1, rate)).toBe(0)
})

it('ends a wait when its worker stops', async () => {
  const stopping = new AbortController()
  const limiter = postgresLimiter({ pool, signal: stopping.signal })
  await limiter.block('stopped', 60_000)
  const waiting = limiter.take('stopped', 1, { calls: 1, perSeconds: 1 })
  setTimeout(() => stopping.abort(), 50)
  await expect(waiting).rejects.toMatchObject({ fault: { kind: 'transient', code: 'not-sent' } })
})

it('weighs costs, and grants one above the burst as the burst', async () => {
  const rate = { calls: 10, perSeconds: 60, burst: 10 }
  expect(await tryTake(pool, 'cost', 50, rate)).toBe(0)
  expect(await tryTake(pool, 'cost', 1, rate)).toBeGreaterThan(5_000)
})
