import pg from 'pg'
import { expect, it } from 'vitest'
import { mayStageAhead } from '../../src/store/apply/turn.ts'

const settledSoon = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 20))])

it('lets one batch of a pool wait with a connection in its hand; others and small pools wait without', async () => {
  const pool = new pg.Pool({ max: 4 })
  const open = new Promise<void>(() => undefined)
  let free = (): void => undefined
  const before = new Promise<void>((resolve) => (free = resolve))
  const turn = { before }
  expect(await settledSoon(mayStageAhead(pool, turn))).toBe(true)
  expect(await settledSoon(mayStageAhead(pool, { before: open }))).toBe(false)
  expect(await settledSoon(mayStageAhead(new pg.Pool({ max: 3 }), { before: open }))).toBe(false)
  free()
  await before
  expect(await settledSoon(mayStageAhead(pool, { before: open }))).toBe(true)
})
