import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { youzan } from '../../../mappings/youzan.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('youzan', youzan, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/youzan/fixtures/', import.meta.url))
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
  it('keeps 19 digits of a line, and reads the channel’s clock as UTC+8', () => {
    const found = order('order-sample')
    expect([found.channelOrderNo, found.lines[0]?.channelLineNo, found.lines[0]?.listingKey, found.lines[0]?.options]).toEqual([
      'E20250601100000000000001',
      '3170827559510736957',
      '4520025901:14955310725',
      '颜色: 蓝色',
    ])
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt]).toEqual(['2025-06-01T02:00:00Z', '2025-06-01T02:00:05Z', '2025-06-01T02:00:06Z'])
  })

  it('takes the vendor’s own example to the fen, line by line, and never a time that did not come', () => {
    const found = order('order-vendor-2018-example')
    expect(found.lines.map((line) => [line.gross.minor, line.net.minor])).toEqual([
      [8800, 7565],
      [15800, 13580],
      [5800, 4985],
      [6900, 5930],
    ])
    expect([found.totals.total.minor, found.totals.discount.minor, checkOrder(found)]).toEqual([32060, 5240, []])
    expect(found.discounts.map((each) => [each.scope, each.kind, each.title, each.amount.minor]).at(-1)).toEqual([
      'order',
      'coupon',
      '福当先！领福券！',
      764,
    ])
    expect(JSON.stringify(found)).not.toContain('1970')
  })

  it.each([
    ['order-postage-in-lines', [782], 200],
    ['order-postage-beside-lines', [1990, 4000], 600],
    ['order-postage-and-reduction', [1800, 3600], 600],
  ])('takes the postage out of the lines where it is in them: %s', (name, nets, shipping) => {
    const found = order(name)
    expect([found.lines.map((line) => line.net.minor), found.totals.shipping.minor]).toEqual([nets, shipping])
  })

  it.each([
    ['order-sample', 'cipher'],
    ['order-masked-recipient', 'mask'],
    ['order-plain-recipient', 'plain'],
    ['order-pickup-encrypted', 'cipher'],
  ])('says how readable the recipient of %s is', (name, mode) => {
    expect(order(name).piiMode).toBe(mode)
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', false],
    ['order-presale-deposit-paid', 'partially_paid', 'unallocated', false],
    ['order-moment-behind-paying', 'authorised', 'unallocated', false],
    ['order-group-not-complete', 'authorised', 'unallocated', false],
    ['order-sample', 'paid', 'unallocated', false],
    ['order-cash-on-delivery', 'pending', 'unallocated', false],
    ['order-partly-shipped', 'paid', 'partial', false],
    ['order-shipped-in-two', 'paid', 'shipped', false],
    ['order-return-on-its-way', 'refund_pending', 'shipped', false],
    ['order-finished', 'paid', 'delivered', false],
    ['order-virtual', 'paid', 'delivered', false],
    ['order-part-of-a-line-refunded', 'partially_refunded', 'delivered', false],
    ['order-closed-before-payment', 'voided', 'unallocated', true],
    ['order-closed-after-payment', 'refunded', 'unallocated', true],
    ['order-closed-marked-by-hand', 'refunded', 'unallocated', true],
    ['order-returned-after-shipping', 'refunded', 'shipped', false],
  ])('takes the status of %s apart', (name, payment, fulfilment, cancelled) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled !== undefined]).toEqual([payment, fulfilment, cancelled])
  })

  it('knows who closed an order that nobody paid', () => {
    expect([order('order-closed-before-payment').cancelled, order('order-closed-by-buyer').cancelled]).toEqual([{ by: 'channel' }, { by: 'buyer' }])
  })

  it.each([
    ['order-unknown-status', 'status-unmapped', '/full_order_info/order_info/status'],
    ['order-unknown-delivery', 'status-unmapped', '/full_order_info/order_info/express_type'],
    ['order-unknown-refund-number', 'status-unmapped', '/refund_order/0/refund_state'],
    ['refund-unknown-status', 'status-unmapped', '/status'],
    ['order-three-decimals-broken', 'money-precision', '/full_order_info/pay_info/payment'],
    ['order-unreadable-time-broken', 'time-unreadable', '/full_order_info/order_info/created'],
  ])('holds %s with the place', (name, code, pointer) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code, pointer })
  })

  it('explains a gap by what the channel documents, to the fen, and by nothing else', () => {
    expect(order('order-tax-from-abroad').totals.duties.minor).toBe(181)
    expect(checkOrder(order('order-unexplained-gap-mismatch')).map((hold) => hold.code)).toContain('totals-mismatch')
  })

  it('tells a till, a branch, a pickup and a courier apart, and where each is', () => {
    expect(order('order-till')).toMatchObject({
      type: 'pos',
      fulfilment: 'delivered',
      closed: true,
      lines: [{ channelSku: 'BM260117240727666', barcode: 'P260117140786910', shipped: '2' }],
      extra: {
        locationId: '187395218',
        locationName: '成都清水河店',
        locationNo: 'MD0007',
        headOfficeId: '134533635',
        orderMark: 'retail_ipad_cashier',
      },
    })
    expect(order('order-till').recipient).toBeUndefined()
    expect(order('order-branch-of-a-chain')).toMatchObject({
      type: 'normal',
      extra: { locationId: '134529034', delivery: 'city', outletId: '134529034' },
    })
    expect(order('order-pickup')).toMatchObject({
      type: 'pickup',
      recipient: { name: '张*', city: '杭州市', address: '文三路与工专路交口西南角' },
      extra: { pickupId: '58039430', pickupName: '黄龙万科', pickupTime: '09月18日 08:01-09:01' },
    })
    expect(checkOrder(order('order-till'))).toEqual([])
  })

  it('waits with an order whose buyer asked for the money before anything left', () => {
    expect(order('order-refund-asked-before-shipping')).toMatchObject({ cancelRequest: { id: '201904281639340000010859' }, afterSale: 'requested' })
  })

  it('sends no line whose money went back whole, and every other', () => {
    expect(order('order-line-refunded-others-go-on').lines.map((line) => [line.cancelled, line.shipped])).toEqual([
      ['1', '0'],
      ['0', '0'],
    ])
    expect(order('order-part-of-a-line-refunded').lines.map((line) => [line.cancelled, line.shipped])).toEqual([['0', '1']])
  })

  it('says who pays for what, and what a card paid', () => {
    expect(order('order-points').discounts).toMatchObject([{ funder: 'points', kind: 'points', amount: { minor: 500 } }])
    expect(order('order-price-changed-by-seller').discounts).toMatchObject([{ funder: 'seller', kind: 'manual', amount: { minor: 895 } }])
    expect(order('order-several-pieces-reduced').discounts).toMatchObject([{ title: '会员折扣', amount: { minor: 900 } }])
    expect(order('order-postage-and-reduction')).toMatchObject({ couponCodes: ['NEW-6'], discounts: [{ kind: 'coupon', code: 'NEW-6' }] })
    expect(order('order-price-raised-by-seller').lines).toMatchObject([{ gross: { minor: 2190 }, net: { minor: 2190 } }])
    expect(order('order-stored-value-card').payments.map((payment) => [payment.kind, payment.amount.minor])).toEqual([
      ['capture', 990],
      ['gift_card', 1000],
    ])
    expect(order('order-presale-deposit-paid')).toMatchObject({ type: 'presale', totals: { paid: { minor: 500 } }, shipBy: '2025-06-15T16:00:00Z' })
    expect(order('order-gift-line').lines.map((line) => [line.role, line.net.minor])).toEqual([
      ['single', 1990],
      ['gift', 0],
    ])
    expect(order('order-weighed-goods').lines).toMatchObject([{ quantity: '0.35', net: { minor: 1393 }, listingKey: '4520025901' }])
  })

  it('keeps what the buyer wrote to the order and to a line', () => {
    expect(order('order-notes')).toMatchObject({ buyerNote: '请周末送\n{"刻字":"生日快乐"}', sellerNote: '老客户，加急', extra: { star: '3' } })
    expect(order('order-sample').buyerNote).toBeUndefined()
  })

  it('makes the same of an unpaid order from a list and read alone', () => {
    expect(mapped('order-unpaid-from-list')).toEqual(mapped('order-unpaid'))
  })

  it('reads lines of packages that messages write as plain numbers', () => {
    const text = JSON.stringify(rawOf('order-partly-shipped').doc)
    const doc: unknown = JSON.parse(text.replace('"oids":[{"oid":"3170827559510736957"}]', '"oids":["3170827559510736957"]'))
    expect(JSON.stringify(doc)).not.toBe(text)
    expect(mapRaw({ kind: 'order', externalId: '1', doc })).toEqual(mapped('order-partly-shipped'))
  })

  it.each([
    ['refund-asked', 'refund', 'requested'],
    ['refund-before-sending-done', 'cancellation', 'done'],
    ['refund-return-agreed', 'return', 'approved'],
    ['refund-return-on-its-way', 'return', 'approved'],
    ['refund-done', 'refund', 'done'],
    ['refund-rejected', 'refund', 'rejected'],
    ['refund-goods-not-received', 'return', 'rejected'],
    ['refund-taken-back', 'refund', 'rejected'],
    ['refund-customer-service', 'refund', 'requested'],
  ])('reads %s', (name, kind, state) => {
    expect(refund(name)).toMatchObject({ kind, state, amount: { minor: 13 } })
  })
})
