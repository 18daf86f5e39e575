import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { pinduoduo } from '../../../mappings/pinduoduo.ts'
import { checkOrder, reservesGoods } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapRaw, rawOf, mapped, order, refund } = recorded('pinduoduo', pinduoduo, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/pinduoduo/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
const fen = (amounts: readonly { readonly minor: number }[]): readonly number[] => amounts.map(({ minor }) => minor)

describe('every order', () => {
  it.each(names.filter((name) => mapped(name).kind === 'order'))('shares its reductions out line by line: %s', (name) => {
    const { lines, discounts } = order(name)
    for (const line of lines) {
      const shares = discounts.flatMap(({ allocations }) => allocations).filter(({ lineNo }) => lineNo === line.lineNo)
      expect(shares.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(line.discount.minor)
      expect(line.net.minor).toBeGreaterThanOrEqual(0)
    }
  })
})

describe('what the fixtures are for', () => {
  it('reads the same order from amounts that are numbers and amounts that are texts', () => {
    const { channelOrderNo: _number, ...numbers } = order('order-sample-of-the-channel')
    const { channelOrderNo: _text, ...texts } = order('order-amounts-as-text')
    expect(texts).toEqual(numbers)
  })

  it('knows the shop’s clock, the day to ship by and the listing of a line', () => {
    const found = order('order-sample-of-the-channel')
    expect([found.placedAt, found.paidAt, found.shipBy, found.sourceUpdatedAt]).toEqual([
      '2025-06-01T02:00:00Z',
      '2025-06-01T02:00:05Z',
      '2025-06-03T02:00:06Z',
      '2025-06-01T02:00:06Z',
    ])
    expect(found.lines[0]).toMatchObject({ channelLineNo: '1400000000001', listingKey: '610000000001:1400000000001', channelSku: 'CUP-BLUE-500' })
  })

  it.each([
    ['order-sample-of-the-channel', 'cipher'],
    ['order-under-review', 'mask'],
    ['order-shipped', 'mask'],
    ['order-plain-of-2018', 'plain'],
    ['order-contact-mobile-only', 'cipher'],
  ])('says how readable the recipient of %s is', (name, mode) => {
    expect(order(name).piiMode).toBe(mode)
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', undefined],
    ['order-deposit-paid', 'partially_paid', 'unallocated', undefined],
    ['order-group-forming', 'authorised', 'unallocated', 'group-forming'],
    ['order-under-review', 'authorised', 'unallocated', 'under-review'],
    ['order-shipping-forbidden-by-tag', 'authorised', 'unallocated', 'ship-hold'],
    ['order-gift-undecided', 'authorised', 'unallocated', 'gift-undecided'],
    ['order-presale-with-a-day', 'paid', 'unallocated', undefined],
    ['order-shipped', 'paid', 'shipped', undefined],
    ['order-signed', 'paid', 'delivered', undefined],
    ['order-refund-on-its-way-before-shipping', 'refund_pending', 'unallocated', undefined],
    ['order-refunded-after-shipping', 'partially_refunded', 'shipped', undefined],
  ])('%s: %s, %s', (name, payment, fulfilment, held) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.extra['heldByChannel']]).toEqual([payment, fulfilment, held])
  })

  it.each(['order-group-failed', 'order-cancelled-unpaid', 'order-refunded-before-shipping'])('%s owes nobody any goods', (name) => {
    const found = order(name)
    expect([found.cancelled === undefined, found.closed, reservesGoods(found)]).toEqual([false, true, false])
  })

  it('keeps an order back while the buyer wants out of it, and lets it go once that was refused', () => {
    const holds = (name: string): readonly string[] => checkOrder(order(name)).map(({ code }) => code)
    expect(holds('order-refund-asked-before-shipping')).toEqual(['cancel-requested'])
    expect(holds('order-refund-on-its-way-before-shipping')).toEqual(['cancel-requested'])
    expect(holds('order-refund-rejected-before-shipping')).toEqual([])
  })

  it('tells the channel’s own reductions from the seller’s, to the fen of each line', () => {
    const { discounts, lines, totals } = order('order-several-skus-shared-reduction')
    expect(discounts.map(({ funder, amount, allocations }) => [funder, amount.minor, fen(allocations.map((each) => each.amount))])).toEqual([
      ['channel', 667, [200, 467]],
      ['seller', 333, [100, 233]],
    ])
    expect(fen(lines.map(({ net }) => net))).toEqual([2700, 6300])
    expect([totals.total.minor, totals.shipping.minor]).toEqual([9600, 600])
  })

  it.each([
    ['order-price-changed-by-seller', 3980, 200],
    ['order-price-raised-by-seller', 4180, 0],
  ])('%s: the change of a price lowers or raises the goods', (name, gross, discount) => {
    expect([order(name).lines[0]?.gross.minor, order(name).lines[0]?.discount.minor]).toEqual([gross, discount])
  })

  it.each([
    ['order-services-and-postage', 800, 0],
    ['order-carried-into-the-home', 1500, 0],
    ['order-national-subsidy', 0, 696],
    ['order-pay-reduction', 0, 50],
    ['order-reduction-covers-postage', 0, 200],
    ['order-deposit-counts-fivefold', 0, 400],
  ])('%s: what stands apart explains the sum', (name, fees, off) => {
    const { totals } = order(name)
    expect([totals.fees.minor, totals.unallocatedDiscount.minor]).toEqual([fees, off])
    expect(checkOrder(order(name)).filter(({ code }) => code === 'totals-mismatch')).toEqual([])
  })

  it('never fills a gap in', () => {
    expect(checkOrder(order('order-unexplained-gap-mismatch')).map(({ code }) => code)).toContain('totals-mismatch')
  })

  it('sends gifts with the order unless they have one of their own', () => {
    const roles = (name: string): readonly string[] => order(name).lines.map(({ role, channelLineNo }) => `${role} ${channelLineNo}`)
    expect(roles('order-gift-in-the-package')).toEqual(['single 1400000000001', 'gift gift:1400000000009'])
    expect(roles('order-gift-in-an-order-of-its-own')).toEqual(['single 1400000000001'])
    expect(order('order-of-a-gift').type).toBe('gift')
  })

  it('numbers a SKU that stands twice', () => {
    expect(order('order-same-sku-twice').lines.map(({ channelLineNo }) => channelLineNo)).toEqual(['1400000000001', '1400000000001#2'])
  })

  it('takes the first number as that of all goods and the others as they are', () => {
    const { shipments } = order('order-shipped-in-several-packages')
    expect(shipments.map(({ trackingNo, carrier, lines }) => [trackingNo, carrier, lines.length])).toEqual([
      ['SF1000000000001', '44', 1],
      ['YT0000000000001', '85', 0],
    ])
  })

  it.each([
    ['order-unknown-order-status', '/order_status', '"9"'],
    ['order-unknown-after-sales-status', '/after_sales_status', '"99"'],
    ['refund-unknown-status', '/after_sales_status', '"77"'],
    ['refund-unknown-type', '/after_sales_type', '"12"'],
  ])('holds %s with the code nobody has heard of', (name, pointer, word) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code: 'status-unmapped', pointer, message: expect.stringContaining(word) })
  })
})

describe('after-sales documents', () => {
  it.each([
    ['refund-asked', 'refund', 'requested'],
    ['refund-on-its-way', 'refund', 'approved'],
    ['refund-rejected', 'refund', 'rejected'],
    ['refund-taken-back', 'refund', 'rejected'],
    ['refund-return-done-of-2018', 'return', 'done'],
    ['refund-return-waits-for-goods', 'return', 'approved'],
  ])('%s: %s, %s', (name, kind, state) => {
    expect([refund(name).kind, refund(name).state]).toEqual([kind, state])
  })

  it('reads times of both forms, and the line by its SKU', () => {
    expect(refund('refund-seconds-since-1970')).toMatchObject({ at: '2025-06-02T01:00:00Z', sourceUpdatedAt: '2025-06-02T03:30:00Z' })
    expect(refund('refund-asked').lines).toEqual([
      { channelLineNo: '1400000000001', channelSku: 'CUP-BLUE-500', title: '演示杯子', quantity: '2', amount: { minor: 3480, currency: 'CNY' } },
    ])
  })

  it('leaves what moves no money', () => {
    expect(mapped('refund-exchange')).toMatchObject({ kind: 'ignore', rule: 'no-money-moves' })
  })

  it('does not depend on what the connection is set to', () => {
    expect(mapRaw(rawOf('refund-asked'), { timezone: 'America/New_York', currency: 'USD' })).toEqual(mapped('refund-asked'))
  })
})
