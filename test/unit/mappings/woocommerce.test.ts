import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { woocommerce } from '../../../mappings/woocommerce.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order } = recorded('woocommerce', woocommerce, { timezone: 'America/New_York', currency: 'CNY' })

describe('what the fixtures are for', () => {
  it('reads order 727 of the documentation to the cent', () => {
    const { totals, lines } = order('order-727-documentation')
    expect([totals.items.minor, totals.shipping.minor, totals.tax.minor, totals.total.minor, totals.rounding.minor]).toEqual([
      1800, 1000, 135, 2935, 0,
    ])
    expect(lines.map((line) => [line.channelLineNo, line.listingKey, line.quantity, line.net.minor])).toEqual([
      ['315', '93', '2', 600],
      ['316', '22:23', '1', 1200],
    ])
  })

  it('keeps 18-digit ids digit for digit', () => {
    expect(order('order-18-digit-id').channelOrderNo).toBe('912701234567890123')
  })

  it('explains the gap of a shop that rounds at the subtotal, and nothing else', () => {
    expect(order('order-rounded-at-subtotal').totals.rounding).toEqual({ minor: 1, currency: 'EUR' })
    const broken = order('order-total-does-not-add-up')
    expect(broken.totals.rounding.minor).toBe(0)
    expect(checkOrder(broken).map((hold) => hold.code)).toContain('totals-mismatch')
  })

  it('counts yen in yen and dinars in fils', () => {
    expect(order('order-jpy').totals.total).toEqual({ minor: 3980, currency: 'JPY' })
    expect(order('order-kwd').totals.total).toEqual({ minor: 12375, currency: 'KWD' })
  })

  it('holds an unknown status unless the connection says what it means', () => {
    expect(mapped('order-unknown-status')).toMatchObject({ kind: 'held', code: 'status-unmapped', pointer: '/status' })
    const told = (meaning: string) => mapped('order-unknown-status', { config: { statuses: { 'awaiting-shipment': meaning } } })
    expect(told('to_ship')).toMatchObject({ kind: 'order', order: { payment: 'paid', fulfilment: 'unallocated' } })
    expect(told('ignore')).toMatchObject({ kind: 'ignore', rule: 'status' })
    expect(told('nonsense')).toMatchObject({ kind: 'held' })
  })

  it('holds more decimals than the currency has, with the pointer', () => {
    expect(mapped('order-four-decimals')).toMatchObject({ kind: 'held', code: 'money-precision', pointer: '/total' })
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', false],
    ['order-on-hold-bank-transfer', 'pending', 'unallocated', false],
    ['order-cash-on-delivery', 'pending', 'unallocated', false],
    ['order-failed', 'voided', 'unallocated', false],
    ['order-cancelled-unpaid', 'voided', 'unallocated', true],
    ['order-cancelled-paid', 'paid', 'unallocated', true],
    ['order-completed', 'paid', 'shipped', false],
    ['order-refunded-before-shipping', 'refunded', 'unallocated', true],
    ['order-refunded-after-shipping', 'refunded', 'shipped', false],
    ['order-partial-refund', 'partially_refunded', 'unallocated', false],
    ['order-deleted', 'paid', 'unallocated', true],
    ['order-partly-fulfilled-with-tracking', 'paid', 'partial', false],
  ])('takes the status of %s apart', (name, payment, fulfilment, cancelled) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled !== undefined]).toEqual([payment, fulfilment, cancelled])
  })

  it('says who paid for a reduction, share by share', () => {
    const { discounts } = order('order-two-coupons-and-manual')
    expect(discounts.map((d) => [d.kind, d.code, d.amount.minor, d.allocations.reduce((sum, a) => sum + a.amount.minor, 0)])).toEqual([
      ['coupon', 'five', 500, 500],
      ['coupon', 'one', 100, 100],
      ['manual', undefined, 100, 100],
    ])
  })

  it('turns the negative lines of a refund around and finds the line they belong to', () => {
    expect(mapped('refund-9110-one-piece-with-tax')).toMatchObject({
      kind: 'refund',
      refund: {
        channelOrderNo: '9110',
        amount: { minor: 1190, currency: 'EUR' },
        lines: [{ channelLineNo: '9002', quantity: '1', amount: { minor: 1190 } }],
      },
    })
  })
})

describe('any coupon over any lines', () => {
  it('allocates to the cent and never more than a line was reduced', () => {
    const line = fc.record({
      gross: fc.integer({ min: 0, max: 100_000 }),
      off: fc.integer({ min: 0, max: 100 }),
      quantity: fc.integer({ min: 1, max: 9 }),
    })
    const money = (minor: number): string => `${Math.floor(minor / 100)}.${String(minor % 100).padStart(2, '0')}`
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 4 }),
        (lines, coupons) => {
          const base: unknown = rawOf('order-coupon').doc
          const items = lines.map(({ gross, off, quantity }, i) => ({
            id: i + 1,
            name: 'x',
            product_id: 1,
            variation_id: 0,
            quantity,
            subtotal: money(gross),
            total: money(gross - Math.floor((gross * off) / 100)),
            total_tax: '0.00',
            meta_data: [],
            sku: 's',
          }))
          const total = lines.reduce((sum, { gross, off }) => sum + gross - Math.floor((gross * off) / 100), 0)
          const doc = {
            ...Object(base),
            line_items: items,
            coupon_lines: coupons.map((minor, i) => ({ id: i, code: `c${i}`, discount: money(minor) })),
            total: money(total),
            discount_total: '0.00',
          }
          const result = mapRaw({ kind: 'order', externalId: '1', doc })
          if (result.kind !== 'order') return false
          const { order: found } = result
          expect(checkOrder(found).filter((hold) => hold.code === 'discount-mismatch' || hold.code === 'totals-mismatch')).toEqual([])
          for (const each of found.lines) {
            const shares = found.discounts
              .flatMap((d) => d.allocations.filter((a) => a.lineNo === each.lineNo))
              .reduce((sum, a) => sum + a.amount.minor, 0)
            expect(shares).toBe(each.discount.minor)
          }
          return found.discounts.every((d) => d.amount.minor > 0 && d.allocations.every((a) => a.amount.minor > 0))
        },
      ),
    )
  })
})
