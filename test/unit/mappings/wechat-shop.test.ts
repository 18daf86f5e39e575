import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { wechatShop } from '../../../mappings/wechat-shop.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, order, refund } = recorded('wechat-shop', wechatShop, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/wechat-shop/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))

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
  it('reads lines, times, the deadline and the listing', () => {
    const found = order('order-paid')
    expect([found.placedAt, found.paidAt, found.shipBy, found.sourceUpdatedAt]).toEqual([
      '2025-06-01T02:00:00Z',
      '2025-06-01T02:00:10Z',
      '2025-06-03T02:00:10Z',
      '2025-06-01T02:00:15Z',
    ])
    expect(found.lines).toMatchObject([
      { channelLineNo: '10000001:20000001', listingKey: '10000001:20000001', channelSku: 'CUP-BLUE-500', unitPrice: '19.9', net: { minor: 3480 } },
    ])
  })

  it('reads the vendor’s own example of 2022: numbers for ids, no amounts in the lines', () => {
    expect(order('order-vendor-2022-example')).toMatchObject({
      totals: { total: { minor: 10500 }, shipping: { minor: 500 }, items: { minor: 10000 } },
      lines: [{ channelLineNo: '234245:23424', gross: { minor: 20000 }, net: { minor: 10000 }, quantity: '10' }],
      cancelRequest: { id: '5202022' },
    })
    expect(
      order('order-no-amounts-in-lines')
        .lines.map((line) => line.net.minor)
        .reduce((a, b) => a + b),
    ).toBe(6750)
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', undefined, false],
    ['order-gift-not-taken', 'authorised', 'unallocated', undefined, false],
    ['order-group-not-complete', 'authorised', 'unallocated', undefined, false],
    ['order-partly-sent', 'paid', 'partial', undefined, false],
    ['order-sent-in-two', 'paid', 'shipped', undefined, false],
    ['order-finished', 'paid', 'delivered', undefined, true],
    ['order-oversold-cancelled', 'voided', 'unallocated', { by: 'seller' }, true],
    ['order-all-refunded', 'refunded', 'unallocated', { reason: 'refunded' }, true],
    ['order-all-refunded-after-sending', 'refunded', 'shipped', undefined, true],
    ['order-cancelled-unpaid', 'voided', 'unallocated', {}, true],
    ['order-cancelled-after-payment', 'refunded', 'unallocated', { reason: 'refunded' }, true],
  ])('knows how %s stands', (name, payment, fulfilment, cancelled, closed) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled, found.closed]).toEqual([payment, fulfilment, cancelled, closed])
  })

  it('knows what of the postage went back', () => {
    expect(
      ['order-all-refunded', 'order-all-refunded-postage-kept', 'order-all-refunded-part-of-postage'].map(
        (name) => order(name).totals.refunded.minor,
      ),
    ).toEqual([3480, 3480, 3680])
  })

  it('counts what has left by the pieces in packages, and what a refund took out before', () => {
    expect(order('order-partly-sent').lines.map((line) => [line.shipped, line.cancelled])).toEqual([
      ['1', '0'],
      ['0', '0'],
    ])
    expect(order('order-sent-in-two').lines.map((line) => line.shipped)).toEqual(['2', '1'])
    expect(order('order-one-line-refunded').lines.map((line) => [line.shipped, line.cancelled])).toEqual([
      ['0', '2'],
      ['0', '0'],
    ])
    expect(order('order-virtual-goods').lines.map((line) => line.shipped)).toEqual(['2'])
  })

  it('takes a refund asked for before anything left as a wish to cancel, later ones not', () => {
    expect(order('order-refund-asked')).toMatchObject({ afterSale: 'requested', cancelRequest: { id: '2000000000000002' } })
    expect(order('order-refund-asked-after-sending').cancelRequest).toBeUndefined()
  })

  it.each([
    [
      'order-channel-coupon',
      [
        ['channel', 'coupon', 200],
        ['seller', 'promotion', 500],
      ],
    ],
    [
      'order-finder-pays',
      [
        ['channel', 'promotion', 100],
        ['seller', 'promotion', 500],
      ],
    ],
    [
      'order-points-in-lines',
      [
        ['points', 'points', 80],
        ['seller', 'promotion', 500],
      ],
    ],
    [
      'order-price-changed-by-seller',
      [
        ['seller', 'promotion', 500],
        ['seller', 'manual', 480],
      ],
    ],
  ] as const)('says who pays for the reductions of %s', (name, wanted) => {
    expect(order(name).discounts.map(({ funder, kind, amount }) => [funder, kind, amount.minor])).toEqual(wanted)
  })

  it('explains a gap by points beside the lines, and holds one nothing explains', () => {
    expect(order('order-points-beside-lines').totals.unallocatedDiscount.minor).toBe(80)
    expect(checkOrder(order('order-points-beside-lines')).filter(({ failure }) => failure)).toEqual([])
    expect(checkOrder(order('order-unexplained-gap-mismatch')).some(({ failure }) => failure)).toBe(true)
    expect(order('order-postage-changed-by-seller').totals).toMatchObject({ shipping: { minor: 0 }, total: { minor: 3480 } })
  })

  it.each([
    ['order-paid', 'mask', '138****0000'],
    ['order-plain-recipient', 'plain', '13800000000'],
    ['order-virtual-number', 'mask', '17000000001,1234'],
  ])('says how readable the recipient of %s is, and which number reaches him', (name, mode, phone) => {
    expect([order(name).piiMode, order(name).recipient?.phone]).toEqual([mode, phone])
  })

  it.each([
    ['order-unknown-status', 'status-unmapped'],
    ['order-broken-time', 'time-unreadable'],
    ['order-broken-money', 'money-unreadable'],
    ['refund-unknown-status', 'status-unmapped'],
  ])('holds %s', (name, code) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code })
  })

  it.each([
    ['refund-asked', 'requested', 'refund'],
    ['refund-done', 'done', 'refund'],
    ['refund-return-agreed', 'approved', 'return'],
    ['refund-return-done', 'done', 'return'],
    ['refund-taken-back', 'rejected', 'refund'],
    ['refund-money-failed', 'approved', 'refund'],
  ])('reads %s', (name, state, kind) => {
    expect(refund(name)).toMatchObject({
      state,
      kind,
      amount: { minor: 1740 },
      channelOrderNo: '3700000000000000001',
      lines: [{ channelLineNo: '10000001:20000001', quantity: '1' }],
    })
  })
})
