import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../sandbox/server.ts'
import { start } from '../../sandbox/server.ts'
import type { WooCommerceSim } from '../../sandbox/woocommerce/index.ts'

let sandbox: Sandbox
let sim: WooCommerceSim

const headers = { authorization: `Basic ${Buffer.from('ck_sandbox:cs_sandbox').toString('base64')}`, 'content-type': 'application/json' }
const api = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${sandbox.url}/woo-1/wp-json/wc/v3/${path}`, { headers, ...init })
const setStock = (quantity: number, signal?: AbortSignal): Promise<Response> =>
  api('products/11', { method: 'PUT', body: JSON.stringify({ stock_quantity: quantity }), ...(signal ? { signal } : {}) })
const lever = async (name: string, body: object): Promise<Record<string, unknown>> =>
  fetch(`${sandbox.url}/__control/woo-1/${name}`, { method: 'POST', body: JSON.stringify(body) }).then(async (r) => Object(await r.json()))
const ask = async (question: string): Promise<readonly Record<string, unknown>[]> =>
  fetch(`${sandbox.url}/__control/woo-1/${question}`).then(async (r) => Object(await r.json()))

beforeEach(async () => {
  sandbox = await start({ shops: [{ name: 'woo-1', channel: 'woocommerce', options: { assumeHttps: true } }] })
  sim = sandbox.woo('woo-1')
  sim.control.addProduct({ name: 'Cup', sku: 'CUP', priceMinor: 500, stock: 10 })
})

afterEach(() => sandbox.stop())

describe('faults of a simulated shop', () => {
  it('throttles with the Retry-After it was told, then recovers', async () => {
    sim.control.setFault({ kind: '429', times: 1, retryAfter: '7' })
    const throttled = await api('orders')
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7'])
    expect((await api('orders')).status).toBe(200)
    expect(sim.faults.fired('429')).toBe(1)
    expect(sim.ledger.requests().map((one) => [one.status, one.fault])).toEqual([
      [429, '429'],
      [200, undefined],
    ])
  })

  it('plays every second matching request only', async () => {
    sim.control.setFault({ kind: '503', every: 2, match: { method: 'PUT', path: '/products/' } })
    const statuses: number[] = []
    for (const call of [() => setStock(1), () => api('orders'), () => setStock(2), () => setStock(3), () => setStock(4)])
      statuses.push((await call()).status)
    expect(statuses).toEqual([200, 200, 503, 200, 503])
  })

  it('answers 200 with a web page, and 401 out of the blue', async () => {
    sim.control.setFault({ kind: 'html', times: 1 })
    const page = await api('orders')
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=UTF-8'])
    sim.control.setFault({ kind: 'unauthorized', times: 1 })
    expect((await api('orders')).status).toBe(401)
  })

  it('cuts an answer in half, with and without an honest length', async () => {
    sim.control.setFault({ kind: 'truncated', times: 1 })
    await expect(api('products').then((r) => r.text())).rejects.toThrow()
    sim.control.setFault({ kind: 'truncated', times: 1, clean: true })
    const half = await api('products').then((r) => r.text())
    expect(() => JSON.parse(half)).toThrow()
    expect(half.length).toBeGreaterThan(100)
  })

  it('resets the connection without doing anything', async () => {
    sim.control.setFault({ kind: 'reset', times: 1 })
    await expect(setStock(99)).rejects.toThrow()
    expect(sim.control.stockOf('CUP')).toBe(10)
  })

  it('applies a write and drops the connection', async () => {
    sim.control.setFault({ kind: 'accept-then-drop', times: 1 })
    await expect(setStock(33)).rejects.toThrow()
    expect(sim.control.stockOf('CUP')).toBe(33)
  })

  it('applies a held write after its caller has given up and a newer one has landed', async () => {
    sim.control.setFault({ kind: 'late-write', times: 1, delayMs: 250 })
    await expect(setStock(1, AbortSignal.timeout(60))).rejects.toThrow()
    expect((await setStock(2)).status).toBe(200)
    expect(sim.control.stockOf('CUP')).toBe(2)
    await sleep(350)
    expect(sim.control.stockOf('CUP')).toBe(1)
    expect(sim.ledger.stockWrites().map((write) => write.to)).toEqual([2, 1])
  })

  it('never answers and drips when told to', async () => {
    sim.control.setFault({ kind: 'timeout', times: 1 })
    await expect(api('orders', { signal: AbortSignal.timeout(80) })).rejects.toThrow()
    sim.control.setFault({ kind: 'drip', times: 1, delayMs: 20 })
    await expect(api('products', { signal: AbortSignal.timeout(150) }).then((r) => r.text())).rejects.toThrow()
    expect((await api('products')).status).toBe(200)
  })
})

describe('what a checkout does to a simulated shelf', () => {
  it('takes units at placing, refuses beyond the stock and puts them back at cancelling', async () => {
    const placed = sim.control.shop([{ sku: 'CUP', quantity: 7 }])
    expect(sim.control.stockOf('CUP')).toBe(3)
    expect(sim.control.shop([{ sku: 'CUP', quantity: 4 }])).toEqual({
      ok: false,
      reason: 'Sorry, we do not have enough "Cup" in stock to fulfill your order.',
    })
    sim.control.cancelOrder(placed.ok ? placed.orderId : '')
    expect(sim.control.stockOf('CUP')).toBe(10)
    expect(sim.ledger.stockMoves().map((move) => [move.cause, move.by, move.from, move.to])).toEqual([
      ['sold', 'shopper', 10, 3],
      ['restocked', 'seller', 3, 10],
    ])
  })

  it('holds units of an unpaid order without taking them off the count', () => {
    const placed = sim.control.placeOrder({ lines: [{ sku: 'CUP', quantity: 8 }], status: 'pending' })
    expect(sim.control.stockOf('CUP')).toBe(10)
    expect(sim.control.shop([{ sku: 'CUP', quantity: 3 }]).ok).toBe(false)
    sim.control.setStatus(placed.ok ? placed.orderId : '', 'processing')
    expect(sim.control.stockOf('CUP')).toBe(2)
  })

  it('ignores a quantity for a product it does not count', async () => {
    sim.control.addProduct({ name: 'Uncounted', sku: 'FREE', priceMinor: 100, stock: null })
    const answer = Object(await (await api('products/12', { method: 'PUT', body: JSON.stringify({ stock_quantity: 5 }) })).json())
    expect([answer.manage_stock, answer.stock_quantity, answer.stock_status]).toEqual([false, null, 'instock'])
  })
})

describe('the levers over HTTP', () => {
  it('places, refunds and reads the truth back in minor units', async () => {
    const placed = await lever('place', {
      lines: [
        { sku: 'CUP', quantity: 2 },
        { name: 'Engraving', unitPrice: '1.255', quantity: 2 },
      ],
      shippingMinor: 500,
      number: 'A-1',
    })
    await lever('refund', { orderId: placed['orderId'], minor: 250 })
    expect(await ask('orders')).toMatchObject([
      { number: 'A-1', totalMinor: 1000 + 251 + 500, refundedMinor: 250, lines: [{ sku: 'CUP', totalMinor: 1000 }, { totalMinor: 251 }] },
    ])
  })

  it('loads many orders of history without touching the shelf', async () => {
    const past = {
      placedAt: '2011-12-01T08:26:00Z',
      silent: true,
      lines: [
        { sku: '85123A', name: 'Holder', unitPrice: '2.55', quantity: 6 },
        { sku: 'CUP', quantity: 50 },
      ],
    }
    expect(await lever('place-many', { orders: [past, { ...past, number: '536366' }, { lines: [{ productId: 4242, quantity: 1 }] }] })).toMatchObject(
      { ok: false, placed: 2 },
    )
    expect(sim.control.stockOf('CUP')).toBe(10)
    expect(await ask('orders')).toMatchObject([
      { totalMinor: 1530 + 25_000, placedAt: '2011-12-01T08:26:00Z', lines: [{ sku: '85123A' }, { sku: 'CUP' }] },
      { number: '536366' },
    ])
  })

  it('moves the shop into another time and keeps a lagging list', async () => {
    const { now } = await lever('clock', { shiftMs: 3_600_000 })
    expect(Date.parse(String(now)) - Date.now()).toBeGreaterThan(3_590_000)
    await lever('configure', { listLagMs: 60_000 })
    await lever('shop', {})
    const list = async (): Promise<number> => Object(await (await api('orders')).json()).length
    expect(await list()).toBe(0)
    await lever('clock', { advanceMs: 61_000 })
    expect(await list()).toBe(1)
  })

  it('is alive when it trickles and still when it is told to stop', async () => {
    await lever('trickle', { perMinute: 6000, mix: { fault: 0 } })
    await sleep(400)
    await lever('trickle', { perMinute: 0 })
    const after = sim.ledger.orderChanges().length
    expect(after).toBeGreaterThan(5)
    await sleep(60)
    expect(sim.ledger.orderChanges()).toHaveLength(after)
  })

  it('names what there is when asked for something else', async () => {
    expect(await lever('explode', {})).toMatchObject({ ok: false })
    expect(await lever('fault', { kind: 'meteor' })).toMatchObject({ ok: false })
  })
})
