import { describe, expect, it } from 'vitest'
import { ebay } from '../../../mappings/ebay.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { order, mapped } = recorded('ebay', ebay, { timezone: 'UTC', currency: 'USD' })
const totals = (name: string): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(order(name).totals).map(([part, { minor }]) => [part, minor]))

describe('orders of eBay', () => {
  it('hold what the buyer paid, tax that eBay collects among it', () => {
    expect(totals('order-tax-collected-by-ebay')).toMatchObject({ items: 3600, shipping: 500, tax: 328, total: 4428, paid: 4428 })
    expect(totals('order-tax-only-at-lines')).toMatchObject({ tax: 328, total: 4428 })
    expect(totals('order-tax-not-in-total')).toMatchObject({ tax: 0, total: 4100 })
    expect(order('order-tax-collected-by-ebay').extra).toMatchObject({ taxCollectedByChannel: 'true', sellerDue: '44.28', marketplaceFee: '5.43' })
  })

  it('share promotions over their lines, and never more than a line lost', () => {
    expect(order('order-promotions').discounts.map(({ title, amount, allocations }) => [title, amount.minor, allocations.length])).toEqual([
      ['10 % off two or more', 560, 2],
      ['Coupon', 100, 1],
    ])
    expect(order('order-promotion-half-explained').discounts.map(({ title, amount }) => [title, amount.minor])).toEqual([
      ['Markdown', 400],
      [undefined, 200],
    ])
    expect(totals('order-discount-of-no-line')).toMatchObject({ discount: 0, unallocatedDiscount: 200, total: 3900 })
  })

  it('take fees, adjustments and free delivery as far as they explain the total, and hold what nothing explains', () => {
    expect(totals('order-fee-and-adjustment')).toMatchObject({ fees: 150, unallocatedDiscount: 200, total: 4050 })
    expect(totals('order-delivery-discount')).toMatchObject({ shipping: 500, shippingDiscount: 500, total: 3600 })
    expect(checkOrder(order('order-unexplained-gap-mismatch')).map(({ code }) => code)).toEqual(['totals-mismatch'])
    expect(mapped('order-currency-mixed-broken')).toMatchObject({ kind: 'held', code: 'currency-mixed', pointer: '/lineItemCost' })
    expect(totals('order-yen')).toMatchObject({ items: 3600, shipping: 500, total: 4100 })
  })

  it('tell pieces that left by their packages', () => {
    const part = order('order-part-shipped')
    expect([part.fulfilment, part.lines.map(({ shipped }) => shipped)]).toEqual(['partial', ['1', '0']])
    expect(part.shipments).toMatchObject([{ carrier: 'USPS', trackingNo: '9405509699937003457459', lines: [{ quantity: '1' }] }])
    expect(order('order-shipped-in-two').lines.map(({ shipped }) => shipped)).toEqual(['2', '1'])
    expect(order('order-marked-shipped-no-parcel').lines[0]?.shipped).toBe('3')
  })

  it('tell a payment from a refund where eBay uses one word for both', () => {
    const payment = (name: string): string => order(name).payment
    expect(['order-payment-pending', 'order-payment-failed', 'order-cancelled-unpaid'].map(payment)).toEqual(['pending', 'pending', 'voided'])
    expect(['order-refund-pending', 'order-refund-failed'].map(payment)).toEqual(['refund_pending', 'paid'])
    expect(totals('order-payment-pending')).toMatchObject({ paid: 0 })
    expect(order('order-refund-pending').afterSale).toBe('in_progress')
  })

  it('count each refund once, at its line where it has one', () => {
    expect(order('order-line-refunded').refunds).toMatchObject([
      { amount: { minor: 1200 }, state: 'done', lines: [{ channelLineNo: '10025678901234', amount: { minor: 1200 } }] },
    ])
    expect(totals('order-refund-in-both-places')).toMatchObject({ refunded: 1200 })
    expect(totals('order-refund-in-both-places-by-reference')).toMatchObject({ refunded: 1200 })
    expect(totals('order-partly-refunded')).toMatchObject({ refunded: 410 })
    expect(totals('order-refund-failed')).toMatchObject({ refunded: 0 })
  })

  it('wait when a buyer wants to cancel, and end when that happened', () => {
    const asked = order('order-cancel-asked')
    expect(asked.cancelRequest).toEqual({ id: '5000000009', at: '2026-11-20T09:00:00.000Z', reason: 'ORDER_PLACED_BY_MISTAKE' })
    expect(checkOrder(asked).map(({ code }) => code)).toEqual(['cancel-requested'])
    expect(order('order-cancel-asked-from-list').cancelRequest).toEqual({})
    expect(order('order-cancel-refused').cancelRequest).toBeUndefined()
    const done = order('order-cancelled')
    expect([done.cancelled, done.closed, done.payment, done.refunds[0]?.kind]).toEqual([
      { at: '2026-11-21T10:00:00.000Z', by: 'buyer', reason: 'ORDER_PLACED_BY_MISTAKE' },
      true,
      'refunded',
      'cancellation',
    ])
  })

  it('are held under the word nobody knows', () => {
    const code = (name: string): unknown => Reflect.get(mapped(name), 'code')
    expect(
      [
        'order-unknown-status',
        'order-unknown-line-status',
        'order-unknown-payment-status',
        'order-unknown-cancel-state',
        'order-unknown-refund-status',
        'order-unknown-delivery',
      ].map(code),
    ).toEqual([
      'status-unmapped',
      'status-unmapped',
      'payment-status-unmapped',
      'cancel-state-unmapped',
      'refund-status-unmapped',
      'delivery-unmapped',
    ])
  })

  it('say how they travel, by when, and to whom', () => {
    expect(order('order-pickup')).toMatchObject({ type: 'pickup', extra: { pickupLocation: 'store-7' } })
    expect(order('order-fulfilled-by-ebay').fulfilmentBy).toBe('channel')
    expect(order('order-digital').lines[0]?.role).toBe('service')
    expect(order('order-paid').shipBy).toBe('2026-11-22T07:59:59.000Z')
    expect(order('order-global-shipping').extra['shippingReference']).toBe('UPAAA4000000001')
    expect(checkOrder(order('order-older-than-ninety-days')).map(({ code }) => code)).toEqual(['address-incomplete'])
    expect(order('order-converted-currency')).toMatchObject({ currency: 'GBP', extra: { buyerCurrency: 'USD', buyerTotal: '52.27' } })
  })

  it('name listings as they are listed', () => {
    expect(order('order-variation').lines[0]).toMatchObject({ listingKey: '166000000001:TEE-RED-M', options: 'Red, M' })
    expect(order('order-without-sku').lines[0]).toMatchObject({ listingKey: '166000000001', channelSku: '' })
  })
})
