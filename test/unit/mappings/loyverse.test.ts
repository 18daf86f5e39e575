import { describe, expect, it } from 'vitest'
import { loyverse } from '../../../mappings/loyverse.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('loyverse', loyverse, { timezone: 'Europe/Berlin', currency: 'EUR' })
const totals = (name: string) => {
  const { items, discount, fees, tax, total, paid } = order(name).totals
  return [items, discount, fees, tax, total, paid].map(({ minor }) => minor)
}

describe('sales of Loyverse', () => {
  it('are paid and handed over, and need no address', () => {
    const sale = order('order-recorded-two-lines')
    expect(sale).toMatchObject({
      channelOrderNo: '2-7336',
      type: 'pos',
      payment: 'paid',
      fulfilment: 'delivered',
      closed: true,
      sourceStatus: 'SALE',
    })
    expect(checkOrder(sale)).toEqual([])
    expect(sale.lines.map(({ channelSku, listingKey, quantity, shipped }) => [channelSku, listingKey, quantity, shipped])).toEqual([
      ['10037', '1e4a9f12-3c64-4be0-9c58-e33ab77f1c88', '1', '1'],
      ['10156', 'b38959d0-bb38-4043-81b2-945525a77ba0', '2', '2'],
    ])
  })

  it('tell the time of the sale from that of its arrival', () => {
    const late = order('order-offline-sale')
    expect([late.placedAt, late.extra['arrivedAt'], late.sourceUpdatedAt]).toEqual([
      '2025-10-17T20:23:29.000Z',
      '2025-10-19T08:00:00.000Z',
      '2025-10-19T08:00:00.000Z',
    ])
  })

  it.each([
    ['order-recorded-tax-on-top', false, [5000, 0, 0, 800, 5800, 5800]],
    ['order-tax-inside', true, [2150, 0, 0, 358, 2150, 2150]],
    ['order-both-taxes', false, [2150, 0, 0, 200, 2350, 2350]],
    ['order-discount-percent', true, [1935, 215, 0, 0, 1935, 1935]],
    ['order-tip-inside-total', true, [2150, 0, 200, 0, 2350, 2350]],
    ['order-tip-beside-total', true, [2150, 0, 0, 0, 2150, 2350]],
    ['order-surcharge-and-tip', true, [2150, 0, 150, 0, 2300, 2300]],
    ['order-given-away', true, [0, 2150, 0, 0, 0, 0]],
    ['order-weighed', true, [321, 0, 0, 0, 321, 321]],
  ])('%s: taxes inside: %s; goods, reductions, fees, tax, total, paid', (name, taxIncluded, amounts) => {
    expect([order(name).taxIncluded, totals(name)]).toEqual([taxIncluded, amounts])
    expect(checkOrder(order(name))).toEqual([])
  })

  it('keeps taxes inside the prices beside those on top', () => {
    expect(order('order-both-taxes').extra['inclusiveTax']).toBe('175')
  })

  it('gives each reduction its share per line, points apart, and leaves what no entry explains without a name', () => {
    const of = (name: string) =>
      order(name).discounts.map(({ funder, kind, amount, allocations }) => [funder, kind, amount.minor, allocations.length])
    expect(of('order-discount-percent')).toEqual([['seller', 'promotion', 215, 2]])
    expect(of('order-discount-by-points')).toEqual([['points', 'points', 500, 1]])
    expect(of('order-discount-without-entry')).toEqual([['seller', 'other', 100, 1]])
    expect(of('order-two-discounts-one-line')).toEqual([
      ['seller', 'promotion', 125, 1],
      ['seller', 'promotion', 75, 1],
    ])
  })

  it('keeps several payments, what was chosen, and what was noted with the data of the buyer', () => {
    expect(order('order-split-payment').payments.map(({ method, amount }) => [method, amount.minor])).toEqual([
      ['Cash', 1000],
      ['Card', 1150],
    ])
    expect([order('order-modifiers').lines[0]?.options, order('order-variant').lines[0]?.options]).toEqual(['Oat', 'Large / Dark'])
    const noted = order('order-takeout-with-note')
    expect([noted.buyerNote, noted.extra['diningOption'], JSON.stringify(noted.extra).includes('Table 4')]).toEqual([
      'Invoice to Jane Roe',
      'Takeout',
      false,
    ])
  })

  it('that were cancelled are void', () => {
    expect(order('order-cancelled')).toMatchObject({
      sourceStatus: 'SALE cancelled',
      payment: 'voided',
      cancelled: { at: '2025-10-17T21:00:00.000Z' },
      totals: { paid: { minor: 0 } },
      payments: [{ status: 'failed' }],
    })
    expect(checkOrder(order('order-cancelled'))).toEqual([])
  })

  it.each([
    ['order-unknown-type', 'receipt-type-unmapped'],
    ['order-unknown-tax', 'tax-type-unmapped'],
    ['order-line-wrong', 'amounts-disagree'],
    ['order-time-without-zone-broken', 'time-unreadable'],
    ['order-three-decimals-broken', 'money-precision'],
    ['refund-negative-wrong', 'amount-negative'],
  ])('holds %s: %s', (name, code) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code })
  })

  it('holds a total that does not add up, and one of which a part alone was changed', () => {
    expect(checkOrder(order('order-total-mismatch')).map(({ code }) => code)).toContain('totals-mismatch')
    const raw = rawOf('order-tax-inside')
    for (const name of ['gross_total_money', 'total_discount', 'total_money']) {
      const [line, ...rest] = Object(raw.doc).line_items
      const doc: unknown = { ...Object(raw.doc), line_items: [{ ...line, [name]: 3 }, ...rest] }
      expect(mapRaw({ ...raw, doc })).toMatchObject({ kind: 'held', code: 'amounts-disagree' })
    }
  })
})

describe('what was given back', () => {
  it('is a receipt of its own that names the sale, amounts positive', () => {
    expect(refund('refund-one-unit')).toMatchObject({
      channelRefundNo: '2-7340',
      channelOrderNo: '2-7336',
      kind: 'return',
      state: 'done',
      amount: { minor: 450 },
      lines: [{ quantity: '1', amount: { minor: 450 } }],
    })
    expect(refund('refund-without-sale').channelOrderNo).toBeUndefined()
    expect(refund('refund-cancelled').state).toBe('rejected')
  })
})
