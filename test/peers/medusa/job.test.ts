import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGreen, POLL_SECONDS, SOON } from '../beside.ts'
import { begin, SKUS, type Scene } from './begin.ts'
import type { Basket, ShopOrder } from './shop.ts'
import { truthOf } from './truth.ts'

/** The whole job: a real Medusa beside a whole hub. Nothing here looks into the hub but through its API, and into the shop but through its own. */
let scene: Scene

beforeAll(async () => {
  scene = await begin({ shop: 'hook-secret-CANARY', hub: 'not-yet-the-secret' })
  await scene.beside.pace(POLL_SECONDS)
})
afterAll(() => scene?.stop())

const basket = (n: number): Basket => ({ lines: [{ sku: SKUS[n % SKUS.length] ?? 'PEN-1', quantity: 1 + (n % 3) }, ...(n % 2 === 0 ? [{ sku: 'NOTE-A5', quantity: 7 }] : [])].filter((line, i, all) => all.findIndex((one) => one.sku === line.sku) === i) })
const placed: string[] = []
async function place(n: number): Promise<string> {
  const { id } = await scene.shop.place(basket(n))
  placed.push(id)
  return id
}
const pick = (n: number): Promise<ShopOrder> => scene.shop.order(placed[n] ?? '')
const truths = async () => (await scene.shop.orders()).map(truthOf)
const whole = (order: ShopOrder) => order.items.map(({ id, quantity }) => ({ id, quantity }))

describe('a real Medusa beside the hub', () => {
  it('passes the connection test and lists what the shop sells', async () => {
    await expectGreen(scene.hub, scene.beside.connection)
    await scene.beside.stock(SKUS, '150')
  })

  it('has an order within seconds of the next poll', async () => {
    const id = await place(0)
    const at = Date.now()
    await expect.poll(async () => (await scene.beside.orders()).has(id), SOON).toBe(true)
    process.stdout.write(`an order was there after ${((Date.now() - at) / 1000).toFixed(1)} s (polling every ${POLL_SECONDS} s)\n`)
  })

  it('loses and doubles nothing while it is killed twice', async () => {
    const buying = (async () => {
      for (let n = 1; n <= 16; n++) await place(n)
    })()
    await sleep(3000)
    await scene.hub.kill()
    await sleep(2000)
    await scene.hub.killWorker()
    await buying
    await expect.poll(async () => (await scene.beside.orders()).size, { ...SOON, timeout: 60_000 }).toBe(placed.length)
    await scene.beside.agree(await truths())
  }, 240_000)

  it('tells the shop nothing before it is armed', async () => {
    const before = await scene.shop.level('LAMP-B-EU')
    await scene.hub.send('POST', '/v1/stock', { items: [{ sku: 'LAMP-B-EU', on_hand: '149' }] })
    await sleep(3000)
    expect(await scene.shop.level('LAMP-B-EU')).toEqual(before)
  })

  it('sets stock in the shop once armed, and again after a change', async () => {
    await scene.beside.arm(['stock', 'shipments'])
    await expectShelf('LAMP-B-EU')
    await scene.hub.send('POST', '/v1/stock', { items: [{ sku: 'LAMP-B-EU', on_hand: '88' }, { sku: 'TEA-青-01', on_hand: '33' }] })
    await expectShelf('LAMP-B-EU')
    await expectShelf('TEA-青-01')
  }, 240_000)

  it('sees a captured payment, for which the change time of the order stands still', async () => {
    const order = await pick(1)
    await scene.shop.capture(order)
    expect((await pick(1)).updated_at).toBe(order.updated_at)
    await expect.poll(async () => Number((await scene.beside.order(order.id)).doc.totals.paid.amount), { timeout: 120_000, interval: 2000 }).toBeGreaterThan(0)
  }, 150_000)

  it('ships in part, and the shop shows the package', async () => {
    const id = placed[2] ?? ''
    const order = await scene.beside.order(id)
    const shipped = await scene.hub.send('POST', `/v1/orders/${order.id}/shipments`, {
      carrier: 'sf-express', carrier_name: 'SF Express', tracking_no: 'SF7700000000001', lines: [{ line_no: 1, quantity: '1' }],
    })
    expect(shipped.status, JSON.stringify(shipped.body)).toBe(201)
    await expect.poll(async () => (await pick(2)).fulfillment_status, SOON).toBe('partially_shipped')
    expect((await pick(2)).fulfillments.map((one) => [one.labels[0]?.tracking_number, one.shipped_at !== null, one.items.map((item) => item.quantity)])).toEqual([['SF7700000000001', true, [1]]])
    await expect.poll(async () => (await scene.beside.order(id)).doc.source_status, SOON).toBe('pending/partially_shipped')
  })

  // A package that was being sent when the hub died is looked for at the shop when its lease of five minutes ends.
  it('ships each package once although the hub dies in the middle', async () => {
    const numbers = [3, 4, 5, 6]
    for (const n of numbers) {
      const order = await scene.beside.order(placed[n] ?? '')
      const answer = await scene.hub.send('POST', `/v1/orders/${order.id}/shipments`, { carrier: 'yto', carrier_name: 'YTO', tracking_no: `YT880000000000${n}` })
      expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    }
    await scene.hub.kill()
    for (const n of numbers) {
      await expect.poll(async () => (await pick(n)).fulfillment_status, { timeout: 420_000, interval: 1000 }).toBe('shipped')
      expect((await pick(n)).fulfillments.map((one) => one.labels.map((label) => label.tracking_number))).toEqual([[`YT880000000000${n}`]])
    }
  }, 480_000)

  it('sees edits, refunds, cancels, returns and packages made in the shop itself', async () => {
    for (const n of [7, 8, 9, 10, 12]) await scene.shop.capture(await pick(n))
    const edited = await pick(7)
    await scene.shop.edit(edited, edited.items[0]?.id ?? '', 5)
    await scene.shop.add(await pick(8), 'PEN-1', 2)
    await scene.shop.refund(await pick(9), 1.25, 'late')
    await scene.shop.cancel(placed[10] ?? '')
    await scene.shop.cancel(placed[11] ?? '')
    const sent = await pick(12)
    await scene.shop.fulfil(sent, whole(sent), 'delivered', 'DHL-1')
    await scene.shop.takeBack(await pick(12), [{ id: sent.items[0]?.id ?? '', quantity: 1 }])
    await scene.shop.fulfil(await pick(13), whole(await pick(13)), 'made')
    await scene.beside.agreeSoon(truths, 90)
    const refused = await scene.hub.send('POST', `/v1/orders/${(await scene.beside.order(placed[11] ?? '')).id}/shipments`, { carrier: 'yto', tracking_no: 'YT990000000001' })
    expect([409, 422]).toContain(refused.status)
  }, 240_000)

  it('takes the shop\'s own events when it polls rarely', async () => {
    const { etag } = await scene.hub.send('PATCH', `/v1/connections/${scene.beside.connection}`, { secrets: { webhookSecret: 'hook-secret-CANARY' } })
    expect(etag).not.toBe('')
    await scene.beside.pace(3600)
    await sleep(3000)
    const id = await place(3)
    const at = Date.now()
    await expect.poll(async () => (await scene.beside.orders()).has(id), SOON).toBe(true)
    process.stdout.write(`an order was there ${((Date.now() - at) / 1000).toFixed(1)} s after its event\n`)
    await scene.beside.pace(POLL_SECONDS)
  })

  it('agrees with the shop order by order in the end, stock included, and told no secret', async () => {
    await scene.beside.agreeSoon(truths, 90)
    for (const sku of SKUS) await expectShelf(sku)
    expect(scene.hub.output()).not.toContain('CANARY')
  }, 480_000)
})

async function expectShelf(sku: string): Promise<void> {
  await scene.beside.expectShelf(sku, async () => {
    const { stocked_quantity: stocked, reserved_quantity: reserved } = await scene.shop.level(sku)
    return stocked - reserved
  })
}
