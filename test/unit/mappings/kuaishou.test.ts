import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { kuaishou } from '../../../mappings/kuaishou.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, mapRaw, order, rawOf, refund } = recorded('kuaishou', kuaishou, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/kuaishou/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))

describe('every order', () => {
  it.each(names.filter((name) => mapped(name).kind === 'order'))('adds up, and shares its reductions out line by line: %s', (name) => {
    const { lines, discounts, ...found } = order(name)
    expect(checkOrder({ ...found, lines, discounts }).filter((hold) => hold.failure)).toEqual([])
    for (const line of lines) {
      const shares = discounts.flatMap(({ allocations }) => allocations).filter(({ lineNo }) => lineNo === line.lineNo)
      expect(shares.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(line.discount.minor)
    }
  })
})

describe('what the fixtures are for', () => {
  it('keeps ids as text and times to the millisecond', () => {
    const found = order('order-paid')
    expect([found.channelOrderNo, found.lines[0]?.listingKey, found.lines[0]?.channelSku]).toEqual([
      '2607602240240301',
      '21000100301:21000200301',
      'TS-WHITE-L',
    ])
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt, found.sourcePrecision]).toEqual([
      '2026-03-17T12:35:42.425Z',
      '2026-03-17T12:35:50.120Z',
      '2026-03-17T12:35:50.776Z',
      'ms',
    ])
    expect(found.shipBy).toBe('2026-03-19T12:35:50.120Z')
  })

  it('takes the one reading of the amounts that adds up, and holds what none explains', () => {
    const sums = (name: string) => {
      const { total, shipping, discount } = order(name).totals
      return [total.minor, shipping.minor, discount.minor]
    }
    expect(sums('order-postage-beside-total')).toEqual([6580, 600, 0])
    expect(sums('order-postage-in-total')).toEqual([6580, 600, 0])
    expect(sums('order-discount-and-postage')).toEqual([6080, 600, 500])
    expect(order('order-list-price-above-price').lines[0]).toMatchObject({ unitPrice: '24.9', net: { minor: 4980 } })
    for (const name of ['order-total-before-discount-mismatch', 'order-unexplained-gap-mismatch'])
      expect(mapped(name)).toMatchObject({ kind: 'held', code: 'total-mismatch' })
  })

  it('holds an order whose total could be either price, with its postage or beside it', () => {
    const raw = rawOf('order-list-price-above-price')
    const doc = structuredClone(raw.doc) as { orderBaseInfo: Record<string, unknown>; orderItemInfo: Record<string, unknown> }
    Object.assign(doc.orderBaseInfo, { totalFee: 6000, discountFee: 0, expressFee: 1000 })
    Object.assign(doc.orderItemInfo, { num: 1, originalPrice: 6000, price: 5000 })
    expect(mapRaw({ ...raw, doc })).toMatchObject({ kind: 'held', code: 'total-mismatch' })
    Object.assign(doc.orderItemInfo, { originalPrice: 5000 })
    expect(mapRaw({ ...raw, doc })).toMatchObject({ kind: 'order', order: { totals: { total: { minor: 6000 }, shipping: { minor: 1000 } } } })
  })

  it('makes presents lines of their own, and counts what has left of each', () => {
    expect(order('order-with-present').lines.map((line) => [line.channelLineNo, line.role, line.net.minor])).toEqual([
      ['2607602240240301', 'single', 5980],
      ['2607602240240311', 'gift', 0],
    ])
    expect([order('order-with-present-sent-apart').fulfilment, order('order-with-present-all-sent').fulfilment]).toEqual(['partial', 'shipped'])
    expect(order('order-with-present-all-sent').shipments.map(({ lines }) => lines)).toEqual([
      [{ channelLineNo: '2607602240240301', quantity: '2' }],
      [{ channelLineNo: '2607602240240311', quantity: '1' }],
    ])
    expect(order('order-present-by-number-only').lines).toHaveLength(1)
  })

  it('counts pieces, not the status that the first of them moves', () => {
    expect([order('order-partly-sent').fulfilment, order('order-partly-sent').lines[0]?.shipped]).toEqual(['partial', '1'])
    expect(order('order-sent-in-two').shipments.map((each) => [each.trackingNo, each.carrier, each.lines])).toEqual([
      ['SF1000000000001', '4', []],
      ['9000000000012', '9', []],
    ])
  })

  it('tells a closed order that was paid from one that never was, and one whose goods had left from both', () => {
    expect(order('order-closed-unpaid')).toMatchObject({ payment: 'voided', cancelled: {}, closed: true, totals: { refunded: { minor: 0 } } })
    expect(order('order-closed-refunded')).toMatchObject({
      payment: 'refunded',
      cancelled: { reason: 'refunded' },
      totals: { refunded: { minor: 5980 } },
    })
    const sent = order('order-closed-after-sending')
    expect([sent.payment, sent.cancelled, sent.lines[0]?.cancelled, sent.totals.refunded.minor]).toEqual(['refunded', undefined, '0', 5980])
  })

  it('sees a wish for the money before anything left, in lists and details alike, and holds an after-sale nobody has heard of', () => {
    expect(order('order-refund-asked').cancelRequest).toEqual({ id: '2607600070070303' })
    expect(order('order-detail-refund-asked').cancelRequest).toEqual({ id: '2607600070070303' })
    expect([order('order-refund-under-way').cancelRequest, order('order-refund-under-way').payment]).toEqual([undefined, 'refund_pending'])
    expect(mapped('order-refund-unknown-status')).toMatchObject({ kind: 'held', code: 'status-unmapped' })
  })

  it('keeps the recipient in the form the connection wants', () => {
    expect(order('order-paid')).toMatchObject({
      piiMode: 'cipher',
      recipient: { name: '##c2FuZGJveC1uYW1l#1#', province: '浙江省', channelId: 'oaid-0001' },
    })
    expect(order('order-paid', { config: { recipients: 'mask' } })).toMatchObject({
      piiMode: 'mask',
      recipient: { name: '张**', phone: '138****0000' },
    })
    expect(order('order-of-2022-plain')).toMatchObject({ piiMode: 'plain', recipient: { name: '张三', phone: '13800000000' } })
  })

  it('reads after-sales by their own numbers, and leaves exchanges alone', () => {
    expect(refund('refund-done')).toMatchObject({ kind: 'refund', state: 'done', amount: { minor: 5980 }, channelOrderNo: '2607602240240301' })
    expect(refund('refund-return-under-way')).toMatchObject({ kind: 'return', state: 'approved' })
    expect(refund('refund-detail-done').lines).toMatchObject([{ quantity: '2' }])
    expect(mapped('refund-exchange')).toMatchObject({ kind: 'ignore', rule: 'no-money' })
    for (const name of ['refund-unknown-status', 'refund-unknown-way']) expect(mapped(name)).toMatchObject({ kind: 'held', code: 'status-unmapped' })
  })
})
