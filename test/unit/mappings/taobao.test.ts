import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { taobao } from '../../../mappings/taobao.ts'
import type { MapContext, RawDocument } from '../../../src/core/mapping.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { rawOf, mapRaw, mapped, order, refund } = recorded('taobao', taobao, { timezone: 'Asia/Shanghai', currency: 'CNY' })
const names = readdirSync(new URL('../../../connectors/taobao/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))

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
  it('keeps 19 digits of an id, and reads the channel’s clock as UTC+8', () => {
    const found = order('order-sample')
    expect([found.channelOrderNo, found.lines[0]?.channelLineNo, found.lines[0]?.listingKey]).toEqual([
      '4012345678901234567',
      '4012345678901234567',
      '680000000001:4900000000001',
    ])
    expect([found.placedAt, found.paidAt, found.sourceUpdatedAt]).toEqual(['2025-06-01T01:58:12Z', '2025-06-01T02:00:03Z', '2025-06-01T02:00:04Z'])
  })

  it('knows who a buyer is by the open id, never by the weekly id of the recipient', () => {
    const found = order('order-sample')
    expect([found.piiMode, found.buyerRef, found.recipient?.channelId]).toEqual(['mask', 'AAHd-demo-uid', '1demoOaidXYZ'])
  })

  it.each([
    ['order-sample', 'mask'],
    ['order-cipher-recipient', 'cipher'],
    ['order-only-oaid', 'token'],
    ['order-plain-recipient', 'plain'],
  ])('says how readable the recipient of %s is', (name, mode) => {
    expect(order(name).piiMode).toBe(mode)
  })

  it('finds a county that is a city of its own in the district', () => {
    expect(order('order-county-city').recipient).toMatchObject({ province: '河南省', city: '济源市', district: '济源市' })
  })

  it.each([
    ['order-unpaid', 'pending', 'unallocated', false],
    ['order-presale-deposit-paid', 'partially_paid', 'unallocated', false],
    ['order-presale-paid', 'paid', 'unallocated', false],
    ['order-presale-forfeited', 'partially_paid', 'unallocated', true],
    ['order-shipping-forbidden', 'authorised', 'unallocated', false],
    ['order-partly-shipped', 'paid', 'partial', false],
    ['order-shipped-in-two', 'paid', 'shipped', false],
    ['order-finished', 'paid', 'delivered', false],
    ['order-finished-part-refunded', 'partially_refunded', 'delivered', false],
    ['order-closed-before-payment', 'voided', 'unallocated', true],
    ['order-closed-after-payment', 'refunded', 'unallocated', true],
    ['order-returned-after-shipping', 'refunded', 'shipped', false],
    ['order-cash-on-delivery', 'pending', 'unallocated', false],
    ['order-signed-cash-on-delivery', 'pending', 'delivered', false],
    ['order-cash-on-delivery-refused', 'voided', 'shipped', false],
  ])('takes the status of %s apart', (name, payment, fulfilment, cancelled) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled !== undefined]).toEqual([payment, fulfilment, cancelled])
  })

  it.each([
    ['order-unknown-status', 'status-unmapped', '/status'],
    ['order-unknown-refund-status', 'status-unmapped', '/orders/order/0/refund_status'],
    ['refund-unknown-status', 'status-unmapped', '/status'],
    ['order-three-decimals-broken', 'money-precision', '/payment'],
    ['order-unreadable-time-broken', 'time-unreadable', '/created'],
  ])('holds %s with the place', (name, code, pointer) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code, pointer })
  })

  it('waits with a trade whose buyer asked for the money before anything left', () => {
    expect(order('order-refund-asked-before-shipping')).toMatchObject({ cancelRequest: { id: '150000000000000018' }, afterSale: 'requested' })
  })

  it('reads the net of a refunded sub-order by the formula, not from what the refund left over', () => {
    const found = order('order-line-refunded-others-go-on')
    expect(found.lines.map((line) => [line.net.minor, line.cancelled])).toEqual([
      [9500, '1'],
      [4750, '0'],
    ])
  })

  it('explains a gap by what the channel documents, to the fen, and by nothing else', () => {
    expect(order('order-service-bought-with-it').lines.at(-1)).toMatchObject({ role: 'service', net: { minor: 9900 } })
    expect(order('order-import-duty').totals.duties.minor).toBe(1820)
    expect(order('order-cash-on-delivery').totals.fees.minor).toBe(300)
    expect(order('order-reduction-not-shared').totals.unallocatedDiscount.minor).toBe(700)
    expect(order('order-line-closed-before-payment').lines[1]).toMatchObject({ net: { minor: 0 }, cancelled: '1' })
    expect(checkOrder(order('order-unexplained-gap-mismatch')).map((hold) => hold.code)).toContain('totals-mismatch')
  })

  it('says who pays for a reduction, share by share', () => {
    const { discounts } = order('order-many-lines-shared-reduction')
    expect(discounts.map((each) => [each.title, each.funder, each.scope, each.amount.minor])).toEqual([
      ['跨店满减', 'seller', 'order', 1599],
      ['双11红包', 'channel', 'order', 500],
    ])
  })

  it('tells a gift from goods, and packages by their numbers', () => {
    expect(order('order-gift-and-bundle').lines.map((line) => line.role)).toEqual(['single', 'gift'])
    expect(order('order-shipped-in-two').shipments.map((each) => [each.trackingNo, each.lines.length])).toEqual([
      ['SF1234567890123', 2],
      ['75512345678901', 1],
    ])
  })

  it('keeps a note nothing points to only where every trade is read in full', () => {
    const bare: unknown = rawOf('order-unpaid').doc
    const raw: RawDocument = { kind: 'order', externalId: '1', doc: { ...Object(bare), seller_memo: '周一发' } }
    const note = (config: MapContext['config']) => {
      const result = mapRaw(raw, { config })
      return result.kind === 'order' ? result.order.sellerNote : undefined
    }
    expect([note({}), note({ details: 'all' })]).toEqual([undefined, '周一发'])
    expect(order('order-many-lines-shared-reduction')).toMatchObject({
      sellerNote: '加急，周一前发',
      buyerNote: '请发顺丰',
      extra: { sellerFlag: '1' },
    })
  })

  it.each([
    ['refund-asked', 'cancellation', 'requested'],
    ['refund-cancellation-done', 'cancellation', 'done'],
    ['refund-return-on-its-way', 'return', 'approved'],
    ['refund-difference-done', 'refund', 'done'],
    ['refund-rejected', 'refund', 'rejected'],
  ])('reads %s', (name, kind, state) => {
    expect(refund(name)).toMatchObject({ kind, state })
  })
})
