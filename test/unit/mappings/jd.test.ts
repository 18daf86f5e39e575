import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { jd } from '../../../mappings/jd.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('jd', jd, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/jd/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))
const reductions = (name: string) => order(name).discounts.map(({ scope, funder, kind, amount }) => [scope, funder, kind, amount.minor])

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
  it('keeps every digit of an id, names lines by their SKU, and reads the channel’s clock as UTC+8', () => {
    const found = order('order-nineteen-digit-ids')
    expect([found.channelOrderNo, found.lines[0]?.channelLineNo, found.lines[0]?.listingKey]).toEqual([
      '9007199254740993123',
      '9007199254740993001',
      '9007199254740993001',
    ])
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt]).toEqual(['2025-06-01T02:00:00Z', '2025-06-01T02:00:08Z', '2025-06-01T02:00:09Z'])
    expect(order('order-same-sku-twice').lines.map(({ channelLineNo }) => channelLineNo)).toEqual(['10054887745652', '10054887745652-2'])
  })

  it.each([
    ['order-sample', 'cipher'],
    ['order-cipher-phone', 'cipher'],
    ['order-masked-recipient', 'mask'],
    ['order-plain-recipient', 'plain'],
  ])('says how readable the recipient of %s is', (name, mode) => {
    expect(order(name).piiMode).toBe(mode)
  })

  it('takes the year 1 and the year 1970 for no time', () => {
    expect(order('order-cancelled-before-payment').paidAt).toBeUndefined()
    expect(order('order-cash-on-delivery-finished').paidAt).toBeUndefined()
    expect(refund('refund-application-forced').sourceUpdatedAt).toBe('2025-06-03T03:00:00Z')
  })

  it.each([
    ['order-sample', 'paid', 'unallocated', false],
    ['order-cash-on-delivery', 'pending', 'unallocated', false],
    ['order-cash-on-delivery-finished', 'paid', 'delivered', true],
    ['order-cash-on-delivery-refused', 'voided', 'shipped', true],
    ['order-paused', 'authorised', 'unallocated', false],
    ['order-overseas-waits-at-border', 'paid', 'unallocated', false],
    ['order-shipped', 'paid', 'shipped', false],
    ['order-finished', 'paid', 'delivered', true],
    ['order-voucher-issued', 'paid', 'delivered', false],
    ['order-delivery-returned', 'paid', 'failed', false],
    ['order-cancelled-after-payment', 'refunded', 'unallocated', true],
    ['order-cancelled-before-payment', 'voided', 'unallocated', true],
  ])('%s is %s, %s, closed: %s', (name, payment, fulfilment, closed) => {
    expect(order(name)).toMatchObject({ payment, fulfilment, closed })
  })

  it('holds a locked order until somebody decides', () => {
    expect(checkOrder(order('order-locked')).map(({ code }) => code)).toEqual(['cancel-requested'])
    expect(checkOrder(order('order-sample'))).toEqual([])
  })

  it('knows who pays for a reduction by its kind, and by the two sums where the list leaves something out', () => {
    expect(reductions('order-sample')).toEqual([
      ['order', 'seller', 'promotion', 1000],
      ['order', 'channel', 'coupon', 150],
    ])
    expect(reductions('order-payment-offer-not-listed').at(-1)).toEqual(['order', 'channel', 'other', 500])
    expect(reductions('order-price-changed-by-seller').at(-1)).toEqual(['order', 'seller', 'manual', 500])
    expect(reductions('order-unnamed-reduction-fits-seller')).toEqual([['order', 'seller', 'promotion', 1000]])
    expect(mapped('order-unknown-reduction-ambiguous')).toMatchObject({ kind: 'held', code: 'coupon-type-unmapped' })
  })

  it('gives a SKU its own reduction and divides the rest by value, to the fen', () => {
    expect(order('order-sku-promotion-and-gift').lines.map(({ net, role }) => [net.minor, role])).toEqual([
      [13_256, 'single'],
      [4734, 'single'],
      [0, 'gift'],
    ])
    expect(order('order-shared-without-remainder').lines.map(({ net }) => net.minor)).toEqual([666, 667, 667])
  })

  it('counts balance and gift cards as money paid, beans as a reduction', () => {
    const beans = order('order-beans-and-balance')
    expect([beans.totals.total.minor, beans.totals.paid.minor]).toEqual([12_000, 12_000])
    expect(beans.payments.map(({ method, amount }) => [method, amount.minor])).toEqual([
      ['online', 10_000],
      ['jd-balance', 2000],
    ])
    expect(order('order-gift-card').payments.map(({ kind, amount }) => [kind, amount.minor])).toEqual([
      ['capture', 7850],
      ['gift_card', 5000],
    ])
  })

  it('reads several parcels of several companies', () => {
    expect(order('order-shipped-in-three-parcels').shipments.map(({ trackingNo, carrier, lines }) => [trackingNo, carrier, lines.length])).toEqual([
      ['1200458628372', '2100', 0],
      ['111232', '2100', 0],
      ['468778814888', '4700', 0],
    ])
    expect(order('order-shipped').shipments[0]).toMatchObject({ carrier: 'YTO', lines: [{ channelLineNo: '10054887745652', quantity: '2' }] })
  })

  it('leaves to the channel what the channel sends', () => {
    expect([order('order-sent-by-channel').fulfilmentBy, order('order-channel-warehouse').fulfilmentBy, order('order-sample').fulfilmentBy]).toEqual([
      'channel',
      'channel',
      'merchant',
    ])
  })

  it('holds words nobody documents and sums that do not meet', () => {
    expect(mapped('order-unknown-status')).toMatchObject({ kind: 'held', code: 'status-unmapped', pointer: '/orderState' })
    expect(mapped('order-unknown-order-type')).toMatchObject({ kind: 'held', code: 'order-type-unmapped' })
    expect(mapped('order-does-not-add-up')).toMatchObject({ kind: 'held', code: 'amounts-disagree', pointer: '/orderSellerPrice' })
    expect(checkOrder(order('order-line-missing-mismatch')).map(({ code }) => code)).toContain('totals-mismatch')
  })

  it.each(['orderTotalPrice', 'orderSellerPrice', 'sellerDiscount', 'jdPrice'])('holds an order of which %s alone was changed', (name) => {
    const raw = rawOf('order-sample')
    const [item] = Object(raw.doc).itemInfoList
    const doc: unknown =
      name === 'jdPrice' ? { ...Object(raw.doc), itemInfoList: [{ ...item, jdPrice: '77.77' }] } : { ...Object(raw.doc), [name]: '137.77' }
    const result = mapRaw({ ...raw, doc })
    const codes = result.kind === 'order' ? checkOrder(result.order).map(({ code }) => code) : [result.kind === 'held' ? result.code : '']
    expect(codes.filter((code) => /disagree|mismatch/.test(code))).not.toEqual([])
  })
})

describe('money that goes back', () => {
  it.each([
    ['refund-application-asked', 'requested'],
    ['refund-application-approved', 'approved'],
    ['refund-application-given-back', 'done'],
    ['refund-application-forced', 'done'],
    ['refund-application-rejected', 'rejected'],
    ['refund-application-withdrawn', 'rejected'],
  ])('%s is %s, in fen', (name, state) => {
    expect(refund(name)).toMatchObject({ kind: 'cancellation', state, amount: { minor: 12_850 } })
  })

  it.each([
    ['refund-case-given-back', 'done'],
    ['refund-case-failed', 'rejected'],
    ['refund-case-on-its-way', 'approved'],
  ])('%s is %s, in yuan, and never takes the number of an application', (name, state) => {
    expect(refund(name)).toMatchObject({ kind: 'return', state, amount: { minor: 6425 }, channelRefundNo: 'afs-34567890123' })
  })

  it('holds a state of an application nobody documents', () => {
    expect(mapped('refund-application-unknown-status')).toMatchObject({ kind: 'held', code: 'status-unmapped' })
  })
})
