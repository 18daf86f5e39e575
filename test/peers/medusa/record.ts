// Records order documents of a real Medusa as fixtures of the connector: `npx tsx test/peers/medusa/record.ts`.
// Buyers and addresses are invented. The expected canonical files are written by the kit (-u) and read by people.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPeer } from './peer.ts'
import { connect } from './connection.ts'
import { openShop, type Basket, type Shop, type ShopOrder } from './shop.ts'
import { z } from 'zod'

const FOLDER = join(import.meta.dirname, '../../../connectors/medusa/fixtures')

const lamp = { sku: 'LAMP-B-EU', quantity: 2 }
const notes = { sku: 'NOTE-A5', quantity: 7 }
const kettle = { sku: 'KETTLE-17', quantity: 3 }
const cup = { sku: 'TEA-青-01', quantity: 1 }
const pen = { sku: 'PEN-1', quantity: 3 }

type Step = (shop: Shop, order: ShopOrder) => Promise<unknown>
const nothing: Step = () => Promise.resolve()
const lineOf = (order: ShopOrder, sku: string): string => order.items.find((item) => item.variant_sku === sku)?.id ?? ''
const whole = (order: ShopOrder) => order.items.map(({ id, quantity }) => ({ id, quantity }))
const idOf = (answer: unknown, name: string): string => z.object({ [name]: z.object({ id: z.string() }) }).parse(answer)[name]?.id ?? ''

const SCENES: readonly (readonly [name: string, basket: Basket, then: Step])[] = [
  ['authorised', { lines: [lamp, cup] }, nothing],
  ['captured-tax-on-top', { lines: [lamp, notes] }, (shop, o) => shop.capture(o)],
  ['captured-in-part', { lines: [lamp] }, (shop, o) => shop.capture(o, 40)],
  ['tax-inside', { lines: [cup, kettle], currency: 'eur' }, (shop, o) => shop.capture(o)],
  ['yen', { lines: [cup, pen], currency: 'jpy' }, (shop, o) => shop.capture(o)],
  ['barcode', { lines: [pen] }, (shop, o) => shop.capture(o)],
  ['promotion-percent', { lines: [lamp, notes, cup], promotion: 'FIFTEEN' }, (shop, o) => shop.capture(o)],
  ['promotion-fixed-across', { lines: [notes, kettle], promotion: 'SEVEN' }, (shop, o) => shop.capture(o)],
  ['company', { lines: [cup], address: { company: 'Sandbox & Sons', address_2: 'Flat 2/B', first_name: 'Chloë', last_name: "O'Brien" } }, nothing],
  ['fulfilled-not-shipped', { lines: [lamp] }, (shop, o) => shop.fulfil(o, whole(o), 'made')],
  ['shipped-in-part', { lines: [lamp, cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, [{ id: lineOf(o, lamp.sku), quantity: 1 }])
  }],
  ['shipped-in-two', { lines: [lamp, cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, [{ id: lineOf(o, lamp.sku), quantity: 1 }], 'shipped', 'SF1000000000002')
    await shop.fulfil(o, [{ id: lineOf(o, lamp.sku), quantity: 1 }, { id: lineOf(o, cup.sku), quantity: 1 }], 'shipped', 'YT20000000000001')
  }],
  ['delivered', { lines: [cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, whole(o), 'delivered', 'SF1000000000003')
  }],
  ['fulfilment-cancelled', { lines: [lamp] }, async (shop, o) => {
    const made = await shop.fulfil(o, whole(o), 'made')
    await shop.admin('POST', `/orders/${o.id}/fulfillments/${made}/cancel`, {})
  }],
  ['refunded-in-part', { lines: [lamp, cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.refund(o, 10, 'arrived late')
    await shop.refund(o, 2.5)
  }],
  ['refunded-whole', { lines: [cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.refund(o, o.total)
  }],
  ['cancelled-unpaid', { lines: [lamp, cup] }, (shop, o) => shop.cancel(o.id)],
  ['cancelled-paid', { lines: [cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.cancel(o.id)
  }],
  ['edited-down', { lines: [lamp, notes] }, async (shop, o) => {
    await shop.capture(o)
    await shop.edit(o, lineOf(o, notes.sku), 4)
  }],
  ['edited-up', { lines: [lamp] }, async (shop, o) => {
    await shop.capture(o)
    await shop.add(o, 'PEN-1', 4)
  }],
  ['edit-requested', { lines: [lamp] }, async (shop, o) => {
    await shop.admin('POST', '/order-edits', { order_id: o.id })
    await shop.admin('POST', `/order-edits/${o.id}/items/item/${lineOf(o, lamp.sku)}`, { quantity: 1 })
    await shop.admin('POST', `/order-edits/${o.id}/request`, {})
  }],
  ['return-requested', { lines: [lamp] }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, whole(o), 'delivered')
    const made = idOf(await shop.admin('POST', '/returns', { order_id: o.id, location_id: shop.location }), 'return')
    await shop.admin('POST', `/returns/${made}/request-items`, { items: [{ id: lineOf(o, lamp.sku), quantity: 1 }] })
    await shop.admin('POST', `/returns/${made}/request`, {})
  }],
  ['returned-and-refunded', { lines: [lamp, cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, whole(o), 'delivered')
    await shop.takeBack(o, [{ id: lineOf(o, lamp.sku), quantity: 1 }])
    await shop.refund(o, 54.42, 'returned')
  }],
  ['returned-whole', { lines: [cup], promotion: 'FIFTEEN' }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, whole(o), 'shipped')
    await shop.takeBack(o, whole(o))
  }],
  ['completed', { lines: [cup] }, async (shop, o) => {
    await shop.capture(o)
    await shop.fulfil(o, whole(o), 'delivered')
    await shop.admin('POST', `/orders/${o.id}/complete`, {})
  }],
  ['archived', { lines: [cup] }, async (shop, o) => {
    await shop.admin('POST', `/orders/${o.id}/complete`, {})
    await shop.admin('POST', `/orders/${o.id}/archive`, {})
  }],
  ['credited', { lines: [lamp] }, async (shop, o) => {
    await shop.admin('POST', `/orders/${o.id}/credit-lines`, { amount: 5, reference: 'goodwill', reference_id: 'gw_1' })
  }],
]

async function promotions(shop: Shop): Promise<void> {
  const make = (code: string, method: Readonly<Record<string, unknown>>) =>
    shop.admin('POST', '/promotions', { code, type: 'standard', status: 'active', is_automatic: false, application_method: { currency_code: 'usd', ...method } })
  await make('FIFTEEN', { type: 'percentage', target_type: 'items', allocation: 'each', value: 15, max_quantity: 100 })
  await make('SEVEN', { type: 'fixed', target_type: 'items', allocation: 'across', value: 7 })
}

async function main(): Promise<void> {
  const peer = await startPeer()
  try {
    const shop = await openShop(peer)
    await promotions(shop)
    const { medusa, call } = connect({ origin: peer.origin, secretKey: shop.secretKey })
    for (const [name, basket, then] of SCENES) {
      try {
        const order = await shop.place(basket)
        await then(shop, order)
        const [record] = await medusa.fetchOrder(call, [order.id])
        if (!record) throw new Error('It was not found.')
        await writeFile(join(FOLDER, `order-${name}.json`), `${JSON.stringify(JSON.parse(record.payload), null, 1)}\n`)
        process.stdout.write(`${name}\n`)
      } catch (error) {
        process.stdout.write(`${name}: ${String(error).slice(0, 500)}\n`)
      }
    }
  } finally {
    await peer.stop()
  }
}

await main()
