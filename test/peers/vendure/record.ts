// Records order documents of a real Vendure as fixtures of the connector: `npx tsx test/peers/vendure/record.ts`.
// Buyers and addresses are invented. The expected canonical files are written by the mapping's own test (-u) and read by people.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startPeer, type Peer } from './peer.ts'
import { connect } from './connection.ts'
import { z } from 'zod'
import { placeOrder, signIn, type Basket, type ShopOrder, type Staff } from './shop.ts'

const FOLDER = join(import.meta.dirname, '../../../connectors/vendure/fixtures')

async function keep(peer: Peer, staff: Staff, name: string, code: string, channelToken?: string): Promise<void> {
  const { vendure, call } = connect(peer, channelToken === undefined ? {} : { channelToken })
  const found = await staff.gql('query ($c: String!) { orders(options: { filter: { code: { eq: $c } } }) { items { id } } }', { c: code })
  const { items } = z.object({ orders: z.object({ items: z.array(z.object({ id: z.string() })) }) }).parse(found).orders
  const [record] = await vendure.fetchOrder(call, items.map((order) => order.id))
  if (!record) throw new Error(`${name} was not found.`)
  await writeFile(join(FOLDER, `${name}.json`), `${JSON.stringify(JSON.parse(record.payload), null, 2)}\n`)
  process.stdout.write(`${name}\n`)
}

const lamp = { variant: '1', quantity: 2 }
const notes = { variant: '3', quantity: 7 }
const kettle = { variant: '4', quantity: 3 }
const cup = { variant: '5', quantity: 1 }
const lineOf = (order: ShopOrder, at: number, quantity: number) => ({ orderLineId: order.lines[at]?.id ?? '', quantity })
const half = (order: ShopOrder) => [lineOf(order, 0, 1)]
const whole = (order: ShopOrder) => order.lines.map((line) => ({ orderLineId: line.id, quantity: line.quantity }))

type Step = (staff: Staff, order: ShopOrder) => Promise<unknown>
const nothing: Step = () => Promise.resolve()

const SCENES: readonly (readonly [name: string, basket: Basket, then: Step])[] = [
  ['paid', { lines: [lamp, cup] }, nothing],
  ['rounding', { lines: [notes, kettle], shipping: 1 }, nothing],
  ['coupon-percent', { lines: [lamp, notes, cup], coupon: 'FIFTEEN' }, nothing],
  ['coupon-fixed', { lines: [notes, kettle], coupon: 'SEVEN' }, nothing],
  ['coupon-line', { lines: [kettle, cup], coupon: 'KETTLES' }, nothing],
  ['coupon-shipping', { lines: [cup], coupon: 'FREESHIP', shipping: 1 }, nothing],
  ['untracked', { lines: [{ variant: '6', quantity: 1 }] }, nothing],
  ['authorised', { lines: [cup], payment: 'pay-later' }, nothing],
  ['partly-shipped', { lines: [lamp, cup] }, (staff, o) => staff.fulfil(half(o), 'SF Express', 'SF1000000000001')],
  ['package-pending', { lines: [lamp] }, (staff, o) => staff.fulfil(half(o), 'SF Express', 'SF1000000000002', 'Pending')],
  ['shipped-in-two', { lines: [lamp, cup] }, async (staff, o) => {
    await staff.fulfil(half(o), 'SF Express', 'SF1000000000003')
    await staff.fulfil([lineOf(o, 0, 1), lineOf(o, 1, 1)], 'YTO', 'YT20000000000001')
  }],
  ['delivered', { lines: [cup] }, (staff, o) => staff.fulfil(whole(o), 'SF Express', 'SF1000000000004', 'Delivered')],
  ['partly-cancelled', { lines: [lamp, notes] }, (staff, o) => staff.cancel(o.id, [lineOf(o, 1, 3)], false)],
  ['cancelled', { lines: [lamp, cup] }, (staff, o) => staff.cancel(o.id)],
  ['cancelled-shipping-kept', { lines: [cup] }, (staff, o) => staff.cancel(o.id, undefined, false)],
  ['returned', { lines: [lamp] }, async (staff, o) => {
    await staff.fulfil(whole(o), 'SF Express', 'SF1000000000005', 'Delivered')
    await staff.cancel(o.id, half(o), false)
    await staff.settleRefund(await staff.refund(o, { lines: half(o), reason: 'returned' }))
  }],
  ['refund-pending', { lines: [lamp] }, (staff, o) => staff.refund(o, { amount: 500 })],
  ['refund-part', { lines: [lamp, cup] }, async (staff, o) => staff.settleRefund(await staff.refund(o, { amount: 1234 }))],
  ['refund-lines', { lines: [lamp, cup] }, async (staff, o) => staff.settleRefund(await staff.refund(o, { lines: [...half(o), lineOf(o, 1, 1)], shipping: 500 }))],
  ['cancelled-refunded', { lines: [cup] }, async (staff, o) => {
    await staff.cancel(o.id)
    await staff.settleRefund(await staff.refund(o, { amount: o.totalWithTax }))
  }],
  ['modifying', { lines: [lamp] }, (staff, o) => staff.transition(o.id, 'Modifying')],
  ['surcharge-unpaid', { lines: [cup] }, async (staff, o) => {
    await staff.transition(o.id, 'Modifying')
    const surcharges = [{ description: 'Gift wrap', price: 333, priceIncludesTax: false, taxRate: 20, taxDescription: 'Standard Tax' }]
    await staff.modify(o.id, { surcharges, addItems: [{ productVariantId: '3', quantity: 2 }] })
    await staff.transition(o.id, 'ArrangingAdditionalPayment')
  }],
  ['company', { lines: [cup], buyer: { first: 'Ada', last: 'Example', email: 'ada@example.com' }, address: {
    company: 'Example GmbH', streetLine1: 'Musterweg 1', streetLine2: 'Hinterhaus', city: 'Berlin', postalCode: '10115', countryCode: 'DE',
  } }, nothing],
]

async function main(): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const peer = await startPeer()
  try {
    const staff = await signIn(peer)
    await staff.promotion({ name: '15 % off', coupon: 'FIFTEEN', action: 'order_percentage_discount', args: { discount: '15' } })
    await staff.promotion({ name: '7.77 off', coupon: 'SEVEN', action: 'order_fixed_discount', args: { discount: '777' } })
    await staff.promotion({ name: 'A third off kettles', coupon: 'KETTLES', action: 'products_percentage_discount', args: { discount: '33.3', productVariantIds: '["4"]' } })
    await staff.promotion({ name: 'Free shipping', coupon: 'FREESHIP', action: 'free_shipping', args: {} })
    for (const [name, basket, then] of SCENES) {
      const { code } = await placeOrder(peer, basket)
      await then(staff, await staff.order(code))
      await keep(peer, staff, name, code)
    }
    await keep(peer, staff, 'cart', (await placeOrder(peer, { lines: [cup], abandon: true })).code)
    await recordYen(peer, staff)
  } finally {
    await peer.stop()
  }
  const orderTax = await startPeer({ tax: 'order' })
  try {
    const staff = await signIn(orderTax)
    const { code } = await placeOrder(orderTax, { lines: [{ variant: '1', quantity: 3 }, { variant: '3', quantity: 4 }, kettle], shipping: 1 })
    await keep(orderTax, staff, 'tax-per-order', code)
  } finally {
    await orderTax.stop()
  }
}

/** A second channel of the same shop that sells in yen, tax included. */
async function recordYen(peer: Peer, staff: Staff): Promise<void> {
  const some = z.object({ items: z.tuple([z.object({ id: z.string() })]).rest(z.unknown()) })
  const { zones, sellers } = z.object({ zones: some, sellers: some }).parse(await staff.gql('{ zones { items { id } } sellers { items { id } } }'))
  const input = {
    code: 'japan', token: 'japan-token', defaultLanguageCode: 'en', defaultCurrencyCode: 'JPY', availableCurrencyCodes: ['JPY'], pricesIncludeTax: true,
    defaultTaxZoneId: zones.items[0].id, defaultShippingZoneId: zones.items[0].id, sellerId: sellers.items[0].id,
  }
  const created = await staff.gql('mutation ($i: CreateChannelInput!) { createChannel(input: $i) { ... on Channel { id } ... on ErrorResult { errorCode message } } }', { i: input })
  const { createChannel: channel } = z.object({ createChannel: z.object({ id: z.string() }) }).parse(created)
  await staff.gql(
    `mutation ($c: ID!, $v: [ID!]!) {
      assignProductVariantsToChannel(input: { channelId: $c, productVariantIds: $v, priceFactor: 100 }) { id }
      assignShippingMethodsToChannel(input: { channelId: $c, shippingMethodIds: ["1", "2"] }) { id }
      assignPaymentMethodsToChannel(input: { channelId: $c, paymentMethodIds: ["1", "2"] }) { id }
      assignStockLocationsToChannel(input: { channelId: $c, stockLocationIds: ["1"] }) { id }
    }`,
    { c: channel.id, v: ['1', '5'] },
  )
  const { code } = await placeOrder(peer, { lines: [lamp, cup], channel: 'japan-token' })
  await keep(peer, staff, 'yen', code, 'japan-token')
}

await main()
