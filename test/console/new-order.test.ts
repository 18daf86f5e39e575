import { describe, expect, it } from 'vitest'
import type { Offer } from '../../console/src/api/entry.ts'
import { decimalOf, grossOf, isAmount, isQuantity, tidy } from '../../console/src/pages/new-order/amounts.ts'
import { bodyOf, drawNumber, errorsOf, newDraft, sumsOf } from '../../console/src/pages/new-order/draft.ts'
import type { Draft, LineDraft } from '../../console/src/pages/new-order/draft.ts'
import { push } from '../../mappings/push.ts'
import { checkOrder } from '../../src/normalize/check.ts'

const offer: Offer = { sku: 'TEA', title: 'Green tea', barcode: null, available: '9', price: '15.50', price_from: 'listing' }
const line = (over: Partial<LineDraft> = {}): LineDraft => ({ key: 1, text: 'TEA', offer, quantity: '2', price: '15.50', discount: '', ...over })
const draft = (over: Partial<Draft> = {}): Draft => {
  const fresh = newDraft(new Date('2026-11-22T01:30:00Z'))
  return { ...fresh, lines: [line()], party: { ...fresh.party, name: '王小明', city: '杭州市', address: '文三路 100 号' }, ...over }
}
const context = { connectionId: 'c', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} }

describe('amounts as they are typed', () => {
  it('are exact: no float ever touches them', () => {
    expect(decimalOf(grossOf('3', '0.1', 'CNY'), 'CNY')).toBe('0.30')
    expect(decimalOf(grossOf('0.350', '98.00', 'CNY'), 'CNY')).toBe('34.30')
    expect(decimalOf(grossOf('10000', '0.012345', 'CNY'), 'CNY')).toBe('123.45')
    expect(decimalOf(grossOf('3', '333.5', 'JPY'), 'JPY')).toBe('1001')
    expect(decimalOf(-1_230_000n, 'CNY')).toBe('-1.23')
  })

  it('come from any keyboard', () => {
    expect([tidy('１５．５０'), tidy(' 15,50 '), tidy('1,500')]).toEqual(['15.50', '15.50', '1,500'])
    expect([isAmount('15.5', 'CNY'), isAmount('15.555', 'CNY'), isAmount('1.5', 'JPY'), isAmount('-1', 'CNY'), isAmount('1e3', 'CNY')]).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect([isQuantity('0'), isQuantity('0.000001'), isQuantity(''), isQuantity('two')]).toEqual([false, true, false, false])
  })
})

describe('the form', () => {
  it('keeps its number however often it is saved, and draws another for the next order', () => {
    const opened = draft()
    expect(bodyOf(opened, 'CNY')).toEqual(bodyOf({ ...opened }, 'CNY'))
    expect(drawNumber(new Date('2026-11-22T01:30:00Z'), Uint8Array.of(0, 1, 31, 32, 200, 255))).toBe('P20261122-23Z2AZ')
    expect(new Set(Array.from({ length: 200 }, () => newDraft().number)).size).toBe(200)
  })

  it('says what is missing before anything is sent', () => {
    const fresh = newDraft()
    expect(errorsOf(fresh, 'CNY')).toEqual({ name: 'required', address: 'required', city: 'required', lines: 'lines' })
    expect(errorsOf({ ...fresh, type: 'pickup', lines: [line()] }, 'CNY')).toEqual({})
    expect(errorsOf(draft(), 'CNY')).toEqual({})
    const wrong = draft({
      number: ' ',
      lines: [line({ offer: undefined, quantity: '0', price: 'x', discount: '-1' })],
      shipping: '1.005',
      payment: 'partially_paid',
    })
    expect(errorsOf(wrong, 'CNY')).toEqual({
      number: 'required',
      'line.1.sku': 'sku',
      'line.1.quantity': 'quantity',
      'line.1.price': 'amount',
      'line.1.discount': 'amount',
      shipping: 'amount',
      paid: 'required',
    })
    expect(errorsOf(draft({ lines: [line({ discount: '31.01' })] }), 'CNY')).toEqual({ 'line.1.discount': 'discount' })
    expect(errorsOf(draft({ discount: '31.01' }), 'CNY')).toEqual({ discount: 'discount' })
    expect(errorsOf(draft({ payment: 'partially_paid', paid: '31.01' }), 'CNY')).toEqual({ paid: 'paid' })
  })

  it.each([
    ['plain', draft()],
    [
      'with everything',
      draft({
        lines: [line({ discount: '1.00' }), line({ key: 3, quantity: '0.333', price: '9.99' })],
        shipping: '8',
        discount: '5.05',
        payment: 'paid',
        method: 'bank',
        reference: 'TX',
        buyerNote: 'a',
        sellerNote: 'b',
      }),
    ],
    ['partly paid', draft({ payment: 'partially_paid', paid: '10' })],
    ['on delivery', draft({ payment: 'on_delivery' })],
    ['with an empty last line', draft({ lines: [line(), { key: 2, text: '', offer: undefined, quantity: '1', price: '', discount: '' }] })],
    ['typed with full-width figures', draft({ lines: [line({ quantity: '２', price: '１５．５０' })] })],
  ])('says the same total as the hub, which finds nothing wrong with it: %s', (_name, typed) => {
    const mapped = push.map({ kind: 'order', externalId: typed.number, doc: bodyOf(typed, 'CNY') }, context)
    if (mapped.kind !== 'order') throw new Error('it is an order')
    expect(checkOrder(mapped.order)).toEqual([])
    expect(mapped.order.totals.total.minor).toBe(Number(sumsOf(typed, 'CNY').total / 10_000n))
  })
})
