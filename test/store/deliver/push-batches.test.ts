import { afterEach, beforeEach, expect, it } from 'vitest'
import { levelRequest, ownBooks, pushBatches, type Books } from '../../../src/activities/push-levels.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { shelf, type Shelf } from './shelf.ts'

let shop: Shelf
beforeEach(async () => {
  shop = await shelf()
  for (const sku of ['A', 'B', 'C']) await shop.list(sku)
  await setStock(
    { pool: shop.pool, actor: 'test', now: shop.now() },
    ['A', 'B', 'C'].map((sku) => ({ sku, location: 'main', onHand: '5' })),
  )
})
afterEach(() => shop.close())

/** One listing a call. */
function push(books: Books) {
  const request = levelRequest(shop.opened)
  if (!request) throw new Error('The shelf takes no levels.')
  return pushBatches(shop.deps, shop.opened, { ...request, maxBatch: 1 }, new AbortController().signal, books)
}
const states = async () =>
  (await shop.pool.query<{ state: string }>('select state from effects_now order by listing_key')).rows.map(({ state }) => state)

it('plans the next batch while what was taken is recorded, and says what became of all of them', async () => {
  const own = ownBooks(shop.deps)
  const happened: string[] = []
  let release: () => void = () => undefined
  const planned = new Promise<void>((resolve) => {
    release = resolve
  })
  const report = await push({
    plan: async (request) => {
      happened.push('plan')
      if (happened.includes('record')) release()
      return own.plan(request)
    },
    taken: async (call) => {
      happened.push('record')
      await planned // ends only once the next batch was asked for
      return own.taken(call)
    },
  })
  expect(report).toMatchObject({ sent: 3, done: 3, refused: 0, unknown: 0, more: false })
  expect(happened.slice(0, 3)).toEqual(['plan', 'record', 'plan'])
  expect(await states()).toEqual(['done', 'done', 'done'])
  expect(Object.fromEntries(shop.levels)).toMatchObject({ A: 5, B: 5, C: 5 })
})

it('says so when an answer could not be recorded, and leaves its writes to be read back', async () => {
  const own = ownBooks(shop.deps)
  let calls = 0
  const push1 = push({ plan: own.plan, taken: (call) => ((calls += 1) === 1 ? Promise.reject(new Error('database gone')) : own.taken(call)) })
  await expect(push1).rejects.toThrow('database gone')
  expect((await states())[0]).toBe('sending')
  expect(shop.channel.writes.filter(({ key }) => key === 'A')).toHaveLength(1)
  await push(own)
  expect(shop.channel.writes.filter(({ key }) => key === 'A')).toHaveLength(1)
})
