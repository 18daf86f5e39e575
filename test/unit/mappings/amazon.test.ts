import { describe, expect, it } from 'vitest'
import { amazon } from '../../../mappings/amazon.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, order, refund } = recorded('amazon', amazon, { timezone: 'UTC', currency: 'USD' })
const holds = (name: string): readonly string[] => checkOrder(order(name)).map(({ code }) => code)

describe('what the fixtures are for', () => {
  it.each([
    'order-vendor-fba-japan',
    'order-vendor-shipped-uk',
    'order-vendor-gift-brazil',
    'order-vendor-tax-number-turkey',
    'order-vendor-pickup-tax-us',
  ])('takes the vendor’s own sample to the last minor unit: %s', (name) => expect(holds(name)).toEqual([]))

  it('tells by the total whether prices hold the tax', () => {
    const shown = ['order-vendor-pickup-tax-us', 'order-vat-in-prices', 'order-unshipped-tax-and-promotion'].map((name) => {
      const { taxIncluded, totals } = order(name)
      return [taxIncluded, totals.tax.minor, totals.total.minor]
    })
    expect(shown).toEqual([
      [false, 1000, 4999],
      [true, 1022, 6398],
      [false, 258, 4307],
    ])
  })

  it('takes reductions of goods and of postage apart, under the names of their promotions', () => {
    const { discounts, totals, lines } = order('order-unshipped-tax-and-promotion')
    expect(discounts.map(({ scope, code, amount }) => [scope, code, amount.minor])).toEqual([
      ['line', 'PAWS-V2-1, Free shipping', 300],
      ['shipping', 'PAWS-V2-1, Free shipping', 250],
    ])
    expect([totals.shipping.minor, totals.shippingDiscount.minor, lines[0]?.net.minor]).toEqual([599, 250, 2700])
  })

  it.each([
    ['order-pending-without-prices', 'pending', 'unallocated', 0],
    ['order-pending-with-prices-japan', 'pending', 'unallocated', 1990],
    ['order-preorder-pending-availability', 'pending', 'unallocated', 0],
    ['order-gift-wrapped', 'paid', 'unallocated', 2498],
    ['order-partly-shipped-partly-cancelled', 'paid', 'partial', 6000],
    ['order-delivered', 'paid', 'delivered', 1000],
    ['order-cancelled-by-buyer', 'voided', 'unallocated', 0],
    ['order-cancelled-amounts-still-shown', 'voided', 'unallocated', 1000],
    ['order-cash-on-delivery-japan', 'pending', 'unallocated', 2330],
    ['order-unfulfillable', 'paid', 'failed', 1000],
    ['order-delivery-tip', 'paid', 'shipped', 1300],
    ['order-v0-vendor-pending', 'pending', 'unallocated', 0],
    ['order-v0-vendor-buyer-wants-cancel', 'paid', 'unallocated', 1101],
    ['order-v0-invoice-unconfirmed-brazil', 'authorised', 'unallocated', 2000],
    ['order-v0-cancelled', 'voided', 'unallocated', 0],
    ['order-v0-tax-gift-discount', 'paid', 'partial', 3710],
  ])('takes %s as %s, %s', (name, payment, fulfilment, total) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.totals.total.minor]).toEqual([payment, fulfilment, total])
  })

  it('counts pieces neither sent nor to be sent as cancelled, and hides nobody who is simply not there yet', () => {
    const [first] = order('order-partly-shipped-partly-cancelled').lines
    expect([first?.quantity, first?.shipped, first?.cancelled]).toEqual(['5', '2', '2'])
    expect(order('order-pending-without-prices').lines[0]?.cancelled).toBe('0')
    expect([order('order-pending-without-prices').piiMode, order('order-unshipped-without-address').piiMode]).toEqual(['mask', 'plain'])
    expect(holds('order-unshipped-without-address')).toEqual(['address-incomplete'])
  })

  it('knows who cancelled, who wants to, and what an order replaces', () => {
    expect(order('order-cancelled-by-buyer').cancelled).toEqual({ by: 'buyer', reason: 'CustomerRequest' })
    expect([order('order-buyer-wants-cancel').cancelRequest, order('order-v0-vendor-buyer-wants-cancel').cancelRequest]).toEqual([
      { reason: 'Ordered by mistake' },
      { reason: 'Found cheaper somewhere else.' },
    ])
    expect(order('order-replacement')).toMatchObject({ type: 'resend', extra: { originalOrder: '111-1000011-4000011' } })
  })

  it('holds what it does not know, what does not add up and what lacks its total', () => {
    expect(mapped('order-unknown-status')).toMatchObject({ kind: 'held', code: 'status-unmapped', pointer: '/fulfillment/fulfillmentStatus' })
    expect(holds('order-does-not-add-up')).toEqual(['totals-mismatch'])
    expect(mapped('order-without-total-broken')).toMatchObject({ kind: 'held', code: 'value-missing', pointer: '/proceeds/grandTotal/amount' })
    expect(mapped('refund-without-sales-broken')).toMatchObject({ kind: 'held', code: 'refund-amount-missing' })
  })

  it('gives back what the buyer gets, under one number however often the money moves', () => {
    expect(refund('refund-order')).toMatchObject({ channelRefundNo: 'amzn1:crow:rfnd0001', amount: { minor: 1080, currency: 'USD' } })
    expect(refund('refund-order').lines).toMatchObject([
      { channelLineNo: '07000000000157', channelSku: 'CUP-1', quantity: '1', amount: { minor: 1080 } },
    ])
    expect(refund('refund-deferred-then-released').channelRefundNo).toBe('first-1')
  })
})
