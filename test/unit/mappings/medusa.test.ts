import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { medusa } from '../../../mappings/medusa.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, mapRaw, order, rawOf } = recorded('medusa', medusa, { timezone: 'UTC', currency: 'USD' })
const names = readdirSync(new URL('../../../connectors/medusa/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
const money = (name: string) => {
  const { totals } = order(name)
  return Object.fromEntries(Object.entries(totals).flatMap(([key, amount]) => (amount.minor === 0 ? [] : [[key, amount.minor]])))
}

describe('every order of the real shop', () => {
  it.each(names.filter((name) => mapped(name).kind === 'order' && !name.endsWith('mismatch')))(
    'adds up, and shares its reductions out line by line: %s',
    (name) => {
      const found = order(name)
      expect(checkOrder(found).filter((hold) => hold.failure)).toEqual([])
      expect(Math.abs(found.totals.rounding.minor)).toBeLessThanOrEqual(found.lines.length)
      for (const line of found.lines) {
        const shares = found.discounts.flatMap(({ allocations }) => allocations).filter(({ lineNo }) => lineNo === line.lineNo)
        expect(shares.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(line.discount.minor)
      }
    },
  )
})

describe('money', () => {
  it('rounds what Medusa does not, and says by how much', () => {
    expect(money('order-captured-tax-on-top')).toEqual({ items: 13_423, shipping: 544, tax: 1138, rounding: 1, total: 13_968, paid: 13_968 })
  })

  it('reads amounts as numbers, texts and pairs of value and precision alike', () => {
    expect(money('order-numbers-as-text')).toEqual(money('order-captured-tax-on-top'))
  })

  it('holds an order whose own total its parts do not explain', () => {
    expect(checkOrder(order('order-sums-mismatch')).map(({ code }) => code)).toContain('totals-mismatch')
    expect(order('order-sums-mismatch').totals.rounding.minor).toBe(0)
  })

  it('counts yen by the piece, and takes tax out of prices that have it in them', () => {
    expect(money('order-yen')).toEqual({ items: 2430, shipping: 500, total: 2930, paid: 2930 })
    expect(money('order-tax-inside')).toEqual({ items: 24_345, shipping: 500, tax: 3967, total: 24_845, paid: 24_845 })
  })

  it('keeps what was ordered when refunds and returns have lowered the total Medusa shows', () => {
    expect(money('order-refunded-in-part')).toMatchObject({ total: 13_596, paid: 13_596, refunded: 1250 })
    expect(
      order('order-refunded-in-part')
        .refunds.map(({ amount, reason }) => [amount.minor, reason])
        .sort((a, b) => Number(b[0]) - Number(a[0])),
    ).toEqual([
      [1000, 'arrived late'],
      [250, undefined],
    ])
    expect(money('order-returned-and-refunded')).toMatchObject({ items: 13_052, total: 13_596, refunded: 5442 })
    expect(money('order-returned-whole')).toMatchObject({ items: 1842, discount: 325, total: 2386 })
    expect(money('order-credited')).toMatchObject({ unallocatedDiscount: 500, total: 10_930 })
  })
})

describe('where an order stands', () => {
  it.each([
    ['order-authorised', 'authorised', 'unallocated', 'none'],
    ['order-captured-in-part', 'partially_paid', 'unallocated', 'none'],
    ['order-shipped-in-part', 'paid', 'partial', 'none'],
    ['order-shipped-in-two', 'paid', 'shipped', 'none'],
    ['order-delivered', 'paid', 'delivered', 'none'],
    ['order-fulfilled-not-shipped', 'authorised', 'unallocated', 'none'],
    ['order-refunded-whole', 'refunded', 'unallocated', 'closed'],
    ['order-return-requested', 'paid', 'delivered', 'requested'],
    ['order-edited-up', 'partially_paid', 'unallocated', 'none'],
  ] as const)('%s', (name, payment, fulfilment, afterSale) => {
    expect(order(name)).toMatchObject({ payment, fulfilment, afterSale, closed: false })
  })

  it('cancels with the money it gives back, or without any', () => {
    expect(order('order-cancelled-paid')).toMatchObject({
      payment: 'refunded',
      closed: true,
      lines: [{ quantity: '1', cancelled: '1' }],
      refunds: [{ kind: 'cancellation' }],
    })
    expect(order('order-cancelled-unpaid')).toMatchObject({
      payment: 'voided',
      closed: true,
      payments: [{ kind: 'authorisation', status: 'failed' }],
    })
  })

  it('leaves drafts out and holds what nobody knows', () => {
    expect(mapped('order-draft')).toMatchObject({ kind: 'ignore', rule: 'draft' })
    expect(mapped('order-unknown-status')).toMatchObject({ kind: 'held', code: 'status-unmapped', pointer: '/status' })
    const { doc } = rawOf('order-authorised')
    expect(mapRaw({ kind: 'order', externalId: '1', doc: { ...Object(doc), payment_status: 'promised' } })).toMatchObject({
      kind: 'held',
      pointer: '/payment_status',
    })
  })

  it('takes the newest change of any part: a capture does not move the order itself', () => {
    const { doc } = rawOf('order-captured-tax-on-top')
    const found = order('order-captured-tax-on-top')
    expect(found.sourceUpdatedAt > String(Object(doc).updated_at)).toBe(true)
    expect(found.paidAt).toBe(found.payments[0]?.at)
  })

  it('numbers lines by when they were made, however they are handed out', () => {
    const { doc } = rawOf('order-shipped-in-two')
    const turned = mapRaw({ kind: 'order', externalId: '1', doc: { ...Object(doc), items: [...Object(doc).items].reverse() } })
    expect(turned).toEqual({ kind: 'order', order: order('order-shipped-in-two') })
  })

  it('keeps packages with their numbers, pending ones without', () => {
    expect(
      order('order-shipped-in-two')
        .shipments.map(({ trackingNo, state }) => [trackingNo, state])
        .sort((a, b) => String(a[0]).localeCompare(String(b[0]))),
    ).toEqual([
      ['SF1000000000002', 'shipped'],
      ['YT20000000000001', 'shipped'],
    ])
    expect(order('order-fulfilled-not-shipped').shipments).toMatchObject([{ state: 'pending' }])
    expect(order('order-fulfilment-cancelled').shipments).toMatchObject([{ state: 'cancelled' }])
  })
})

describe('a smallest unit', () => {
  const changed = (name: string, change: (doc: Record<string, unknown>) => void) => {
    const doc: Record<string, unknown> = structuredClone(Object(rawOf(name).doc))
    change(doc)
    const result = mapRaw({ kind: 'order', externalId: '1', doc })
    if (result.kind !== 'order') throw new Error(result.kind)
    return result.order
  }

  it('that the provider charged less counts as paid, as Medusa itself sees it; two do not', () => {
    const short = (value: string) =>
      changed('order-captured-tax-on-top', (doc) => {
        const [collection] = Object(doc)['payment_collections']
        collection.payments[0].captures[0] = { ...collection.payments[0].captures[0], amount: Number(value), raw_amount: { value, precision: 20 } }
      })
    expect([short('139.67').totals.paid.minor, checkOrder(short('139.67'))]).toEqual([13_968, []])
    expect(checkOrder(short('139.66')).map(({ code }) => code)).toEqual(['payment-mismatch'])
  })

  it('that was refunded does not lower the total Medusa shows, and is no riddle', () => {
    const order = changed('order-captured-tax-on-top', (doc) => {
      doc['credit_lines'] = [{ id: 'ordcl_1', reference: 'payment_collection', amount: 0.01, raw_amount: { value: '0.01', precision: 20 } }]
    })
    expect([order.totals.total.minor, checkOrder(order)]).toEqual([13_968, []])
  })
})
