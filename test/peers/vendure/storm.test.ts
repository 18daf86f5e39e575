import { afterAll, beforeAll, expect, it } from 'vitest'
import { POLL_SECONDS } from '../beside.ts'
import { stormAsked, weather } from '../storm.ts'
import { begin, type Scene } from './begin.ts'
import { placeOrder } from './shop.ts'
import { truthOf } from './truth.ts'

/** `npm run test:peer:vendure -- --minutes 10 --rate six-fold` */
let scene: Scene
beforeAll(async () => {
  scene = await begin({ shop: 'storm-secret', hub: 'storm-secret' })
  // Only what is tracked and in stock can be sold so often.
  for (const variant of ['1', '2', '3', '4', '5']) await scene.staff.setStock(variant, 100_000)
  await scene.beside.pace(POLL_SECONDS)
})
afterAll(() => scene?.stop())

it('agrees order by order after a storm of orders, edits, refunds and cancels with two kills', async () => {
  const { peer, staff, hub, beside } = scene
  const tally = await weather({
    name: 'vendure', hub, beside,
    truths: async () => (await staff.orders()).map(truthOf),
    acts: {
      place: async (n) => (await placeOrder(peer, { lines: [{ variant: String(1 + (n % 5)), quantity: 2 + (n % 3) }, ...(n % 5 === 2 ? [] : [{ variant: '3', quantity: 1 }])] })).code,
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
}, stormAsked().minutes * 60_000 + 600_000)
