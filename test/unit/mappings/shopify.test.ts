import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shopify } from '../../../mappings/shopify.ts'
import { MappingError } from '../../../src/core/fault.ts'
import type { MapContext } from '../../../src/core/mapping.ts'
import type { Order } from '../../../src/core/order.ts'
import { parseJson } from '../../../src/kit/json.ts'
import { checkOrder } from '../../../src/normalize/check.ts'

const folder = new URL('../../../connectors/shopify/fixtures/', import.meta.url)
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.replace('.json', ''))
const context: MapContext = { connectionId: 'c_kit', timezone: 'UTC', currency: 'USD', config: {} }

const textOf = (name: string): string => readFileSync(new URL(`${name}.json`, folder), 'utf8')
const map = (text: string) => {
  try {
    return shopify.map({ kind: 'order', externalId: '1', doc: parseJson(text) }, context)
  } catch (error) {
    if (!(error instanceof MappingError)) throw error
    return { kind: 'held' as const, code: error.code, pointer: error.pointer, message: error.message }
  }
}
const order = (name: string, change: (text: string) => string = (text) => text): Order => {
  const result = map(change(textOf(name)))
  if (result.kind !== 'order') throw new Error(`${name} is ${result.kind}`)
  return result.order
}
const failures = (name: string): readonly string[] =>
  checkOrder(order(name))
    .filter((hold) => hold.failure)
    .map((hold) => hold.code)

/** What has to be held, and why. */
const HELD: Readonly<Record<string, string>> = {
  'unknown-status': 'status-unmapped',
  'fulfilments-cut': 'fulfilments-cut',
  'currencies-mixed': 'currency-mixed',
}
const INCOMPLETE: Readonly<Record<string, string>> = { 'does-not-add-up': 'totals-mismatch', 'no-address-granted': 'address-incomplete' }

describe('recorded orders', () => {
  it('are at least twenty, five of them with the vendor’s page', () => {
    expect(names.length).toBeGreaterThanOrEqual(20)
    expect(names.filter((name) => textOf(name).includes('"source": "')).length).toBeGreaterThanOrEqual(5)
  })

  it.each(names.filter((name) => !(name in HELD) && !(name in INCOMPLETE)))('%s adds up', (name) => {
    expect(failures(name)).toEqual([])
  })

  it.each(Object.entries(HELD))('%s is held as %s', (name, code) => {
    expect(map(textOf(name))).toMatchObject({ kind: 'held', code })
  })

  it.each(Object.entries(INCOMPLETE))('%s waits as %s', (name, code) => {
    expect(failures(name)).toEqual([code])
  })
})

describe('what the fixtures are for', () => {
  it('reads the documented order to the cent', () => {
    const { totals, lines, discounts, refunds } = order('documented-450789469')
    expect([totals.items.minor, totals.discount.minor, totals.tax.minor, totals.total.minor, totals.refunded.minor]).toEqual([
      58700, 1000, 1194, 59894, 20900,
    ])
    expect(lines.map((line) => [line.channelLineNo, line.net.minor, line.cancelled])).toEqual([
      ['466157049', 19566, '1'],
      ['518995019', 19567, '0'],
      ['703073504', 19567, '1'],
    ])
    expect(discounts).toMatchObject([{ scope: 'order', kind: 'coupon', code: 'TENOFF', amount: { minor: 1000 } }])
    expect(refunds).toMatchObject([
      { amount: { minor: 20900 }, reason: 'it broke during shipping', lines: [{ amount: { minor: 19964 } }, { amount: { minor: 19964 } }] },
    ])
  })

  it('takes units edited out off line, discount and total alike', () => {
    const removed = order('edited-unit-removed')
    expect(removed.lines.map((line) => [line.quantity, line.gross.minor, line.discount.minor, line.net.minor, line.tax.minor])).toEqual([
      ['2', 2400, 120, 2280, 228],
      ['1', 500, 0, 500, 50],
    ])
    expect([removed.totals.total.minor, removed.refunds.length]).toEqual([3558, 0])
    expect(removed.discounts).toMatchObject([{ amount: { minor: 120 } }])
    const paid = order('edited-line-removed')
    expect([paid.lines.length, paid.totals.total.minor, paid.totals.paid.minor, paid.payment]).toEqual([1, 1000, 1000, 'paid'])
  })

  it('keeps the buyer’s currency beside the shop’s', () => {
    const { currency, totals, extra } = order('buyer-pays-in-euro')
    expect([currency, totals.total.minor, extra['buyerCurrency'], extra['buyerTotal']]).toEqual(['USD', 3600, 'EUR', '33.18'])
  })

  it('counts yen in yen and dinars in fils', () => {
    expect(order('yen').totals.total).toEqual({ minor: 4460, currency: 'JPY' })
    expect(order('dinar').totals.total).toEqual({ minor: 12375, currency: 'KWD' })
  })

  it('tells apart what takes goods from what does not', () => {
    expect(order('gift-card-sold').lines.map((line) => line.role)).toEqual(['service'])
    expect(order('tip-as-line').lines.map((line) => line.role)).toEqual(['single', 'fee'])
    expect(order('till-cash-rounded')).toMatchObject({ type: 'pos', totals: { fees: { minor: 100 }, paid: { minor: 1101 }, total: { minor: 1101 } } })
    expect(order('pickup').type).toBe('pickup')
  })

  it('names what a refund is', () => {
    const kinds = ['cancelled-refunded', 'refund-shipping-only', 'refund-goodwill', 'returned-one', 'refund-pending'].map((name) => {
      const [refund] = order(name).refunds
      return [refund?.kind, refund?.state, refund?.shipping?.minor]
    })
    expect(kinds).toEqual([
      ['cancellation', 'done', 500],
      ['refund', 'done', 500],
      ['adjustment', 'done', undefined],
      ['return', 'done', undefined],
      ['adjustment', 'approved', undefined],
    ])
  })

  it('keeps ids beyond what a number holds', () => {
    expect(order('long-id').channelOrderNo).toBe('9007199254740993')
  })

  it.each([
    ['displayFinancialStatus', '"PAID"'],
    ['displayFulfillmentStatus', '"UNFULFILLED"'],
    ['returnStatus', '"NO_RETURN"'],
  ])('holds an order whose %s nobody has heard of', (field, word) => {
    expect(map(textOf('paid').replace(`"${field}": ${word}`, `"${field}": "SURPRISE"`))).toMatchObject({
      kind: 'held',
      code: 'status-unmapped',
      pointer: `/${field}`,
    })
  })

  it.each(['kind', 'status'])('holds an order with a payment of unknown %s', (field) => {
    const text = textOf('paid').replace(`"${field}": "${field === 'kind' ? 'SALE' : 'SUCCESS'}"`, `"${field}": "SURPRISE"`)
    expect(map(text)).toMatchObject({ kind: 'held', code: `payment-${field}-unmapped` })
  })
})
