import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { unitsOf } from '../../../connectors/tiktok-shop/units.ts'
import { tiktokShop } from '../../../mappings/tiktok-shop.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('tiktok-shop', tiktokShop, { timezone: 'America/Los_Angeles', currency: 'USD' })
const names = readdirSync(new URL('../../../connectors/tiktok-shop/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
  .filter((name) => mapped(name).kind === 'order')

describe('every order', () => {
  it.each(names)('shares its reductions out line by line: %s', (name) => {
    const { lines, discounts } = order(name)
    for (const line of lines) {
      const shares = discounts.flatMap(({ allocations }) => allocations).filter(({ lineNo }) => lineNo === line.lineNo)
      expect(shares.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(line.discount.minor)
    }
  })

  it.each(names)('has the lines the connector sends packages by, with the same pieces gone: %s', (name) => {
    const units = unitsOf(rawOf(name).doc)
    const { lines, sourceStatus } = order(name)
    expect([...new Set(units.map(({ line }) => line))].sort()).toEqual(lines.map(({ channelLineNo }) => channelLineNo).sort())
    for (const line of lines) {
      const own = units.filter((unit) => unit.line === line.channelLineNo)
      expect(own.length).toBe(Number(line.quantity))
      // The word of a piece may be missing; the order's then stands for it.
      if (name === 'order-vendor-sandbox-thailand' || name === 'order-vendor-brazil-discounts' || sourceStatus === 'CANCELLED') continue
      expect(own.filter(({ state }) => state === 'shipped' || state === 'delivered').length).toBe(Number(line.shipped))
      expect(own.filter(({ state }) => state === 'cancelled').length).toBe(Number(line.cancelled))
    }
  })

  it.each(names.filter((name) => !/mismatch/.test(name)))('adds up: %s', (name) => {
    expect(checkOrder(order(name)).filter(({ code }) => code.endsWith('mismatch') || code === 'quantity-invalid')).toEqual([])
  })
})

describe('what the fixtures are for', () => {
  it('keeps a line by its name and quantity whatever becomes of its pieces, in whatever order they come', () => {
    const shown = (name: string) => order(name).lines.map((line) => [line.channelLineNo, line.quantity, line.net.minor])
    const whole = shown('order-to-ship')
    expect(whole).toEqual([
      ['577086512123755123', '2', 3600],
      ['577086512123755125', '1', 1800],
    ])
    for (const name of ['order-partially-shipped', 'order-two-packages', 'order-one-piece-cancelled-sums-with-it', 'order-cancelled-after-payment'])
      expect(shown(name)).toEqual(whole)
    const raw = rawOf('order-to-ship')
    const doc = { ...Object(raw.doc), line_items: [...(Reflect.get(Object(raw.doc), 'line_items') as unknown[])].reverse() }
    const turned = mapRaw({ ...raw, doc })
    expect(turned.kind === 'order' ? turned.order.lines.map(({ channelLineNo }) => channelLineNo).sort() : turned).toEqual(whole.map(([id]) => id))
  })

  it('parts gifts from bought pieces of the same SKU, and tells reductions by who pays', () => {
    expect(order('order-gift').lines.map((line) => [line.role, line.quantity, line.net.minor])).toEqual([
      ['single', '1', 1800],
      ['gift', '1', 0],
    ])
    expect(order('order-platform-and-seller-discounts').discounts.map((each) => [each.scope, each.funder, each.amount.minor])).toEqual([
      ['order', 'seller', 400],
      ['order', 'channel', 267],
      ['shipping', 'seller', 150],
      ['shipping', 'channel', 250],
    ])
  })

  it('puts taxes on top only where they explain the total, and takes fees of a market the same way', () => {
    const [top, inside, fees] = [order('order-taxed-on-top-america'), order('order-tax-inside'), order('order-fees-indonesia')]
    expect([top.taxIncluded, top.totals.tax.minor, top.totals.fees.minor, top.lines[0]?.tax.minor]).toEqual([false, 390, 28, 342])
    expect([inside.taxIncluded, inside.totals.tax.minor]).toEqual([true, 300])
    expect([fees.totals.fees.minor, fees.totals.total.minor]).toEqual([150_000, 8_850_000])
    expect(checkOrder(order('order-unexplained-gap-mismatch'))).toMatchObject([{ code: 'totals-mismatch' }])
  })

  it('leaves cancelled pieces out of the money where the order’s own subtotal does', () => {
    expect(order('order-one-piece-cancelled-sums-with-it').totals.items.minor).toBe(5400)
    const without = order('order-one-piece-cancelled-sums-without-it')
    expect([without.totals.items.minor, without.lines[0]?.quantity, without.lines[0]?.cancelled]).toEqual([3600, '2', '1'])
  })

  it('takes live answers to the last minor unit: a tenth of a baht, dong without any, postage the seller pays', () => {
    expect(order('order-vendor-sandbox-thailand').totals).toMatchObject({
      total: { minor: 950_010 },
      shipping: { minor: 10 },
      discount: { minor: 50_000 },
    })
    const vietnam = order('order-vendor-vietnam-returned-to-sender')
    expect([vietnam.totals.total, vietnam.lines[0]?.quantity, vietnam.payment]).toEqual([{ minor: 657_000, currency: 'VND' }, '3', 'voided'])
    expect(order('order-vendor-brazil-discounts').totals).toMatchObject({
      shipping: { minor: 7334 },
      shippingDiscount: { minor: 7334 },
      total: { minor: 14_900 },
    })
  })

  it.each([
    ['order-on-hold', 'authorised', 'unallocated', 5900],
    ['order-preorder-on-hold', 'authorised', 'unallocated', 0],
    ['order-cash-on-delivery', 'pending', 'unallocated', 0],
    ['order-awaiting-collection-platform', 'paid', 'released', 5900],
    ['order-awaiting-collection-seller', 'paid', 'shipped', 5900],
    ['order-cancelled-before-payment', 'voided', 'unallocated', 0],
    ['order-cancelled-after-payment', 'refunded', 'unallocated', 5900],
  ])('reads %s as %s, %s', (name, payment, fulfilment, paid) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.totals.paid.minor]).toEqual([payment, fulfilment, paid])
  })

  it('reads levels of an address by what the market calls them, and stars as masked', () => {
    expect(order('order-to-ship')).toMatchObject({
      piiMode: 'plain',
      recipient: { province: 'California', city: 'Culver City', district: 'Los Angeles', country: 'US' },
    })
    expect(order('order-vendor-sandbox-indonesia')).toMatchObject({ piiMode: 'mask', recipient: { province: 'Jakarta', city: 'South Jakarta' } })
    expect(order('order-vendor-sandbox-thailand').recipient).toMatchObject({ province: 'Bangkok', city: 'Pathum Wan' })
  })

  it('puts the pieces of an after-sale together as the order’s lines, and none for part of the price', () => {
    expect(refund('refund-cancellation-done')).toMatchObject({
      kind: 'cancellation',
      state: 'done',
      amount: { minor: 4100 },
      shipping: { minor: 500 },
    })
    expect(refund('refund-vendor-return-done').lines).toMatchObject([
      { channelLineNo: '579238050604222979', quantity: '2', amount: { minor: 864_000 } },
    ])
    expect(refund('refund-vendor-refund-only-done').lines.map(({ quantity }) => quantity)).toEqual(['1', '1'])
    expect(refund('refund-part-of-the-price').lines).toMatchObject([{ quantity: '0', amount: { minor: 100_000 } }])
    for (const name of ['refund-exchange', 'refund-vendor-cancellation-without-money'])
      expect(mapped(name)).toMatchObject({ kind: 'ignore', rule: 'no-money' })
    expect(refund('refund-replacement-paid-out')).toMatchObject({ kind: 'refund', state: 'done' })
  })

  it.each(['order-unknown-status', 'order-unknown-status-of-a-piece', 'refund-cancellation-unknown-status', 'refund-unknown-type'])(
    'holds %s with the word',
    (name) => {
      expect(mapped(name)).toMatchObject({ kind: 'held', code: 'status-unmapped', message: expect.stringContaining('MOON') })
    },
  )
})
