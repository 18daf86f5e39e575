import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { WooCommerceSim } from '../../sandbox/woocommerce/index.ts'
import { hubUnderTest, type HubUnderTest, type Json } from './hub-under-test.ts'

interface Listed<T = Json> {
  readonly items: readonly T[]
}
interface OrderView extends Json {
  readonly id: string
  readonly channel_order_no: string
  readonly holds: readonly string[]
  readonly effects: readonly { readonly state: string; readonly kind: string }[]
  readonly doc: {
    readonly lines: readonly { readonly channel_line_no: string; readonly quantity: string; readonly net: { readonly amount: string } }[]
    readonly totals: { readonly total: { readonly amount: string } }
  }
  readonly refunds: readonly Json[]
}

let hub: HubUnderTest
let shop: WooCommerceSim
let connection: string

beforeAll(async () => {
  hub = await hubUnderTest([{ name: 'woo-1', channel: 'woocommerce', options: { fulfilments: true } }])
  shop = hub.sandbox.woo('woo-1')
  shop.control.seedOrders(30)
  const made = await hub.call('POST', '/v1/connections', {
    channel: 'woocommerce',
    name: 'Shop',
    config: { url: hub.sandbox.shops[0]?.url },
    secrets: { ...shop.credentials, webhookSecret: 'a-webhook-secret-1' },
    timezone: 'UTC',
    currency: 'USD',
    start_from: new Date(Date.now() - 40 * 86_400_000).toISOString(),
  })
  connection = String(made['id'])
})
afterAll(() => hub.stop())

const read = async (no: string): Promise<OrderView> => {
  const { found } = await hub.call<{ found: readonly { order: Json }[] }>('POST', '/v1/orders/find', { ids: [no] })
  return hub.call<OrderView>('GET', `/v1/orders/${String(found[0]?.order['id'])}`)
}
const stored = async (no: string): Promise<OrderView> => {
  await hub.until(
    () => hub.call<{ found: readonly Json[] }>('POST', '/v1/orders/find', { ids: [no] }),
    (answer) => answer.found.length === 1,
  )
  return read(no)
}
const minor = (amount: string): number => Math.round(Number(amount) * 100)
const place = (): string => {
  const done = shop.control.shop()
  if (!done.ok) throw new Error(done.reason)
  return done.orderId
}

/** Hub and shop, order by order: lines, quantities, minor units. */
async function assertAgreement(): Promise<number> {
  const truths = shop.ledger.orders().filter((truth) => truth.status !== 'checkout-draft')
  await hub.call('POST', `/v1/connections/${connection}/pull`)
  for (const truth of truths) {
    const order = await hub.until(
      () => stored(truth.orderId),
      (view) => minor(view.doc.totals.total.amount) === truth.totalMinor && view.doc.lines.length === truth.lines.length,
    )
    const lines = order.doc.lines.filter((line) => truth.lines.some((known) => known.lineId === line.channel_line_no))
    expect(lines.map((line) => [line.channel_line_no, Number(line.quantity), minor(line.net.amount)])).toEqual(
      truth.lines.map((line) => [line.lineId, line.quantity, line.totalMinor]),
    )
  }
  return truths.length
}

describe('the main job', () => {
  it('reads the history of a new connection and agrees with the shop order by order', async () => {
    await hub.until(
      () => hub.call<Listed>('GET', '/v1/orders?limit=200'),
      (page) => page.items.length >= 30,
    )
    expect(await assertAgreement()).toBeGreaterThanOrEqual(30)
  })

  it('subscribes webhooks and has a new order within seconds, without waiting for a poll', async () => {
    await hub.until(
      () => hub.call<{ webhook: { healthy: boolean | null } }>('GET', `/v1/connections/${connection}`),
      (view) => view.webhook.healthy === true,
    )
    const no = place()
    const order = await stored(no)
    expect(order.channel_order_no).toBe(no)
  })

  it('binds SKUs, sends nothing before it is armed, then exactly what the preview said', async () => {
    await hub.call('POST', `/v1/connections/${connection}/listings/refresh`)
    const listings = await hub.until(
      () => hub.call<Listed<{ channel_sku: string; title: string }>>('GET', `/v1/listings?connection=${connection}&limit=200`),
      (page) => page.items.length > 3,
    )
    const skus = [...new Set(listings.items.map((listing) => listing.channel_sku).filter((sku) => sku !== ''))]
    await hub.call('POST', '/v1/skus', { items: skus.map((sku) => ({ sku, title: sku })) })
    await hub.call('POST', '/v1/stock', { items: skus.map((sku) => ({ sku, on_hand: '40', ref: 'opening' })) })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(shop.ledger.stockWrites()).toHaveLength(0)
    const preview = await hub.call<{ hash: string; items: readonly { sku: string | null; would_set: number | null }[] }>(
      'GET',
      `/v1/connections/${connection}/arm-preview?what=stock`,
    )
    await hub.call('POST', `/v1/connections/${connection}/arm`, { what: ['stock', 'shipments'], preview_hash: preview.hash, confirm_zero: true })
    const wanted = new Map(preview.items.filter((item) => item.would_set !== null).map((item) => [item.sku, item.would_set]))
    await hub.until(
      () => Promise.resolve([...wanted].filter(([sku, level]) => sku !== null && shop.control.stockOf(sku) !== level)),
      (rest) => rest.length === 0,
    )
  })

  it('heals held orders by a dry run and a replay of their group', async () => {
    const groups = await hub.call<{ items?: readonly { id: string; code: string }[]; groups?: readonly { id: string; code: string }[] }>(
      'GET',
      '/v1/failures?status=open',
    )
    const group = (groups.items ?? groups.groups ?? []).find((one) => one.code === 'sku-unbound')
    if (!group) return expect.fail('no order was held for its SKU')
    const run = async (dry: boolean): Promise<{ state: string; result: { change: number; fail: number } }> => {
      const job = await hub.call('POST', '/v1/replays', { filter: { group: group.id }, dry_run: dry })
      return hub.until(
        () => hub.call<{ state: string; result: { change: number; fail: number } }>('GET', `/v1/jobs/${String(job['id'])}`),
        (view) => view.state === 'done',
      )
    }
    const planned = await run(true)
    expect(planned.result.change).toBeGreaterThan(0)
    expect((await run(false)).result.change).toBe(planned.result.change)
    expect((await run(false)).result.change).toBe(0)
  })

  it('ships part of an order, the shop shows exactly that, also when the answer was lost', async () => {
    const no = place()
    const order = await stored(no)
    const line = order.doc.lines[0]
    shop.control.setFault({ kind: 'accept-then-drop', times: 1, match: { method: 'POST', path: 'fulfillments' } })
    await hub.call('POST', `/v1/orders/${order.id}/shipments`, {
      carrier: 'SF',
      tracking_no: 'SF1234567890123',
      lines: [{ line_no: 1, quantity: '1' }],
    })
    const settled = await hub.until(
      () => read(no),
      (view) => view.effects.some((effect) => effect.kind === 'shipment' && effect.state === 'done'),
      60,
    )
    expect(settled.effects.filter((effect) => effect.kind === 'shipment')).toHaveLength(1)
    const packages = shop.ledger.shipments().filter((shipment) => shipment.orderId === no && shipment.action === 'created')
    expect(packages.map((shipment) => [shipment.trackingNumber, shipment.lines])).toEqual([
      ['SF1234567890123', [{ lineId: line?.channel_line_no, quantity: 1 }]],
    ])
  })

  it('holds an order whose buyer asks to cancel, and shipping it needs a deliberate force', async () => {
    const no = place()
    await stored(no)
    expect(shop.control.requestCancel(no).ok).toBe(true)
    await hub.call('POST', `/v1/orders/${(await read(no)).id}/refetch`)
    const held = await hub.until(
      () => read(no),
      (view) => view.holds.includes('cancel-requested'),
    )
    await expect(hub.call('POST', `/v1/orders/${held.id}/shipments`, { carrier: 'SF', tracking_no: 'SF9999999999999' })).rejects.toThrow(/cancel/i)
  })

  it('hands every change to an ERP in order; a rejection becomes a failure', async () => {
    await hub.call('POST', '/v1/consumers', { name: 'erp' })
    let after: unknown = 0
    const seen = new Map<string, number>()
    for (;;) {
      const page = await hub.call<{
        items: readonly { kind: string; version: number; order?: { id: string } }[]
        next_after: unknown
        has_more: boolean
      }>('GET', `/v1/changes?consumer=erp&after=${String(after)}&limit=50`)
      for (const item of page.items) {
        if (!item.order) continue
        expect(item.version).toBeGreaterThanOrEqual(seen.get(item.order.id) ?? 0)
        seen.set(item.order.id, item.version)
      }
      after = page.next_after
      if (!page.has_more) break
    }
    const total = await hub.call<Listed>('GET', '/v1/orders?limit=200')
    expect(seen.size).toBe(total.items.length)
    const [first] = [...seen]
    await hub.call('POST', `/v1/consumers/erp/orders/${first?.[0]}/ack`, {
      version: first?.[1],
      status: 'rejected',
      code: 'tax-number-missing',
      reason: 'Customer has no tax number',
    })
    const failures = await hub.call<{ items?: readonly { code: string }[]; groups?: readonly { code: string }[] }>('GET', '/v1/failures?status=open')
    expect((failures.items ?? failures.groups ?? []).map((group) => group.code)).toContain('tax-number-missing')
  })

  it('takes in edits, cancellations and refunds, and still agrees with the shop', async () => {
    const numbers = Array.from({ length: 6 }, place)
    for (const no of numbers) await stored(no)
    shop.control.edit(numbers[0] ?? '')
    shop.control.cancelOrder(numbers[1] ?? '')
    shop.control.refund(numbers[2] ?? '', 100)
    await assertAgreement()
    const refunded = await hub.until(
      () => read(numbers[2] ?? ''),
      (view) => view.refunds.length === 1,
    )
    expect(refunded.refunds).toHaveLength(1)
    const cancelled = await read(numbers[1] ?? '')
    expect(cancelled).toMatchObject({ cancelled: true })
  })
})
