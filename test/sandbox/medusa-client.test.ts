import { readdirSync, readFileSync } from 'node:fs'
import client from '@medusajs/js-sdk'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ORDER_FIELDS } from '../../connectors/medusa/fields.ts'
import { createMedusa } from '../../sandbox/medusa/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'
import type { Done } from '../../sandbox/stage/shop-control.ts'

/** Its types say CommonJS and its files are modules: what is the class depends on who looks. */
const Medusa = 'default' in client ? client.default : client

/** The vendor's own client drives the simulator: nothing of the hub takes part. */
let sandbox: Sandbox

const detail = z.object({ fulfilled_quantity: z.number(), shipped_quantity: z.number() })
const order = z.object({
  id: z.string(),
  total: z.number(),
  status: z.string(),
  updated_at: z.string(),
  items: z.array(z.object({ id: z.string(), quantity: z.number(), detail })),
})
const orderPage = z.object({ orders: z.array(order), count: z.number() })
const sent = z.object({
  order: z.object({
    fulfillment_status: z.string(),
    fulfillments: z.array(
      z.object({
        id: z.string(),
        metadata: z.unknown(),
        shipped_at: z.string().nullable(),
        labels: z.array(z.object({ tracking_number: z.string() })),
      }),
    ),
  }),
})
const level = z.object({ location_id: z.string(), stocked_quantity: z.number(), reserved_quantity: z.number(), available_quantity: z.number() })
const inventory = z.object({ inventory_items: z.array(z.object({ id: z.string(), sku: z.string(), location_levels: z.tuple([level]) })) })
const variants = z.object({ variants: z.array(z.object({ id: z.string(), sku: z.string() })), count: z.number() })

const SHIPPING = 'id,fulfillment_status,*fulfillments,*fulfillments.items,*fulfillments.labels'

let shop: MarketSim

const done = (what: Done): string => {
  if (!what.ok) throw new Error(what.reason)
  return what.orderId
}
/** Errors of the client carry the shop's status and sentence. */
async function refusal(work: Promise<unknown>): Promise<{ readonly status: unknown; readonly message: string }> {
  try {
    await work
  } catch (error) {
    if (error instanceof Error && 'status' in error) return { status: error.status, message: error.message }
    throw error
  }
  throw new Error('The call succeeded where it had to fail.')
}

describe('Medusa’s own client', () => {
  const open = async (apiKey?: string) => {
    shop = createMedusa()
    sandbox = await start({ shops: [{ name: 'medusa-1', sim: shop }] })
    shop.control.seedProducts(12)
    return { sim: shop, sdk: new Medusa({ baseUrl: sandbox.shops[0]?.url ?? '', apiKey: apiKey ?? shop.credentials['apiKey'] ?? '' }) }
  }
  afterEach(() => sandbox.stop())

  it('reads orders over more than three pages by change time, each once, amounts as decimals', async () => {
    const { sim, sdk } = await open()
    sim.control.seedOrders(45, 2)
    const seen: z.output<typeof order>[] = []
    let pages = 0
    for (let offset = 0, count = 1; offset < count; offset += 10, pages += 1) {
      const query = {
        limit: 10,
        offset,
        order: 'updated_at',
        updated_at: { $gte: '2020-01-01T00:00:00Z' },
        fields: 'id,total,status,updated_at,*items,*items.detail',
      }
      const page = orderPage.parse(await sdk.admin.order.list(query))
      seen.push(...page.orders)
      count = page.count
    }
    expect(pages).toBeGreaterThan(3)
    expect(seen.map(({ id }) => id).sort()).toEqual([...sim.market.orders.keys()].sort())
    expect(seen.map((one) => one.updated_at)).toEqual(seen.map((one) => one.updated_at).toSorted())
    for (const { id, total } of seen) {
      const truth = sim.ledger.order(id)
      expect(Math.round(total * 100)).toBe((truth?.totalMinor ?? 0) - (truth?.refundedMinor ?? 0))
    }
  })

  it('shows only what is asked for by name', async () => {
    const { sim, sdk } = await open()
    const id = done(sim.control.shop())
    const slim: unknown = await sdk.admin.order.retrieve(id, { fields: 'id,*fulfillments' })
    expect(slim).not.toHaveProperty('order.currency_code')
    expect(slim).toHaveProperty('order.items')
    expect(await sdk.admin.order.retrieve(id, { fields: '+currency_code' })).toHaveProperty('order.currency_code', 'usd')
    expect(await sdk.admin.order.retrieve(id, { fields: 'id,*payment_collections' })).not.toHaveProperty('order.payment_collections.0.payments')
  })

  it('does not move an order by a payment', async () => {
    const { sim, sdk } = await open()
    const sku = sim.ledger.order(done(sim.control.shop()))?.lines[0]?.sku ?? ''
    const id = done(sim.control.placeOrder({ lines: [{ sku, quantity: 1 }], unpaid: true }))
    const read = async () =>
      z.object({ order: z.object({ updated_at: z.string(), payment_status: z.string() }) }).parse(await sdk.admin.order.retrieve(id)).order
    const before = await read()
    sim.clock.advance(60_000)
    done(sim.control.pay(id))
    expect([before.payment_status, await read()]).toEqual(['authorized', { updated_at: before.updated_at, payment_status: 'captured' }])
  })

  it('lists variants, sets a level and reads it back; what is reserved is not for sale', async () => {
    const { sim, sdk } = await open()
    const listed = variants.parse(await sdk.client.fetch('/admin/product-variants', { query: { limit: 5, fields: 'id,sku' } }))
    expect([listed.variants.length, listed.count]).toEqual([5, 12])
    const sku = listed.variants[0]?.sku ?? ''
    sim.control.setStock(sku, 20)
    done(sim.control.shop([{ sku, quantity: 3 }]))
    const read = async () => inventory.parse(await sdk.admin.inventoryItem.list({ sku, fields: 'id,sku,*location_levels' })).inventory_items[0]
    const item = await read()
    const [before] = item?.location_levels ?? []
    expect(before).toMatchObject({ stocked_quantity: 20, reserved_quantity: 3, available_quantity: 17 })
    await sdk.admin.inventoryItem.updateLevel(item?.id ?? '', before?.location_id ?? '', { stocked_quantity: 10 })
    expect((await read())?.location_levels[0]).toMatchObject({ stocked_quantity: 10, reserved_quantity: 3, available_quantity: 7 })
    expect(sim.control.stockOf(sku)).toBe(7)
    expect(await refusal(sdk.admin.inventoryItem.updateLevel(item?.id ?? '', before?.location_id ?? '', { stocked_quantity: -1 }))).toMatchObject({
      status: 400,
    })
  })

  it('ships in part in two calls, and is refused more than is left', async () => {
    const { sim, sdk } = await open()
    const sku = sim.ledger.order(done(sim.control.shop()))?.lines[0]?.sku ?? ''
    sim.control.setStock(sku, 50)
    const id = done(sim.control.shop([{ sku, quantity: 3 }]))
    const line = sim.ledger.order(id)?.lines[0]?.lineId ?? ''
    const made: unknown = await sdk.admin.order.createFulfillment(id, { items: [{ id: line, quantity: 2 }], metadata: { note: 'mine' } })
    expect(made).not.toHaveProperty('order.fulfillments')
    const [fulfillment] = sent.parse(await sdk.admin.order.retrieve(id, { fields: SHIPPING })).order.fulfillments
    expect(fulfillment).toMatchObject({ shipped_at: null, labels: [], metadata: { note: 'mine' } })
    const label = { tracking_number: 'SF1', tracking_url: '#', label_url: '#' }
    await sdk.admin.order.createShipment(id, fulfillment?.id ?? '', { items: [{ id: line, quantity: 2 }], labels: [label] })
    const after = sent.parse(await sdk.admin.order.retrieve(id, { fields: SHIPPING })).order
    expect([after.fulfillment_status, after.fulfillments[0]?.labels]).toEqual([
      'partially_shipped',
      [expect.objectContaining({ tracking_number: 'SF1' })],
    ])
    expect(await refusal(sdk.admin.order.createFulfillment(id, { items: [{ id: line, quantity: 2 }] }))).toMatchObject({
      status: 400,
      message: expect.stringMatching(/exceeds the reserved/),
    })
    expect(
      await refusal(sdk.admin.order.createShipment(id, fulfillment?.id ?? '', { items: [{ id: line, quantity: 2 }], labels: [label] })),
    ).toMatchObject({ message: 'Shipment has already been created' })
    expect(await refusal(sdk.admin.order.cancel(id))).toMatchObject({ status: 400 })
    expect(await refusal(sdk.admin.order.retrieve('order_nobody'))).toMatchObject({ status: 404 })
  })

  it('is turned away with a wrong key', async () => {
    const { sdk } = await open('sk_wrong')
    expect(await refusal(sdk.admin.order.list())).toMatchObject({ status: 401 })
  })
})

const RECORDED = new URL('../../connectors/medusa/fixtures/', import.meta.url)
const CHANGED_BY_HAND = /unknown|mismatch|numbers-as-text|draft/

/** Every member of a document by its path, with the kind of its value; null says nothing. */
function shapeOf(value: unknown, path = '', found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const each of value) shapeOf(each, `${path}[]`, found)
  else if (typeof value === 'object' && value !== null) {
    for (const [name, member] of Object.entries(value)) {
      if (member === null) continue
      found.add(`${path}.${name} ${typeof member}`)
      if (name !== 'metadata' && name !== 'data') shapeOf(member, `${path}.${name}`, found)
    }
  }
  return found
}

describe('the simulated shop beside the real one', () => {
  afterEach(() => sandbox.stop())

  it('shows no member of an order, and no kind of value, that answers of the real shop do not have', async () => {
    const real = new Set<string>()
    for (const file of readdirSync(RECORDED).filter((name) => /^order-.*\.json$/.test(name) && !CHANGED_BY_HAND.test(name)))
      shapeOf(JSON.parse(readFileSync(new URL(file, RECORDED), 'utf8')), '', real)
    shop = createMedusa()
    sandbox = await start({ shops: [{ name: 'medusa-1', sim: shop }] })
    shop.control.seedProducts(12)
    shop.control.seedOrders(60, 2)
    const sdk = new Medusa({ baseUrl: sandbox.shops[0]?.url ?? '', apiKey: shop.credentials['apiKey'] ?? '' })
    const { orders } = z.object({ orders: z.array(z.unknown()) }).parse(await sdk.admin.order.list({ limit: 60, fields: ORDER_FIELDS }))
    expect(orders.length).toBe(60)
    expect(orders.flatMap((one) => [...shapeOf(one)]).filter((member) => !real.has(member))).toEqual([])
  })
})
