import { afterAll, beforeAll, expect, it } from 'vitest'
import { POLL_SECONDS } from '../beside.ts'
import { stormAsked, weather } from '../storm.ts'
import { begin, SKUS, type Scene } from './begin.ts'
import { truthOf } from './truth.ts'

/** `npm run test:peer:medusa -- --minutes 10 --rate six-fold` */
let scene: Scene
beforeAll(async () => {
  scene = await begin({ shop: 'storm-secret', hub: 'storm-secret' })
  await scene.beside.pace(POLL_SECONDS)
})
afterAll(() => scene?.stop())

it('agrees order by order after a storm of orders, edits, refunds and cancels with two kills', async () => {
  const { shop, hub, beside } = scene
  const tally = await weather({
    name: 'medusa', hub, beside,
    truths: async () => (await shop.orders()).map(truthOf),
    acts: {
      async place(n) {
        const order = await shop.place({ lines: [{ sku: SKUS[n % SKUS.length] ?? 'PEN-1', quantity: 2 + (n % 3) }, ...(n % 5 === 1 ? [] : [{ sku: 'NOTE-A5', quantity: 1 }])] })
        if (n % 3 !== 0) await shop.capture(order)
        return order.id
      },
      async edit(id) {
        const order = await shop.order(id)
        const [line] = order.items
        if (line) await shop.edit(order, line.id, line.quantity + 1)
      },
      async refund(id) {
        const order = await shop.order(id)
        if (order.payment_collections.every((collection) => collection.payments.every((payment) => payment.captures.length === 0))) await shop.capture(order)
        await shop.refund(order, 0.5, 'storm')
      },
      cancel: (id) => shop.cancel(id),
      async ship(id) {
        const order = await shop.order(id)
        const open = order.items.find((item) => item.detail.fulfilled_quantity < item.quantity)
        if (!open) throw new Error('Everything has left.')
        await shop.fulfil(order, [{ id: open.id, quantity: 1 }], 'shipped', `ST-${id.slice(-6)}-${open.detail.fulfilled_quantity}-${open.id.slice(-4)}`)
      },
    },
  })
  expect(tally.kills).toBe(2)
  expect(tally.done.place).toBeGreaterThan(0)
}, stormAsked().minutes * 60_000 + 600_000)
