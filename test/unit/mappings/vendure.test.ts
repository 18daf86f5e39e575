import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { vendure } from '../../../mappings/vendure.ts'
import { MappingError } from '../../../src/core/fault.ts'
import type { MapContext, Mapped } from '../../../src/core/mapping.ts'
import type { Order } from '../../../src/core/order.ts'
import { parseJson } from '../../../src/kit/json.ts'

/** Documents of a real Vendure 3.7.3, recorded by test/peers/vendure/record.ts. */
const FOLDER = join(import.meta.dirname, '../../../connectors/vendure/fixtures')
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json'))
  .map((file) => file.slice(0, -'.json'.length))
const context: MapContext = { connectionId: 'c', timezone: 'UTC', currency: 'USD', config: {} }

const docOf = (name: string): unknown => parseJson(readFileSync(join(FOLDER, `${name}.json`), 'utf8'))
const mapDoc = (doc: unknown, config: MapContext['config'] = {}): Mapped =>
  vendure.map({ kind: 'order', externalId: '1', doc }, { ...context, config })
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value)

function orderOf(mapped: Mapped): Order {
  if (mapped.kind !== 'order') throw new Error(`Expected an order, got ${mapped.kind}.`)
  return mapped.order
}
const order = (name: string): Order => orderOf(mapDoc(docOf(name)))

function changed(name: string, change: Readonly<Record<string, unknown>>): unknown {
  const doc = docOf(name)
  if (!isRecord(doc)) throw new Error('Not a document.')
  return { ...doc, ...change }
}
const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof MappingError) return error.code
    throw error
  }
  return 'nothing was thrown'
}

/** Total rebuilt from the parts, by the formula every order has to satisfy. */
function rebuilt({ totals: t, lines }: Order): number {
  const items = lines.reduce((sum, line) => sum + line.net.minor, 0)
  return items + t.shipping.minor - t.shippingDiscount.minor + t.fees.minor + t.duties.minor - t.unallocatedDiscount.minor + t.rounding.minor
}

describe('documents of a real shop', () => {
  it.each(names.filter((name) => name !== 'cart'))('adds up to the last cent: %s', (name) => {
    const o = order(name)
    const doc = docOf(name)
    expect(rebuilt(o)).toBe(o.totals.total.minor)
    expect(o.totals.items.minor).toBe(o.lines.reduce((sum, line) => sum + line.net.minor, 0))
    for (const line of o.lines) {
      expect(line.gross.minor - line.discount.minor).toBe(line.net.minor)
      expect(Number(line.cancelled) + Number(line.shipped)).toBeLessThanOrEqual(Number(line.quantity))
    }
    for (const discount of o.discounts.filter((d) => d.scope !== 'shipping')) {
      expect(discount.allocations.reduce((sum, a) => sum + a.amount.minor, 0)).toBe(discount.amount.minor)
    }
    expect(o.discounts.filter((d) => d.scope !== 'shipping').reduce((sum, d) => sum + d.amount.minor, 0)).toBe(o.totals.discount.minor)
    if (name !== 'yen' && isRecord(doc)) expect(o.totals.total.minor).toBe(doc['totalWithTax'])
  })
})

describe('status', () => {
  const axes = (name: string) => {
    const o = order(name)
    return [o.sourceStatus, o.payment, o.fulfilment, o.cancelled !== undefined, o.closed]
  }
  it.each([
    ['paid', ['PaymentSettled', 'paid', 'unallocated', false, false]],
    ['authorised', ['PaymentAuthorized', 'authorised', 'unallocated', false, false]],
    ['package-pending', ['PaymentSettled', 'paid', 'unallocated', false, false]],
    ['partly-shipped', ['PartiallyShipped', 'paid', 'partial', false, false]],
    ['shipped-in-two', ['Shipped', 'paid', 'shipped', false, false]],
    ['delivered', ['Delivered', 'paid', 'delivered', false, true]],
    ['cancelled', ['Cancelled', 'paid', 'unallocated', true, true]],
    ['cancelled-refunded', ['Cancelled', 'refunded', 'unallocated', true, true]],
    ['refund-pending', ['PaymentSettled', 'refund_pending', 'unallocated', false, false]],
    ['refund-part', ['PaymentSettled', 'partially_refunded', 'unallocated', false, false]],
    ['surcharge-unpaid', ['ArrangingAdditionalPayment', 'partially_paid', 'unallocated', false, false]],
  ])('reads the axes of %s', (name, expected) => {
    expect(axes(name)).toEqual(expected)
  })

  it('ignores a cart that was never placed, by name of the rule', () => {
    expect(mapDoc(docOf('cart'))).toMatchObject({ kind: 'ignore', rule: 'cart' })
  })

  it('ignores the sum of a marketplace order, whose parts arrive as orders', () => {
    expect(mapDoc(changed('paid', { type: 'Aggregate' }))).toMatchObject({ kind: 'ignore', rule: 'aggregate' })
  })

  it("holds an order in a state of the shop's own making instead of guessing", () => {
    expect(codeOf(() => mapDoc(changed('paid', { state: 'AwaitingEngraving' })))).toBe('status-unmapped')
    expect(codeOf(() => mapDoc(changed('paid', { state: 'toString' }), { states: {} }))).toBe('status-unmapped')
  })

  it('takes the meaning of such a state from the settings', () => {
    const config = { states: { AwaitingEngraving: 'open', CancellationRequested: 'cancel_requested', Archived: 'completed', Scrapped: 'ignore' } }
    const at = (state: string): Mapped => mapDoc(changed('paid', { state }), config)
    expect(orderOf(at('AwaitingEngraving'))).toMatchObject({ sourceStatus: 'AwaitingEngraving', closed: false })
    expect(orderOf(at('CancellationRequested')).cancelRequest).toBeDefined()
    expect(orderOf(at('Archived')).closed).toBe(true)
    expect(at('Scrapped')).toMatchObject({ kind: 'ignore', rule: 'state' })
  })

  it("takes the newest time of any part, since the order's own stands still", () => {
    const stale = orderOf(mapDoc(changed('partly-shipped', { updatedAt: '2026-01-01T00:00:00.000Z' })))
    expect(stale.sourceUpdatedAt).toBe(order('partly-shipped').sourceUpdatedAt)
    const shippedLater = order('partly-shipped').shipments[0]?.at ?? ''
    expect(stale.sourceUpdatedAt >= shippedLater && shippedLater > '2026-01-01T00:00:00.000Z').toBe(true)
  })
})

describe('money', () => {
  it('rounds per line as the shop does, not per unit', () => {
    const line = order('rounding').lines.find((l) => l.channelSku === 'NOTE-A5')
    expect(line).toMatchObject({ quantity: '7', unitPrice: '4.00', net: { minor: 2797 } })
  })

  it('names the coupon a discount hangs on', () => {
    expect(order('coupon-percent').discounts).toMatchObject([{ kind: 'coupon', code: 'FIFTEEN', scope: 'order', funder: 'seller' }])
    expect(order('coupon-line').discounts).toMatchObject([{ kind: 'coupon', code: 'KETTLES', scope: 'line' }])
    expect(order('coupon-shipping').discounts).toMatchObject([{ kind: 'coupon', code: 'FREESHIP', scope: 'shipping' }])
  })

  it('counts yen without digits after the point, although Vendure counts hundredths of them', () => {
    const o = order('yen')
    const doc = docOf('yen')
    expect(o.currency).toBe('JPY')
    expect(isRecord(doc) ? doc['totalWithTax'] : 0).toBe(o.totals.total.minor * 100)
  })

  it('holds an amount the currency cannot express', () => {
    expect(codeOf(() => mapDoc(changed('yen', { totalWithTax: 1_239_650 })))).toBe('money-precision')
    expect(codeOf(() => mapDoc(docOf('paid'), { moneyPrecision: 3 }))).toBe('money-precision')
  })

  it('declares the rounding of tax per order only where that arithmetic explains it', () => {
    expect(order('tax-per-order').totals.rounding.minor).not.toBe(0)
    const spoilt = orderOf(mapDoc(changed('paid', { totalWithTax: 12_488, subTotalWithTax: 11_988 })))
    expect(spoilt.totals.rounding.minor).toBe(0)
    expect(rebuilt(spoilt)).not.toBe(spoilt.totals.total.minor)
  })

  it('keeps every refund a document of its own with shares that add up', () => {
    const [refund] = order('refund-lines').refunds
    if (!refund) throw new Error('No refund.')
    expect(refund.state).toBe('done')
    expect(refund.lines.reduce((sum, line) => sum + line.amount.minor, 0) + (refund.shipping?.minor ?? 0)).toBe(refund.amount.minor)
  })

  it("never lets shares of a line's discount drift from the line, whatever Vendure forgot to round", () => {
    const amount = fc.double({ min: -5000, max: -0.001, noNaN: true })
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 4 }), fc.integer({ min: 0, max: 9000 }), (amounts, off) => {
        const doc = docOf('paid')
        if (!isRecord(doc) || !Array.isArray(doc['lines'])) throw new Error('Not a document.')
        const [first, ...others]: readonly unknown[] = doc['lines']
        if (!isRecord(first) || typeof first['linePriceWithTax'] !== 'number') throw new Error('Not a line.')
        const discounts = amounts.map((amountWithTax, i) => ({
          adjustmentSource: `PROMOTION:${i}`,
          type: 'PROMOTION',
          description: '',
          amountWithTax,
        }))
        const line = { ...first, discounts, proratedLinePriceWithTax: first['linePriceWithTax'] - off }
        const o = orderOf(mapDoc({ ...doc, lines: [line, ...others] }))
        expect(o.discounts.reduce((sum, d) => sum + d.amount.minor, 0)).toBe(off)
        expect(o.discounts.flatMap((d) => d.allocations).reduce((sum, a) => sum + a.amount.minor, 0)).toBe(off)
      }),
      { numRuns: 200 },
    )
  })
})

describe('quantities', () => {
  it('keeps what was placed and counts what was cancelled', () => {
    expect(order('partly-cancelled').lines.map((l) => [l.quantity, l.cancelled])).toEqual([
      ['2', '0'],
      ['7', '3'],
    ])
    expect(order('cancelled').lines.map((l) => [l.quantity, l.cancelled])).toEqual([
      ['2', '2'],
      ['1', '1'],
    ])
  })

  it('does not cancel units that were already shipped', () => {
    expect(order('returned').lines).toMatchObject([{ quantity: '2', shipped: '2', cancelled: '0' }])
  })

  it('joins with the listing of the same variant', () => {
    expect(order('paid').lines.map((l) => l.listingKey)).toEqual(['1:1', '4:5'])
  })
})

it('holds a document of another form with the place that does not fit', () => {
  expect(codeOf(() => mapDoc(changed('paid', { totalWithTax: '12.34' })))).toBe('document-unreadable')
  expect(codeOf(() => mapDoc([]))).toBe('document-unreadable')
})
