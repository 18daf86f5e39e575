import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { lazada } from '../../../mappings/lazada.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('lazada', lazada, { timezone: 'Asia/Singapore', currency: 'SGD' })
const names = readdirSync(new URL('../../../connectors/lazada/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
const inVietnam = { config: { country: 'vn' } }

describe('every order', () => {
  it.each(names.filter((name) => mapped(name).kind === 'order'))('shares its reductions out line by line: %s', (name) => {
    const { lines, discounts } = order(name)
    for (const line of lines) {
      const shares = discounts.flatMap(({ allocations }) => allocations).filter(({ lineNo }) => lineNo === line.lineNo)
      expect(shares.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(line.discount.minor)
    }
  })
})

describe('what the fixtures are for', () => {
  it('makes one line of the pieces of one SKU, under the lowest of their numbers', () => {
    const { lines } = order('order-two-units-of-one-sku')
    expect(lines).toMatchObject([
      { channelLineNo: '560694402292001', channelSku: 'BOTTLE-500-BLUE', listingKey: '2807246166:13449296008', quantity: '2', unitPrice: '29.9' },
    ])
    expect(order('order-own-fleet-and-two-skus').lines.map((line) => [line.channelLineNo, line.quantity])).toEqual([
      ['560694402292001', '1'],
      ['560694402292002', '1'],
    ])
  })

  it('keeps the pieces of one SKU apart where they cost differently', () => {
    const raw = rawOf('order-two-units-of-one-sku')
    const text = JSON.stringify(raw.doc).replace('"item_price":29.9,"paid_price":29.9', '"item_price":0,"paid_price":0').replace('"59.80"', '"29.90"')
    const found = mapRaw({ ...raw, doc: JSON.parse(text) })
    expect(found).toMatchObject({
      kind: 'order',
      order: {
        lines: [
          { role: 'gift', quantity: '1' },
          { role: 'single', quantity: '1', net: { minor: 2990 } },
        ],
      },
    })
  })

  it('reads what the gateway really sent in 2018, to the cent and with its clock', () => {
    const found = order('order-sample-digital-of-2018')
    expect([found.placedAt, found.sourceUpdatedAt, found.totals.total, found.piiMode, checkOrder(found)]).toEqual([
      '2018-05-17T01:23:36Z',
      '2018-05-17T01:35:17Z',
      { minor: 60, currency: 'SGD' },
      'mask',
      [],
    ])
  })

  it('counts dong without a minor unit, and holds an order priced in another country’s money', () => {
    const name = 'order-dong-in-a-shop-of-dollars-mismatch'
    const found = order(name, inVietnam)
    expect([found.currency, found.sourceTz, found.recipient?.country, checkOrder(found)]).toEqual(['VND', 'Asia/Ho_Chi_Minh', 'VN', []])
    expect([found.totals.total.minor, found.lines[0]?.net.minor, found.discounts.map(({ funder, amount }) => [funder, amount.minor])]).toEqual([
      370_000,
      370_000,
      [['seller', 10_000]],
    ])
    expect(mapped(name)).toMatchObject({ kind: 'held', code: 'currency-mismatch' })
  })

  it('says who pays for a voucher, the bonus beside it, and what the postage was before it was reduced', () => {
    const of = (name: string) => order(name).discounts.map(({ funder, code, amount }) => [funder, code, amount.minor])
    expect(of('order-vouchers-of-both')).toEqual([
      ['seller', '91472700005001', 400],
      ['channel', '91472700009009', 300],
    ])
    expect(of('order-bonus-beside-vouchers')).toEqual([['seller', undefined, 400]])
    expect(order('order-shipping-fee-reduced').totals).toMatchObject({
      shipping: { minor: 199 },
      shippingDiscount: { minor: 199 },
      total: { minor: 5980 },
    })
  })

  it('takes the vouchers off where the paid price does not hold them, and never makes a sum fit', () => {
    expect(order('order-paid-price-before-voucher').lines[0]?.net.minor).toBe(5580)
    expect(checkOrder(order('order-does-not-add-up')).map(({ code }) => code)).toContain('totals-mismatch')
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', 'none', false],
    ['order-presale-deposit-paid', 'partially_paid', 'unallocated', 'none', false],
    ['order-two-units-of-one-sku', 'paid', 'unallocated', 'none', false],
    ['order-cash-on-delivery', 'pending', 'unallocated', 'none', false],
    ['order-cash-on-delivery-delivered', 'paid', 'delivered', 'none', false],
    ['order-packed', 'paid', 'allocated', 'none', false],
    ['order-ready-to-ship', 'paid', 'shipped', 'none', false],
    ['order-shipped-in-parts', 'paid', 'partial', 'none', false],
    ['order-fulfilled-by-lazada', 'paid', 'in_transit', 'none', false],
    ['order-lost-by-carrier', 'paid', 'failed', 'none', false],
    ['order-mixed-statuses', 'paid', 'delivered', 'closed', false],
    ['order-cancel-asked', 'paid', 'unallocated', 'requested', false],
    ['order-canceled-paid', 'refunded', 'unallocated', 'closed', true],
    ['order-canceled-unpaid', 'voided', 'unallocated', 'none', true],
  ])('reads where %s stands from all of its items', (name, payment, fulfilment, afterSale, closed) => {
    expect(order(name)).toMatchObject({ payment, fulfilment, afterSale, closed })
  })

  it('counts pieces that are cancelled, sent or back, and shows packages with what is in them', () => {
    const found = order('order-mixed-statuses')
    expect(found.sourceStatus).toBe('delivered, canceled, returned')
    expect(found.lines.map(({ quantity, cancelled, shipped }) => [quantity, cancelled, shipped])).toEqual([['3', '1', '2']])
    expect(found.shipments.map(({ trackingNo, state, lines }) => [trackingNo, state, lines])).toEqual([
      ['LEXDO0069388114', 'delivered', [{ channelLineNo: '560694402292001', quantity: '1' }]],
      ['LEXDO0069388115', 'delivered', [{ channelLineNo: '560694402292001', quantity: '1' }]],
    ])
  })

  it('names who cancelled, and which request waits', () => {
    expect(order('order-canceled-paid').cancelled).toEqual({ by: 'buyer', reason: 'Change of mind' })
    expect(order('order-canceled-unpaid').cancelled?.by).toBe('channel')
    expect(order('order-cancel-asked').cancelRequest).toEqual({ id: '704947701379284', reason: 'Found cheaper elsewhere' })
  })

  it('reads the vendor’s item with a text for every value, its times in milliseconds', () => {
    const found = order('order-vendor-sample-item')
    expect([found.paidAt, found.shipBy, found.totals.total.minor, found.shipments[0]?.carrier, found.cancelRequest]).toEqual([
      '2023-10-13T10:36:14Z',
      '2019-06-24T15:59:59Z',
      8910,
      'TA-Q-BIN',
      undefined,
    ])
  })

  it.each([
    ['order-status-nobody-knows-broken', 'status-unmapped'],
    ['order-without-items-broken', 'lines-missing'],
    ['order-time-without-zone-broken', 'time-unreadable'],
    ['refund-status-nobody-knows-broken', 'status-unmapped'],
    ['refund-vendor-sample', 'value-missing'],
  ])('holds %s', (name, code) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code })
  })
})

describe('refunds', () => {
  it.each([
    ['refund-cancellation-asked', 'cancellation', 'requested'],
    ['refund-cancellation-done', 'cancellation', 'done'],
    ['refund-return-on-its-way', 'return', 'approved'],
    ['refund-return-rejected', 'return', 'rejected'],
    ['refund-only-refund-seconds', 'refund', 'done'],
  ])('reads %s', (name, kind, state) => {
    expect(refund(name)).toMatchObject({ kind, state, amount: { minor: 2990, currency: 'SGD' }, at: '2025-11-18T21:06:40Z' })
  })

  it('names the line the piece belongs to, whichever piece of it went back', () => {
    expect(refund('refund-of-the-second-unit').lines).toMatchObject([{ channelLineNo: '560694402292001', quantity: '1' }])
    expect(refund('refund-cancellation-done').lines).toMatchObject([{ channelLineNo: '560694402292001' }])
  })

  it('is none where nothing was paid, and counts dong as they are', () => {
    expect(mapped('refund-cancellation-without-money')).toMatchObject({ kind: 'ignore', rule: 'lazada-no-money' })
    expect(mapped('refund-cancellation-done', inVietnam)).toMatchObject({ refund: { amount: { minor: 2990, currency: 'VND' } } })
  })

  it('takes the line of a reverse order whose number the record has, and none where it has several others', () => {
    const raw = rawOf('refund-cancellation-done')
    const text = JSON.stringify(raw.doc)
    const line = /\{"reverse_order_line_id".*\}(?=\]\})/.exec(text)?.[0] ?? ''
    const second = line.replace('663790000102006', '663790000102007').replace('"refund_amount":2990', '"refund_amount":1200')
    const doc: unknown = JSON.parse(text.replace(line, `${line},${second}`))
    expect(mapRaw({ ...raw, doc, externalId: '663790000102007' })).toMatchObject({
      refund: { channelRefundNo: '663790000102007', amount: { minor: 1200 } },
    })
    expect(mapRaw({ ...raw, doc, externalId: '663790000102999' })).toMatchObject({ kind: 'held', code: 'line-missing' })
  })
})
