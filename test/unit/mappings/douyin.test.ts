import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { douyin } from '../../../mappings/douyin.ts'
import { explanation } from '../../../mappings/parts/explanation.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, order, refund } = recorded('douyin', douyin, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/douyin/fixtures/', import.meta.url))
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
  it('keeps 19 digits of an id, whether it comes as a text or as a number, and reads seconds as UTC', () => {
    const found = order('order-sample')
    expect([found.channelOrderNo, found.lines[0]?.channelLineNo, found.lines[0]?.listingKey]).toEqual([
      '4800000000000000001',
      '4800000000000000002',
      '3500000000000000001:1700000000000001',
    ])
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt]).toEqual(['2025-06-01T02:00:00Z', '2025-06-01T02:00:10Z', '2025-06-01T02:00:10Z'])
    expect(order('order-from-live-room').extra).toEqual({ authorId: '98765432101234567', roomId: '7300000000000000009', sellerFlag: '5' })
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', false, false],
    ['order-presale-deposit-paid', 'partially_paid', 'unallocated', false, false],
    ['order-presale-paid', 'paid', 'unallocated', false, false],
    ['order-presale-forfeited', 'partially_paid', 'unallocated', true, true],
    ['order-held-by-risk-control', 'authorised', 'unallocated', false, false],
    ['order-partly-shipped', 'paid', 'partial', false, false],
    ['order-shipped-in-two', 'paid', 'shipped', false, false],
    ['order-finished', 'paid', 'delivered', false, true],
    ['order-cancelled-unpaid', 'voided', 'unallocated', true, true],
    ['order-refunded-before-shipping', 'refunded', 'unallocated', true, true],
    ['order-refunded-after-shipping', 'refunded', 'shipped', false, true],
    ['order-refunded-after-receipt', 'refunded', 'delivered', false, true],
    ['order-line-refunded-others-go-on', 'partially_refunded', 'unallocated', false, false],
    ['order-return-on-its-way', 'refund_pending', 'shipped', false, false],
    ['order-exchange-running', 'paid', 'delivered', false, true],
  ])('takes the status of %s apart', (name, payment, fulfilment, cancelled, closed) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled !== undefined, found.closed]).toEqual([payment, fulfilment, cancelled, closed])
  })

  it.each([
    ['order-unknown-status', 'status-unmapped', '/order_status'],
    ['order-unknown-after-sale', 'status-unmapped', '/sku_order_list/0/after_sale_info/after_sale_status'],
    ['refund-unknown-status', 'status-unmapped', '/aftersale_info/aftersale_status'],
    ['order-yuan-broken', 'money-unreadable', '/pay_amount'],
    ['order-unreadable-time-broken', 'time-unreadable', '/create_time'],
    ['refund-unclear-postage-broken', 'refund-unclear', '/aftersale_info/refund_amount'],
  ])('holds %s with the place', (name, code, pointer) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code, pointer })
  })

  it('says who pays for a reduction, share by share', () => {
    expect(
      order('order-promotions-by-who-pays').discounts.map(({ title, funder, amount, allocations }) => [
        title,
        funder,
        amount.minor,
        allocations.map((each) => [each.lineNo, each.amount.minor]),
      ]),
    ).toEqual([
      [
        '店铺优惠',
        'seller',
        800,
        [
          [1, 700],
          [2, 100],
        ],
      ],
      ['平台优惠', 'channel', 300, [[1, 300]]],
      ['达人优惠', 'channel', 200, [[1, 200]]],
    ])
    // Where sub-orders do not say it, what was paid shows how much, and the order whose it was.
    expect(order('order-sample').discounts.map(({ funder, amount }) => [funder, amount.minor])).toEqual([
      ['seller', 600],
      ['channel', 400],
    ])
    expect(order('order-price-changed-by-seller').discounts).toMatchObject([{ kind: 'manual', funder: 'seller', amount: { minor: 500 } }])
    expect(order('order-discount-of-payment').discounts).toMatchObject([{ kind: 'other', funder: 'channel', amount: { minor: 300 } }])
  })

  it('explains a gap by what the channel documents, to the fen, and by nothing else', () => {
    const totals = (name: string) => order(name).totals
    expect([totals('order-postage-and-packing').shipping.minor, totals('order-postage-and-packing').fees.minor]).toEqual([900, 200])
    expect([totals('order-postage-reduced').shipping.minor, totals('order-postage-reduced').shippingDiscount.minor]).toEqual([1000, 400])
    expect(totals('order-import-tax').duties.minor).toBe(1164)
    expect(checkOrder(order('order-unexplained-gap-mismatch')).map((hold) => hold.code)).toContain('totals-mismatch')
  })

  it('gives back everything before it left, and the goods without the postage after that', () => {
    const [before, after] = [order('order-refunded-before-shipping').totals, order('order-refunded-after-shipping').totals]
    expect([before.refunded.minor, before.total.minor, after.refunded.minor]).toEqual([12400, 12400, 11800])
  })

  it('waits with an order whose buyer wants out before it left, and goes on with the other sub-orders of one that was refunded', () => {
    expect(order('order-refund-asked-before-shipping')).toMatchObject({ cancelRequest: {}, afterSale: 'requested' })
    expect(order('order-line-refunded-others-go-on').lines.map((line) => [line.cancelled, line.shipped])).toEqual([
      ['2', '0'],
      ['0', '0'],
    ])
  })

  it('counts the pieces that left', () => {
    // What had not left when the money went back never will.
    expect(order('order-part-left-then-refunded').lines.map((line) => [line.shipped, line.cancelled])).toEqual([
      ['1', '1'],
      ['2', '0'],
    ])
    expect(order('order-partly-shipped').lines.map((line) => line.shipped)).toEqual(['1', '0'])
    expect(order('order-shipped-in-two').shipments.map((each) => [each.channelShipmentNo, each.trackingNo, each.lines])).toEqual([
      ['7200000000000000001', 'SF1000000000001', [{ channelLineNo: '4800000000000000002', quantity: '1' }]],
      [
        '7200000000000000002',
        'SF1000000000002',
        [
          { channelLineNo: '4800000000000000002', quantity: '1' },
          { channelLineNo: '4800000000000000003', quantity: '2' },
        ],
      ],
    ])
  })

  it('knows the day it has to leave, kinds of orders and kinds of lines', () => {
    expect(order('order-full-presale')).toMatchObject({ type: 'presale', shipBy: '2025-06-11T02:00:00Z' })
    expect([order('order-fetched-by-buyer').type, order('order-sample-for-host').type]).toEqual(['pickup', 'sample'])
    expect([order('order-gift').lines[1]?.role, order('order-voucher').lines[0]?.role]).toEqual(['gift', 'service'])
    expect(order('order-presale-paid').payments.map(({ amount, status }) => [amount.minor, status])).toEqual([
      [2000, 'done'],
      [10_800, 'done'],
    ])
  })

  it('keeps ciphertext or mask, as the connection says, and the buyer by the open id', () => {
    const asked = (name: string, recipients: string) => order(name, { config: { recipients } })
    expect(asked('order-unpaid', 'cipher')).toMatchObject({
      piiMode: 'cipher',
      buyerRef: '1@#demo-open-id',
      recipient: {
        name: '##demo-cipher-receiver##1##',
        phone: '$$demo-cipher-tel$1$$',
        address: '中关村街道\n##demo-cipher-detail##1##',
        district: '海淀区',
      },
    })
    expect(asked('order-unpaid', 'mask')).toMatchObject({ piiMode: 'mask', recipient: { name: '赵*', address: '中关村街道\n中关**街*号' } })
    expect([asked('order-only-masked', 'cipher').piiMode, asked('order-plain-recipient', 'cipher').piiMode]).toEqual(['mask', 'plain'])
  })

  it.each([
    ['refund-asked', 'cancellation', 'requested', 11_800],
    ['refund-return-on-its-way', 'return', 'approved', 5900],
    ['refund-return-done', 'return', 'done', 5900],
    ['refund-agreed-money-not-yet', 'refund', 'approved', 5900],
    ['refund-rejected', 'refund', 'rejected', 5900],
    ['refund-taken-back', 'refund', 'rejected', 5900],
    ['refund-price-protection', 'adjustment', 'done', 500],
    // Postage beside the amount, and in it.
    ['refund-cancellation-with-postage', 'cancellation', 'done', 12_400],
    ['refund-postage-inside', 'cancellation', 'done', 12_400],
  ])('reads %s', (name, kind, state, minor) => {
    expect(refund(name)).toMatchObject({ kind, state, amount: { minor } })
  })

  it('leaves an exchange aside by a rule', () => {
    expect(mapped('refund-exchange')).toMatchObject({ kind: 'ignore', rule: 'no-money' })
  })
})

describe('an explanation', () => {
  it('is the smallest set that makes up the gap, and none where there is none', () => {
    expect([...explanation(0, { a: 0, b: 5 })]).toEqual([])
    expect([...explanation(7, { a: 3, b: 4, c: 7 })]).toEqual(['c'])
    expect([...explanation(-1, { a: 3, b: -4 })]).toEqual(['a', 'b'])
    expect([...explanation(5, { a: 3, b: 4 })]).toEqual([])
  })
})
