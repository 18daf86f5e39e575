import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectGreen, POLL_SECONDS, SOON, type Beside } from '../beside.ts'
import type { TestHub } from '../hub.ts'
import { begin } from './begin.ts'
import type { Peer } from './peer.ts'
import { placeOrder, type Basket, type Staff } from './shop.ts'
import { truthOf } from './truth.ts'

/**
 * The whole job: a real Vendure beside a whole hub. Nothing here looks into the hub but through its API, and into the shop
 * but through the shop's own.
 */
let hub: TestHub
let peer: Peer
let staff: Staff
let beside: Beside
let stop: (() => Promise<void>) | undefined

beforeAll(async () => {
  // The shop signs its events with another secret for now: they are refused, and polling has to do.
  ;({ hub, peer, staff, beside, stop } = await begin({ shop: 'hook-secret-CANARY', hub: 'not-yet-the-secret' }))
  await beside.pace(POLL_SECONDS)
})

afterAll(() => stop?.())

const truths = async () => (await staff.orders()).map(truthOf)

const basket = (n: number): Basket => ({ lines: [{ variant: String(1 + (n % 5)), quantity: 1 + (n % 3) }, ...(n % 2 === 0 ? [{ variant: '3', quantity: 7 }] : [])] })
const placed: string[] = []
async function place(n: number): Promise<string> {
  const { code } = await placeOrder(peer, basket(n))
  placed.push(code)
  return code
}

describe('a real shop beside the hub', () => {
  it('passes the connection test and lists what the shop sells', async () => {
    await expectGreen(hub, beside.connection)
    await beside.stock(['LAMP-B-EU', 'LAMP-W-EU', 'NOTE-A5', 'KETTLE-17', 'TEA-青-01', 'VOUCHER-10'], '150')
  })

  it('has an order within seconds of the next poll', async () => {
    const code = await place(0)
    const at = Date.now()
    await expect.poll(async () => (await beside.orders()).has(code), SOON).toBe(true)
    const seconds = (Date.now() - at) / 1000
    process.stdout.write(`an order was there after ${seconds.toFixed(1)} s (polling every ${POLL_SECONDS} s)\n`)
    expect(seconds).toBeLessThan(POLL_SECONDS + 10)
  })

  it('loses and doubles nothing while its worker is killed twice', async () => {
    const buying = (async () => {
      for (let n = 1; n <= 24; n++) await place(n)
    })()
    await sleep(3000)
    await hub.killWorker()
    await sleep(2000)
    await hub.killWorker()
    await buying
    expect(hub.kills()).toBe(2)
    await expect.poll(async () => (await beside.orders()).size, { ...SOON, timeout: 60_000 }).toBe(placed.length)
    await beside.agree(await truths())
  })

  it('tells the shop nothing before it is armed', async () => {
    const before = await staff.variant('1')
    await hub.send('POST', '/v1/stock', { items: [{ sku: 'LAMP-B-EU', on_hand: '149' }] })
    await sleep(3000)
    expect((await staff.variant('1')).stockLevels).toEqual(before.stockLevels)
    const order = await beside.order(placed[0] ?? '')
    const early = await hub.send('POST', `/v1/orders/${order.id}/shipments`, { carrier: 'sf-express', tracking_no: 'SF-EARLY', lines: [{ line_no: 1, quantity: '1' }] })
    expect([201, 409, 422]).toContain(early.status)
    await sleep(3000)
    expect((await staff.order(placed[0] ?? '')).fulfillments).toEqual([])
  })

  it('sets stock in the shop once armed, and again after a change', async () => {
    await beside.arm(['stock', 'shipments'])
    await expectShelf('LAMP-B-EU', '1')
    await hub.send('POST', '/v1/stock', { items: [{ sku: 'LAMP-B-EU', on_hand: '88' }, { sku: 'TEA-青-01', on_hand: '33' }] })
    await expectShelf('LAMP-B-EU', '1')
    await expectShelf('TEA-青-01', '5')
  })

  it('ships in part, and the shop shows the package', async () => {
    const code = placed[4] ?? ''
    const order = await beside.order(code)
    expect(order.lines.map((line) => line.quantity)).toEqual(['2', '7'])
    const shipped = await hub.send('POST', `/v1/orders/${order.id}/shipments`, {
      carrier: 'sf-express', carrier_name: 'SF Express', tracking_no: 'SF7700000000001', lines: [{ line_no: 1, quantity: '1' }, { line_no: 2, quantity: '3' }],
    })
    expect(shipped.status, JSON.stringify(shipped.body)).toBe(201)
    await expect.poll(async () => (await staff.order(code)).state, SOON).toBe('PartiallyShipped')
    const [fulfillment] = (await staff.order(code)).fulfillments
    expect([fulfillment?.trackingCode, fulfillment?.state, fulfillment?.lines.map((l) => l.quantity)]).toEqual(['SF7700000000001', 'Shipped', [1, 3]])
    await expect.poll(async () => (await beside.order(code)).doc.source_status, SOON).toBe('PartiallyShipped')
  })

  // A package that was being sent when its worker died is looked for at the shop when its lease of five minutes ends.
  it('ships each package once although the worker dies in the middle', async () => {
    const codes = placed.slice(5, 11)
    for (const [i, code] of codes.entries()) {
      const order = await beside.order(code)
      const answer = await hub.send('POST', `/v1/orders/${order.id}/shipments`, { carrier: 'yto', carrier_name: 'YTO', tracking_no: `YT880000000000${i}` })
      expect(answer.status, JSON.stringify(answer.body)).toBe(201)
    }
    await hub.killWorker()
    for (const [i, code] of codes.entries()) {
      await expect.poll(async () => (await staff.order(code)).state, { timeout: 420_000, interval: 1000 }).toBe('Shipped')
      expect((await staff.order(code)).fulfillments.map((f) => f.trackingCode)).toEqual([`YT880000000000${i}`])
    }
  }, 480_000)

  it('holds what the shop cancelled', async () => {
    const code = placed[12] ?? ''
    await staff.cancel((await staff.order(code)).id)
    await expect.poll(async () => (await beside.order(code)).cancelled, SOON).toBe(true)
    const order = await beside.order(code)
    const refused = await hub.send('POST', `/v1/orders/${order.id}/shipments`, { carrier: 'yto', tracking_no: 'YT990000000001' })
    expect([409, 422]).toContain(refused.status)
    await sleep(2000)
    expect((await staff.order(code)).fulfillments).toEqual([])
  })

  it('sees shipments, refunds and part cancels made in the shop itself, where its change time stands still', async () => {
    const [shippedThere = '', refunded = '', lessened = ''] = placed.slice(13, 16)
    const there = await staff.order(shippedThere)
    await staff.fulfil([{ orderLineId: there.lines[0]?.id ?? '', quantity: 1 }], 'DHL', 'DHL-1', 'Delivered')
    await staff.settleRefund(await staff.refund(await staff.order(refunded), { amount: 250 }))
    const less = await staff.order(lessened)
    await staff.cancel(less.id, [{ orderLineId: less.lines[0]?.id ?? '', quantity: 1 }], false)
    const late = await staff.order(placed[12] ?? '')
    await staff.settleRefund(await staff.refund(late, { amount: 100, reason: 'after the cancel' }))
    await expect.poll(async () => Number((await beside.order(placed[12] ?? '')).doc.totals.refunded.amount), { ...SOON, timeout: 60_000 }).toBe(1)
    await expect.poll(async () => Number((await beside.order(refunded)).doc.totals.refunded.amount), SOON).toBe(2.5)
    await expect.poll(async () => (await beside.order(shippedThere)).doc.channel_shipments[0]?.tracking_no, SOON).toBe('DHL-1')
  })

  it('takes the shop\'s own events when it polls rarely', async () => {
    const { etag } = await hub.send('PATCH', `/v1/connections/${beside.connection}`, { secrets: { webhookSecret: 'hook-secret-CANARY' } })
    expect(etag).not.toBe('')
    await beside.pace(3600)
    await sleep(3000)
    const code = await place(3)
    const at = Date.now()
    await expect.poll(async () => (await beside.orders()).has(code), SOON).toBe(true)
    process.stdout.write(`an order was there ${((Date.now() - at) / 1000).toFixed(1)} s after its event\n`)
    await beside.pace(POLL_SECONDS)
  })

  it('agrees with the shop order by order in the end, stock included, and told no secret', async () => {
    await beside.agreeSoon(truths, 90)
    for (const [sku, variant] of [['LAMP-B-EU', '1'], ['LAMP-W-EU', '2'], ['NOTE-A5', '3'], ['KETTLE-17', '4'], ['TEA-青-01', '5']] as const) await expectShelf(sku, variant)
    expect(hub.output()).not.toContain('CANARY')
  }, 240_000)
})

async function expectShelf(sku: string, variant: string): Promise<void> {
  await beside.expectShelf(sku, async () => {
    const [level] = (await staff.variant(variant)).stockLevels
    return level.stockOnHand - level.stockAllocated
  })
}
