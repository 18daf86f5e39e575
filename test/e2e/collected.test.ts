import { afterAll, beforeAll, expect, it } from 'vitest'
import type { WooCommerceSim } from '../../sandbox/woocommerce/index.ts'
import { createPool } from '../../src/store/db.ts'
import { hubUnderTest, type HubUnderTest, type Json } from './hub-under-test.ts'

interface OrderView extends Json {
  readonly id: string
  readonly fulfilment: string
  readonly shipments: readonly Json[]
  readonly effects: readonly { readonly state: string; readonly kind: string }[]
}

const SKU = 'COLLECT-1'
let hub: HubUnderTest
let shop: WooCommerceSim
let online: string
let till: string

beforeAll(async () => {
  hub = await hubUnderTest([
    { name: 'woo-1', channel: 'woocommerce' },
    { name: 'square-1', channel: 'square' },
  ])
  shop = hub.sandbox.woo('woo-1')
  shop.control.addProduct({ sku: SKU, name: 'Kettle', priceMinor: 2000, stock: 10 })
  const [woo, square] = hub.sandbox.shops
  if (!woo || !square) throw new Error('Two shops were asked for.')
  const from = new Date(Date.now() - 86_400_000).toISOString()
  const secrets = { ...shop.credentials, webhookSecret: 'a-webhook-secret-1' }
  const base = { timezone: 'UTC', start_from: from }
  online = String(
    (
      await hub.call('POST', '/v1/connections', { ...base, channel: 'woocommerce', name: 'Shop', config: { url: woo.url }, secrets, currency: 'USD' })
    )['id'],
  )
  till = String(
    (
      await hub.call('POST', '/v1/connections', {
        ...base,
        channel: 'square',
        name: 'Till',
        config: { ...square.sim.settings?.(square.url), pickupMark: 'pickup' },
        secrets: square.sim.credentials,
        currency: 'GBP',
      })
    )['id'],
  )
  await hub.call('POST', `/v1/connections/${online}/listings/refresh`)
  await hub.call('POST', '/v1/skus', { items: [{ sku: SKU, title: 'Kettle' }] })
  await hub.call('POST', '/v1/stock', { items: [{ sku: SKU, on_hand: '10', ref: 'opening' }] })
  const { hash } = await hub.call<{ hash: string }>('GET', `/v1/connections/${online}/arm-preview?what=shipments`)
  await hub.call('POST', `/v1/connections/${online}/arm`, { what: ['shipments'], preview_hash: hash })
})
afterAll(() => hub.stop())

const view = async (no: string): Promise<OrderView | undefined> => {
  const { found } = await hub.call<{ found: readonly { order: Json }[] }>('POST', '/v1/orders/find', { ids: [no] })
  return found[0] && hub.call<OrderView>('GET', `/v1/orders/${String(found[0].order['id'])}`)
}
/** Has a connection read now, as often as it takes: channels list what is new a little later. */
const pullUntil = <T>(id: string, ask: () => Promise<T>, done: (answer: T) => boolean): Promise<T> =>
  hub.until(async () => {
    await hub.call('POST', `/v1/connections/${id}/pull`)
    return ask()
  }, done)
/** A cashier hands something over under this name. */
const ringUp = async (name: string): Promise<string> => {
  const answer = await fetch(`${hub.sandbox.url}/__control/square-1/till-sale`, {
    method: 'POST',
    body: JSON.stringify({ name }),
    headers: { 'content-type': 'application/json' },
  })
  const sale: unknown = await answer.json()
  const id = typeof sale === 'object' && sale !== null && 'orderId' in sale ? String(sale.orderId) : ''
  expect(id, JSON.stringify(sale)).not.toBe('')
  return id
}
const rows = async (sql: string, values: readonly unknown[] = []): Promise<readonly unknown[]> => {
  const pool = createPool(hub.databaseUrl, { max: 1 })
  const answer = await pool.query(sql, [...values])
  await pool.end()
  return answer.rows
}

it('makes one order of what was placed online and collected at the till; its channel is told, the goods leave once', async () => {
  const placed = shop.control.placeOrder({ lines: [{ sku: SKU, quantity: 1 }], pickup: true })
  if (!placed.ok) throw new Error(placed.reason)
  const no = placed.orderId
  expect(
    await pullUntil(
      online,
      () => view(no),
      (order) => order !== undefined,
    ),
  ).toMatchObject({ doc: { type: 'pickup' } })

  const sale = await ringUp(`Pickup ${no}`)
  const order = await pullUntil(
    till,
    () => view(no),
    (one) => one?.fulfilment === 'delivered' && one.effects.some((effect) => effect.state === 'done'),
  )
  expect(order?.shipments).toMatchObject([
    { package_no: `pickup/${sale}`, carrier: 'PICKUP', tracking_no: '', source: 'till', created_by: `till:${till}` },
  ])
  expect(shop.ledger.order(no)?.status).toBe('completed')
  expect(await rows('select count(*)::int as n from orders')).toEqual([{ n: 1 }])
  expect(await rows('select disposition, reason from raw_dispositions where connection_id = $1 and reason <> $$asked the channel$$', [till])).toEqual(
    [{ disposition: 'ignored', reason: `collected:${no}` }],
  )
  const stock = 'select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = $1'
  expect(await rows(stock, [SKU])).toEqual([{ on_hand: '9', reserved: '0' }])

  // The shop shows it completed by now, and the till's document comes again: nothing moves.
  await pullUntil(
    online,
    () => view(no),
    (one) => one?.['source_status'] === 'completed' || one?.['closed'] === true,
  )
  expect(await view(no)).toMatchObject({ fulfilment: 'delivered' })
  expect(await rows(stock, [SKU])).toEqual([{ on_hand: '9', reserved: '0' }])
})

it('puts a sale for an order nobody knows into the queue, where a replay tries again', async () => {
  await ringUp('PICKUP no-such-order-1')
  const failures = await pullUntil(
    till,
    () => hub.call<{ items: readonly { readonly id: string; readonly code: string }[] }>('GET', `/v1/failures?connection=${till}`),
    ({ items }) => items.some((group) => group.code === 'pickup-unknown'),
  )
  const group = failures.items.find((one) => one.code === 'pickup-unknown')
  const attempts = (): Promise<readonly unknown[]> => rows(`select attempts from hand_overs where number = 'no-such-order-1' and code is not null`)
  expect(await attempts()).toEqual([{ attempts: 1 }])
  await hub.call('POST', '/v1/replays', { filter: { group: group?.id }, dry_run: false })
  await hub.until(
    () => rows(`select (select count(*) from failures where connection_id = $1)::int as n`, [till]),
    ([row]) => JSON.stringify(row) === '{"n":2}',
  )
  expect(await rows('select count(*)::int as n from orders where connection_id = $1', [till])).toEqual([{ n: 0 }])
})
