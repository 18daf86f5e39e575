import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { SecretBox } from '../../../src/store/envelope.ts'
import { storedTokens } from '../../../src/store/tokens.ts'
import { aConnection, one, openDatabase } from './build.ts'

let database: Awaited<ReturnType<typeof openDatabase>>
let pool: pg.Pool
const box = new SecretBox(randomBytes(32))
beforeAll(async () => {
  database = await openDatabase()
  pool = database.pool
})
afterAll(() => database.close())

it('renews once when five workers find the token stale at the same time', async () => {
  const id = await aConnection(pool)
  let refreshed = 0
  const refresh = async () => {
    refreshed += 1
    await new Promise((resolve) => setTimeout(resolve, 300))
    return { values: { access: `token-${refreshed}` }, expiresAt: '2026-11-22T12:00:00.000Z' }
  }
  const results = await Promise.all(Array.from({ length: 5 }, () => storedTokens(pool, box, id).renew({}, refresh)))
  expect(refreshed).toBe(1)
  expect(results).toEqual(Array.from({ length: 5 }, () => ({ access: 'token-1' })))
  expect(await storedTokens(pool, box, id).read()).toEqual({ access: 'token-1' })
})

it('keeps tokens sealed, and bound to their connection', async () => {
  const [mine, other] = [await aConnection(pool), await aConnection(pool)]
  await storedTokens(pool, box, mine).renew({}, () => Promise.resolve({ values: { access: 'CANARY-token' } }))
  const { tokens } = await one<{ tokens: Buffer }>(pool, 'select tokens from connections where id = $1', [mine])
  expect(tokens.includes('CANARY')).toBe(false)
  await pool.query('update connections set tokens = $2 where id = $1', [other, tokens])
  await expect(storedTokens(pool, box, other).read()).rejects.toMatchObject({ code: 'secret-unreadable' })
})

it('lets the next one try after a renewal that failed', async () => {
  const id = await aConnection(pool)
  const tokens = storedTokens(pool, box, id)
  await expect(tokens.renew({}, () => Promise.reject(new Error('revoked')))).rejects.toThrow('revoked')
  expect(await tokens.renew({}, () => Promise.resolve({ values: { access: 'new' } }))).toEqual({ access: 'new' })
})
