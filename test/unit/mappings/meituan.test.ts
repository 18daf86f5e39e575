import { describe, expect, it } from 'vitest'
import { meituan } from '../../../mappings/meituan.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('meituan', meituan, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const inCity = { config: { city: '上海市' } }
const reductions = (name: string) => order(name).discounts.map(({ scope, funder, kind, amount }) => [scope, funder, kind, amount.minor])

describe('orders of Meituan', () => {
  it('keeps every digit of a number, names lines by code, and counts seconds', () => {
    expect(order('order-nineteen-digit-id').channelOrderNo).toBe('1501234567890123456')
    const found = order('order-sample')
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt, found.displayNo]).toEqual([
      '2025-11-22T02:00:00Z',
      '2025-11-22T02:00:12Z',
      '2025-11-22T02:01:00Z',
      '#12',
    ])
    expect(order('order-same-sku-twice').lines.map(({ channelLineNo, listingKey }) => [channelLineNo, listingKey])).toEqual([
      ['COLA-330', 'COLA:COLA-330'],
      ['COLA-330-2', 'COLA:COLA-330'],
    ])
    expect(order('order-newer-names').lines[0]?.listingKey).toBe('COLA:COLA-330')
    expect(order('order-without-codes').lines[0]).toMatchObject({ channelLineNo: 'line 1', channelSku: '' })
  })

  it.each([
    ['order-waits-for-payment', 'pending', 'unallocated', false],
    ['order-waits-to-be-accepted', 'paid', 'unallocated', false],
    ['order-sample', 'paid', 'unallocated', false],
    ['order-rider-on-the-way-to-shop', 'paid', 'unallocated', false],
    ['order-rider-has-it', 'paid', 'shipped', false],
    ['order-rider-arrived', 'paid', 'delivered', false],
    ['order-finished', 'paid', 'delivered', true],
    ['order-cancelled-after-payment', 'refunded', 'unallocated', true],
    ['order-cancelled-before-payment', 'voided', 'unallocated', true],
  ])('%s is %s, %s, closed: %s', (name, payment, fulfilment, closed) => {
    expect(order(name)).toMatchObject({ payment, fulfilment, closed })
  })

  it('knows an order that is fetched in the shop, and the number it is handed out under', () => {
    expect(order('order-pickup')).toMatchObject({ type: 'pickup', extra: { pickupCode: '12' } })
    expect(checkOrder(order('order-pickup'))).toEqual([])
  })

  it('takes the city of the shop where the address names none, and the one found from coordinates where it is there', () => {
    expect(checkOrder(order('order-sample')).map(({ code }) => code)).toEqual(['address-incomplete'])
    expect(checkOrder(order('order-sample', inCity))).toEqual([])
    expect(order('order-address-with-place', inCity).recipient).toMatchObject({
      city: '北京市',
      district: '朝阳区',
      address: '大众点评总部 (恒电大厦B座一层)',
    })
    expect([order('order-masked-phone').piiMode, order('order-privacy-number').piiMode]).toEqual(['mask', 'plain'])
  })

  it('shares reductions out as the channel did, and counts none twice that prices hold already', () => {
    expect(order('order-shares-by-sku').lines.map(({ discount }) => discount.minor)).toEqual([275, 25])
    expect(order('order-prices-before-activity').lines.map(({ gross }) => gross.minor)).toEqual([700, 880])
    const after = order('order-prices-after-activity')
    expect([after.lines.map(({ gross }) => gross.minor), reductions('order-prices-after-activity')]).toEqual([
      [600, 880],
      [
        ['order', 'seller', 'promotion', 200],
        ['order', 'channel', 'promotion', 100],
      ],
    ])
    expect(after.totals.total).toEqual(order('order-prices-before-activity').totals.total)
  })

  it('tells reductions of delivery and packaging apart from those of goods', () => {
    expect(reductions('order-coupon-for-delivery')).toEqual([['shipping', 'channel', 'coupon', 400]])
    expect(order('order-delivery-reduced').totals).toMatchObject({
      shipping: { minor: 600 },
      shippingDiscount: { minor: 600 },
      discount: { minor: 150 },
    })
    expect(order('order-bag-in-yuan-reduced').totals).toMatchObject({ fees: { minor: 30 }, unallocatedDiscount: { minor: 30 } })
    expect(order('order-boxes-and-bag').totals.fees.minor).toBe(130)
  })

  it.each([
    ['order-unknown-status', 'status-unmapped'],
    ['order-unknown-rider-state', 'status-unmapped'],
    ['order-cash-on-delivery', 'status-unmapped'],
    ['order-does-not-add-up', 'amounts-disagree'],
    ['order-shares-mismatch', 'amounts-disagree'],
    ['order-incomplete-broken', 'document-incomplete'],
  ])('holds %s: %s', (name, code) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code })
  })

  it.each(['total', 'original_price', 'shipping_fee', 'package_bag_money'])('holds an order of which %s alone was changed', (name) => {
    const raw = rawOf('order-sample')
    const result = mapRaw({ ...raw, doc: { ...Object(raw.doc), [name]: 17 } }, inCity)
    const codes = result.kind === 'order' ? checkOrder(result.order).map(({ code }) => code) : [result.kind === 'held' ? result.code : '']
    expect(codes.filter((code) => /disagree|mismatch/.test(code))).not.toEqual([])
  })
})

describe('refunds of Meituan', () => {
  it.each([
    ['refund-asked', 'refund', 'requested'],
    ['refund-agreed', 'refund', 'done'],
    ['refund-agreed-by-time', 'refund', 'done'],
    ['refund-refused', 'refund', 'rejected'],
    ['refund-withdrawn', 'refund', 'rejected'],
    ['refund-after-cancel', 'cancellation', 'done'],
    ['refund-goods-back-asked', 'return', 'requested'],
    ['refund-goods-back-agreed', 'return', 'approved'],
    ['refund-goods-back-sent', 'return', 'approved'],
    ['refund-goods-back-done', 'return', 'done'],
    ['refund-money-alone-done', 'refund', 'done'],
    ['refund-appealed', 'refund', 'requested'],
  ])('%s is a %s, %s', (name, kind, state) => {
    expect(refund(name)).toMatchObject({ kind, state, channelOrderNo: '27000000000000001' })
  })

  it('names what goes back by the piece, and money without pieces for a difference in weight', () => {
    expect(refund('refund-two-skus').lines.map(({ channelLineNo, quantity, amount }) => [channelLineNo, quantity, amount.minor])).toEqual([
      ['COLA-330', '1', 283],
      ['CHIPS-75', '1', 713],
    ])
    expect(refund('refund-weight-difference')).toMatchObject({ amount: { minor: 120 }, lines: [{ quantity: '0', amount: { minor: 120 } }] })
    expect(mapped('refund-unknown-answer')).toMatchObject({ kind: 'held', code: 'status-unmapped' })
    expect(mapped('refund-unknown-flow')).toMatchObject({ kind: 'held', code: 'status-unmapped' })
  })
})
