import { describe, expect, it } from 'vitest'
import { wechatMini } from '../../../mappings/wechat-mini.ts'
import { recorded } from './recorded.ts'

const { mapped, order } = recorded('wechat-mini', wechatMini, { timezone: 'Asia/Shanghai', currency: 'CNY' })

describe('a payment', () => {
  it('is an order of one line, known by the merchant’s number', () => {
    expect(order('order-paid')).toMatchObject({
      channelOrderNo: 'M-20250601-0001',
      paidAt: '2025-06-01T02:00:10Z',
      totals: { total: { minor: 3480 }, paid: { minor: 3480 } },
      lines: [{ channelLineNo: '1', title: '演示杯子*2', net: { minor: 3480 }, unitPrice: '34.8' }],
      payments: [{ id: '4200000020212015891158111151', method: 'wechat' }],
      piiMode: 'token',
      buyerRef: 'o_demo',
    })
    expect(order('order-without-merchant-number').channelOrderNo).toBe('4200000020212015891158111151')
    expect(order('order-numbers-as-text').totals).toEqual(order('order-paid').totals)
    expect(order('order-described-by-the-parcel').lines[0]?.title).toBe('手工录入的商品')
  })

  it.each([
    ['order-paid', 'paid', 'unallocated', undefined, false],
    ['order-first-of-two-sent', 'paid', 'partial', undefined, false],
    ['order-sent', 'paid', 'shipped', undefined, false],
    ['order-received', 'paid', 'delivered', undefined, false],
    ['order-finished', 'paid', 'delivered', undefined, true],
    ['order-refunded-before-sending', 'refunded', 'unallocated', { reason: 'refunded' }, true],
    ['order-refunded-after-sending', 'refunded', 'shipped', undefined, true],
    ['order-picked-up', 'paid', 'shipped', undefined, false],
  ])('of %s stands as it says', (name, payment, fulfilment, cancelled, closed) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled, found.closed]).toEqual([payment, fulfilment, cancelled, closed])
  })

  it('has its newest time of what the channel shows, and its parcels without their content', () => {
    expect(order('order-sent-in-two')).toMatchObject({
      sourceUpdatedAt: '2025-06-01T20:33:20Z',
      shipments: [
        { trackingNo: 'SF1000000000001', state: 'shipped', lines: [] },
        { trackingNo: '75512345678901', carrier: 'ZTO', lines: [] },
      ],
    })
  })

  it.each([
    ['order-unknown-state', 'status-unmapped'],
    ['order-broken-money', 'money-unreadable'],
    ['order-broken-time', 'time-unreadable'],
  ])('is held: %s', (name, code) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code })
  })
})
