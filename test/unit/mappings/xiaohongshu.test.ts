import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { xiaohongshu } from '../../../mappings/xiaohongshu.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, order, refund } = recorded('xiaohongshu', xiaohongshu, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/xiaohongshu/fixtures/', import.meta.url))
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
    expect([found.channelOrderNo, found.lines[0]?.channelLineNo, found.lines[0]?.channelSku]).toEqual([
      'P768291112062421411',
      '64dae5ec4fcbab0001f2aa01',
      'TS-WHITE-L',
    ])
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt, found.shipBy]).toEqual([
      '2025-07-18T04:23:20.421Z',
      '2025-07-18T04:23:30.120Z',
      '2025-07-18T04:24:19.421Z',
      '2025-07-20T04:23:30.120Z',
    ])
  })

  it('tells who gave what, line by line', () => {
    const found = order('order-both-discounts-and-postage')
    expect(found.discounts.map(({ funder, amount, allocations }) => [funder, amount.minor, allocations[0]?.lineNo])).toEqual([
      ['seller', 500, 1],
      ['channel', 300, 1],
      ['seller', 100, 2],
      ['channel', 100, 2],
    ])
    const { items, shipping, discount, total } = found.totals
    expect([items, shipping, discount, total].map(({ minor }) => minor)).toEqual([6970, 600, 1000, 7570])
  })

  it('takes import tax where it explains the total, and holds an order that nothing explains', () => {
    const sums = (name: string) => [order(name).totals.total.minor, order(name).totals.duties.minor]
    expect(sums('order-import-tax')).toEqual([6524, 544])
    expect(sums('order-tax-in-price')).toEqual([5980, 0])
    expect(mapped('order-unexplained-gap-mismatch')).toMatchObject({ kind: 'held', code: 'total-mismatch' })
    expect(mapped('order-only-listed-broken')).toMatchObject({ kind: 'held', code: 'value-missing' })
  })

  it('knows two lines about one SKU apart', () => {
    expect(order('order-same-sku-twice').lines.map((line) => [line.channelLineNo, line.quantity, line.role])).toEqual([
      ['64dae5ec4fcbab0001f2aa01', '2', 'single'],
      ['64dae5ec4fcbab0001f2aa01#2', '1', 'gift'],
    ])
  })

  it('counts as sent what lies in a package with a number', () => {
    const part = order('order-partly-sent')
    expect([part.fulfilment, ...part.lines.map(({ shipped }) => shipped)]).toEqual(['partial', '2', '0'])
    expect(part.shipments.map((each) => [each.trackingNo, each.carrier, each.lines])).toEqual([
      ['SF1000000000001', 'shunfeng', [{ channelLineNo: '64dae5ec4fcbab0001f2aa01', quantity: '2' }]],
    ])
    expect(order('order-sent-in-two').shipments.map(({ trackingNo }) => trackingNo)).toEqual(['SF1000000000001', '75000000000012'])
    expect(order('order-sent').shipments[0]?.lines).toEqual([{ channelLineNo: '64dae5ec4fcbab0001f2aa01', quantity: '2' }])
  })

  it('tells a cancelled order that was paid from one that never was, and one whose goods had left from both', () => {
    expect(order('order-cancelled-unpaid')).toMatchObject({ payment: 'voided', cancelled: {}, totals: { refunded: { minor: 0 } } })
    expect(order('order-cancelled-paid')).toMatchObject({
      payment: 'refunded',
      cancelled: { reason: 'refunded' },
      totals: { refunded: { minor: 5980 } },
    })
    const sent = order('order-closed-after-sending')
    expect([sent.payment, sent.cancelled, sent.lines[0]?.cancelled, sent.totals.refunded.minor]).toEqual(['refunded', undefined, '0', 5980])
  })

  it('sees a wish for the money before anything left, and only then', () => {
    expect(order('order-cancel-asked')).toMatchObject({ cancelRequest: {}, afterSale: 'requested', payment: 'paid' })
    expect([order('order-refund-after-sending').cancelRequest, order('order-refund-after-sending').afterSale]).toEqual([undefined, 'in_progress'])
    for (const name of ['order-unknown-status', 'order-unknown-after-sale'])
      expect(mapped(name)).toMatchObject({ kind: 'held', code: 'status-unmapped' })
  })

  it('keeps what asks for a recipient, and no more', () => {
    expect(order('order-paid')).toMatchObject({
      piiMode: 'token',
      recipient: { province: '上海市', district: '黄浦区', channelId: 'e2fb1a3d4c5b6a7988990011aabbccdd' },
    })
    expect(order('order-paid').recipient?.name).toBeUndefined()
  })

  it('reads after-sales in yuan, and calls money back only what is back', () => {
    expect(refund('refund-done')).toMatchObject({ kind: 'refund', state: 'done', amount: { minor: 5980 }, lines: [{ quantity: '2' }] })
    expect(refund('refund-return-with-postage-done')).toMatchObject({ kind: 'return', state: 'done', amount: { minor: 6580 } })
    expect(refund('refund-part-done').amount.minor).toBe(1001)
    expect([refund('refund-money-under-way').state, refund('refund-failed-at-the-bank').state]).toEqual(['approved', 'approved'])
    expect([refund('refund-withdrawn').state, refund('refund-receipt-refused').state]).toEqual(['rejected', 'rejected'])
    expect(mapped('refund-exchange')).toMatchObject({ kind: 'ignore', rule: 'no-money' })
    expect(refund('refund-exchange-turned-into-money').state).toBe('done')
    for (const name of ['refund-unknown-status', 'refund-unknown-type']) expect(mapped(name)).toMatchObject({ kind: 'held', code: 'status-unmapped' })
  })
})
