import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shopee } from '../../../mappings/shopee.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, order, refund } = recorded('shopee', shopee, { timezone: 'Asia/Singapore', currency: 'SGD' })
const names = readdirSync(new URL('../../../connectors/shopee/fixtures/', import.meta.url))
  .filter((file) => /^order-.*\.json$/.test(file))
  .map((file) => file.replace('.json', ''))

describe('every order', () => {
  it.each(names.filter((name) => mapped(name).kind === 'order'))('shares its reductions out line by line: %s', (name) => {
    const { lines, discounts, totals } = order(name)
    for (const line of lines) {
      const shares = discounts.flatMap(({ allocations }) => allocations).filter(({ lineNo }) => lineNo === line.lineNo)
      expect(shares.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(line.discount.minor)
    }
    const unshared = discounts.filter(({ allocations }) => allocations.length === 0)
    expect(unshared.reduce((sum, { amount }) => sum + amount.minor, 0)).toBe(totals.unallocatedDiscount.minor)
  })
})

describe('what the fixtures are for', () => {
  it.each([
    ['order-unpaid', 'pending', 'unallocated', false, false],
    ['order-pending', 'authorised', 'unallocated', false, false],
    ['order-invoice-pending-brazil', 'paid', 'unallocated', false, false],
    ['order-ready-to-ship', 'paid', 'unallocated', false, false],
    ['order-partly-shipped', 'paid', 'partial', false, false],
    ['order-arranged', 'paid', 'released', false, false],
    ['order-pickup-failed-once', 'paid', 'released', false, false],
    ['order-shipped-in-two', 'paid', 'shipped', false, false],
    ['order-delivered', 'paid', 'delivered', false, false],
    ['order-vendor-example', 'paid', 'delivered', false, true],
    ['order-cancel-asked', 'paid', 'unallocated', false, false],
    ['order-cancelled-unpaid', 'voided', 'unallocated', true, true],
    ['order-cancelled-after-payment', 'refunded', 'unallocated', true, true],
    ['order-delivery-failed', 'refunded', 'failed', true, true],
    ['order-return-asked', 'refund_pending', 'shipped', false, false],
    ['order-returned-in-part', 'partially_refunded', 'delivered', false, true],
    ['order-refunded-whole', 'refunded', 'delivered', false, true],
  ])('takes the status of %s apart', (name, payment, fulfilment, cancelled, closed) => {
    const found = order(name)
    expect([found.payment, found.fulfilment, found.cancelled !== undefined, found.closed]).toEqual([payment, fulfilment, cancelled, closed])
  })

  it.each([
    ['order-unknown-status', 'status-unmapped', '/order/order_status'],
    ['order-unknown-parcel-status', 'status-unmapped', '/order/package_list/0/logistics_status'],
    ['order-unreadable-time-broken', 'time-unreadable', '/order/create_time'],
    ['order-as-listed-broken', 'value-missing', '/order/create_time'],
    ['refund-unknown-status', 'status-unmapped', '/status'],
  ])('holds %s with the place', (name, code, pointer) => {
    expect(mapped(name)).toMatchObject({ kind: 'held', code, pointer })
  })

  it.each(['order-unexplained-gap-mismatch', 'order-vendor-example-without-money-mismatch'])('fills no gap of the money: %s', (name) => {
    expect(checkOrder(order(name)).map(({ code }) => code)).toContain('totals-mismatch')
  })

  it('says who pays for what was taken off, share by share', () => {
    const found = order('order-vouchers-and-coins-by-line')
    expect(
      found.discounts
        .filter(({ scope }) => scope === 'order')
        .map(({ funder, amount, allocations }) => [funder, amount.minor, allocations.map((one) => one.amount.minor)]),
    ).toEqual([
      ['seller', 230, [30, 200]],
      ['channel', 100, [13, 87]],
      ['points', 50, [7, 43]],
    ])
    expect([found.couponCodes, found.totals.total.minor]).toEqual([['TENOFF'], 2119])
  })

  it('shares a voucher out by what the lines cost where the channel does not say, and lets one that is more than the goods pay the postage', () => {
    const [voucher] = order('order-vouchers-not-told-by-line').discounts.filter(({ scope }) => scope === 'order')
    expect(voucher?.allocations.map((one) => one.amount.minor)).toEqual([30, 201])
    const { totals, lines } = order('order-voucher-pays-postage')
    expect([totals.unallocatedDiscount.minor, lines[0]?.net.minor, totals.total.minor]).toEqual([400, 300, 99])
  })

  it('takes fees and taxes in, and leaves out a tax that stands inside the price', () => {
    const { totals } = order('order-fees-and-taxes')
    expect([totals.fees.minor, totals.duties.minor, totals.shipping.minor, totals.total.minor]).toEqual([80, 27, 199, 606])
    expect(order('order-tax-inside-the-price').totals).toMatchObject({ duties: { minor: 0 }, shipping: { minor: 199 }, total: { minor: 499 } })
  })

  it('tells what of a promotion the channel pays for, and keeps the checkout’s prices when a return changed the account', () => {
    expect(order('order-promotion-paid-by-both').discounts.map(({ funder, title, amount }) => [funder, title, amount.minor])).toEqual([
      ['seller', 'flash_sale', 350],
      ['channel', 'flash_sale', 150],
    ])
    const { lines, totals, payment } = order('order-account-changed-by-a-return')
    expect([lines.map(({ net }) => net.minor), totals.total.minor, totals.refunded.minor, payment]).toEqual([
      [300, 2000],
      2499,
      1000,
      'partially_refunded',
    ])
  })

  it('takes the price inside a bundle from the account of the money, and tells its lines by what the channel numbers there', () => {
    expect(order('order-bundle-deal').lines.map((line) => [line.channelLineNo, line.listingKey, line.net.minor])).toEqual([
      ['501:601:1:77', '501:601', 900],
      ['502:602:1:77', '502:602', 1400],
    ])
  })

  it('counts dong without decimals and keeps what stands under asterisks', () => {
    const found = order('order-vendor-example-vietnam-cod')
    expect([found.currency, found.totals.total.minor, found.isCod, found.piiMode, found.recipient?.name]).toEqual([
      'VND',
      32119,
      true,
      'mask',
      'P******n',
    ])
    expect(order('order-all-masked-taiwan')).toMatchObject({ piiMode: 'mask', buyerNote: 'Leave it at the door please', sellerNote: 'call first' })
  })

  it('counts pieces by parcel, with the numbers they travel under', () => {
    const found = order('order-pieces-of-a-line-in-two')
    expect(found.lines[0]?.shipped).toBe('3')
    expect(found.shipments.map((each) => [each.trackingNo, each.state, each.lines[0]?.quantity])).toEqual([
      ['SG0001234', 'shipped', '1'],
      ['SG0001235', 'delivered', '2'],
    ])
    expect(order('order-line-cancelled-in-part').lines[0]).toMatchObject({ quantity: '2', cancelled: '1', shipped: '0' })
  })

  it('sends nothing itself of what the channel sends', () => {
    expect(order('order-fulfilled-by-shopee').fulfilmentBy).toBe('channel')
    expect(order('order-collected-at-the-shop').type).toBe('pickup')
    expect(order('order-cancel-asked').cancelRequest).toEqual({ reason: 'Need to change delivery address' })
  })

  it.each([
    ['refund-asked', 'requested', 'return'],
    ['refund-accepted', 'approved', 'return'],
    ['refund-processing', 'approved', 'return'],
    ['refund-judging', 'requested', 'return'],
    ['refund-seller-disputes', 'requested', 'return'],
    ['refund-paid', 'done', 'refund'],
    ['refund-closed', 'rejected', 'return'],
    ['refund-cancelled', 'rejected', 'return'],
  ])('reads %s', (name, state, kind) => {
    expect(refund(name)).toMatchObject({ state, kind, channelOrderNo: '261122SBX00023', amount: { minor: 1000 } })
  })

  it('divides what came back as the channel tells, else by price', () => {
    const shares = (name: string) => refund(name).lines.map((line) => [line.channelLineNo, line.quantity, line.amount.minor])
    expect(shares('refund-told-by-goods').map((one) => one[2])).toEqual([250, 950])
    expect(shares('refund-two-goods-shared-out')).toEqual([
      ['3400133011:0', '1', 277],
      ['23620853561:221404189791', '1', 922],
    ])
  })
})
