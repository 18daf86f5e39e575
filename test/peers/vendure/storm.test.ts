import { afterAll, beforeAll, expect, it } from 'vitest'
import { POLL_SECONDS } from '../beside.ts'
import { openElsewhere, promised, sellEverywhere, type Elsewhere } from '../elsewhere.ts'
import { stormAsked, weather } from '../storm.ts'
import { begin, type Scene } from './begin.ts'
import { placeOrder } from './shop.ts'
import { truthOf } from './truth.ts'

/** `npm run test:peer:vendure -- --minutes 10 --rate six-fold` */
const VARIANTS = ['1', '2', '3', '4', '5']
let scene: Scene
let elsewhere: Elsewhere
let skus: readonly string[]
beforeAll(async () => {
  scene = await begin({ shop: 'storm-secret', hub: 'storm-secret' })
  const { staff, hub, beside } = scene
  // Only what is tracked and in stock can be sold so often.
  for (const variant of VARIANTS) await staff.setStock(variant, 100_000)
  skus = await Promise.all(VARIANTS.map(async (variant) => (await staff.variant(variant)).sku))
  await beside.pace(POLL_SECONDS)
  elsewhere = await openElsewhere(hub, skus)
})
afterAll(async () => {
  await elsewhere?.stop()
  await scene?.stop()
})

/** What the shop's own Admin API says could still be sold. */
async function saleable(variant: string): Promise<number> {
  const [level] = (await scene.staff.variant(variant)).stockLevels
  return level.stockOnHand - level.stockAllocated
}

it('sells the same goods at two other channels, and tells all three how many there are', async () => {
  const { hub, beside } = scene
  await sellEverywhere(hub, [beside.connection, ...elsewhere.connections], skus, '100000')
  for (const [i, sku] of skus.entries()) await beside.expectShelf(sku, () => saleable(VARIANTS[i] ?? ''))
}, 600_000)

it('agrees order by order after a storm of orders, edits, refunds and cancels with two kills', async () => {
  const { peer, staff, hub, beside } = scene
  let soldElsewhere = 0
  const tally = await weather({
    name: 'vendure', hub, beside,
    truths: async () => (await staff.orders()).map(truthOf),
    acts: {
      async place(n) {
        if (elsewhere.buy(n)) soldElsewhere += 1
        return (await placeOrder(peer, { lines: [{ variant: String(1 + (n % 5)), quantity: 2 + (n % 3) }, ...(n % 5 === 2 ? [] : [{ variant: '3', quantity: 1 }])] })).code
      },
      // An edit that costs nothing: fewer units of one line, which is how this shop's staff take units out of an order.
      async edit(code) {
        const order = await staff.order(code)
        const line = order.lines.find((each) => each.quantity > 1)
        if (!line) throw new Error('No line has a unit to spare.')
        await staff.cancel(order.id, [{ orderLineId: line.id, quantity: 1 }], false)
      },
      async refund(code) {
        await staff.settleRefund(await staff.refund(await staff.order(code), { amount: 50 }))
      },
      cancel: async (code) => staff.cancel((await staff.order(code)).id),
      async ship(code) {
        const order = await staff.order(code)
        const gone = (line: string): number => order.fulfillments.flatMap((f) => f.lines).reduce((sum, each) => sum + (each.orderLineId === line ? each.quantity : 0), 0)
        const line = order.lines.find((each) => gone(each.id) < each.quantity)
        if (!line) throw new Error('Everything has left.')
        await staff.fulfil([{ orderLineId: line.id, quantity: 1 }], 'DHL', `ST-${code}-${line.id}-${gone(line.id)}`)
      },
    },
  })
  expect(tally.kills).toBe(2)
  expect(tally.done.place).toBeGreaterThan(0)
  // Its own numbers are the hub's, and so are those of the two other channels.
  const figures: string[] = []
  for (const [i, sku] of skus.entries()) {
    const look = async (): Promise<string> => {
      for (const connection of elsewhere.connections) await hub.send('POST', `/v1/connections/${connection}/pull`)
      const [own, { promisable, confirmed }] = [await saleable(VARIANTS[i] ?? ''), await promised(hub, sku)]
      const all = [own, ...elsewhere.shelves(sku), ...confirmed]
      return all.every((one) => one === promisable) ? 'same' : `${sku}: the hub promises ${promisable}, the channels show ${all.join(', ')}`
    }
    await expect.poll(look, { timeout: 240_000, interval: 2000 }).toBe('same')
    figures.push(`${sku} ${(await promised(hub, sku)).promisable}`)
  }
  process.stdout.write(`vendure stock: ${soldElsewhere} pieces sold at two other channels meanwhile; all show what the hub promises: ${figures.join(', ')}\n`)
  expect(soldElsewhere).toBeGreaterThan(0)
}, stormAsked().minutes * 60_000 + 600_000)
