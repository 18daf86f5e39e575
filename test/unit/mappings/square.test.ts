import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { square } from '../../../mappings/square.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { recorded } from './recorded.ts'

const { mapped, order, refund } = recorded('square', square, { timezone: 'Europe/London', currency: 'GBP' })
const names = readdirSync(new URL('../../../connectors/square/fixtures/', import.meta.url))
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
  it('takes the vendor’s own example to the cent: taxes on top, shares of three discounts, modifiers, the SKU of the catalogue', () => {
    const found = order('order-vendor-taxed-with-discounts')
    expect(checkOrder(found).filter((hold) => hold.failure)).toEqual([])
    expect(found.taxIncluded).toBe(false)
    expect(found.lines.map((line) => [line.gross.minor, line.discount.minor, line.net.minor, line.tax.minor, line.channelSku])).toEqual([
      [1599, 87, 1512, 136, ''],
      [4500, 346, 4154, 374, 'STEAK-L'],
    ])
    expect(found.discounts.map((each) => [each.scope, each.amount.minor, each.allocations.map((share) => share.amount.minor)])).toEqual([
      ['order', 30, [8, 22]],
      ['order', 303, [79, 224]],
      ['line', 100, [100]],
    ])
    expect([found.totals.tax.minor, found.totals.total.minor, found.payment]).toEqual([510, 6176, 'pending'])
  })

  it('sees a sale over the counter as paid and taken along', () => {
    const found = order('order-till-card')
    expect([found.type, found.payment, found.fulfilment, found.closed]).toEqual(['pos', 'paid', 'delivered', true])
    expect(found.lines.map((line) => [line.shipped, line.quantity])).toEqual([
      ['2', '2'],
      ['1', '1'],
    ])
  })

  it('counts tips and service charges as fees, named charges as postage, and the rounding of cash as what it is', () => {
    expect(order('order-till-tip').totals).toMatchObject({ fees: { minor: 600 }, total: { minor: 4600 }, paid: { minor: 4600 } })
    expect(order('order-till-service-charge').totals).toMatchObject({ fees: { minor: 1000 }, shipping: { minor: 0 } })
    expect(order('order-online-to-ship').totals).toMatchObject({ fees: { minor: 0 }, shipping: { minor: 499 } })
    expect(order('order-online-to-ship', { config: { shippingCharges: 'Livraison' } }).totals).toMatchObject({ fees: { minor: 499 } })
    expect([order('order-till-cash-rounded-up').totals.rounding.minor, order('order-till-cash-rounded-down').totals.rounding.minor]).toEqual([1, -2])
    expect(order('order-till-cash-with-change').payments).toMatchObject([{ method: 'CASH', amount: { minor: 700 } }])
  })

  it('finds the same net of a taxed line wherever Square takes the tax out of gross sales or leaves it in', () => {
    const [europe, america] = [order('order-tax-inside-europe'), order('order-tax-inside-america')]
    expect([europe.taxIncluded, europe.lines[0]?.net.minor, europe.totals.tax.minor]).toEqual([true, 2400, 400])
    expect([america.taxIncluded, america.lines[0]?.net.minor, america.totals.tax.minor]).toEqual([true, 1100, 100])
    expect(order('order-tax-inside-and-on-top')).toMatchObject({ taxIncluded: false, totals: { tax: { minor: 55 } }, extra: { inclusiveTax: '100' } })
    expect(order('order-taxed-service-charge').totals).toMatchObject({ fees: { minor: 1000 }, tax: { minor: 990 } })
  })

  it('keeps yen whole, and weighed goods to their decimals', () => {
    expect([order('order-yen').totals.total, order('order-yen').lines[0]?.unitPrice]).toEqual([{ minor: 1080, currency: 'JPY' }, '540'])
    expect([order('order-weighed-goods').lines[0]?.quantity, order('order-weighed-goods').lines[0]?.shipped]).toEqual(['1.35', '1.35'])
  })

  it('keeps when an offline sale was rung up, and orders it by when it arrived', () => {
    const found = order('order-rung-up-offline')
    expect([found.placedAt, found.sourceUpdatedAt]).toEqual(['2026-11-17T09:12:00Z', '2026-11-20T07:59:41.007Z'])
  })

  it('follows a pickup from the order to the counter', () => {
    const stages = ['order-pickup-open', 'order-pickup-ready', 'order-pickup-collected'].map((name) => order(name))
    expect(stages.map((each) => [each.type, each.fulfilment])).toEqual([
      ['pickup', 'allocated'],
      ['pickup', 'released'],
      ['pickup', 'delivered'],
    ])
    expect(stages[0]).toMatchObject({ extra: { pickupAt: '2026-11-21T15:00:00Z' }, buyerNote: 'Happy birthday', shipments: [] })
  })

  it('counts what of an order has left by its fulfilments', () => {
    const found = order('order-online-sent-in-part')
    expect([found.fulfilment, found.lines.map((line) => line.shipped)]).toEqual(['partial', ['1', '0']])
    expect(found.shipments.map((each) => [each.state, each.trackingNo, each.lines.length])).toEqual([
      ['shipped', '15501234567890', 1],
      ['pending', undefined, 2],
    ])
  })

  it('makes a refund of the sale out of a return, with the lines it took back', () => {
    expect(refund('refund-of-an-item')).toMatchObject({
      channelOrderNo: 'ORD0001demoAAAAAAAAAAAAeV',
      kind: 'return',
      state: 'done',
      amount: { minor: 1200, currency: 'GBP' },
      lines: [{ channelLineNo: 'a', channelSku: 'SKU-A', quantity: '1' }],
    })
    expect(refund('refund-of-an-amount')).toMatchObject({ kind: 'refund', amount: { minor: 1200 }, lines: [] })
    expect(refund('refund-over-two-tenders').amount.minor).toBe(1200)
    expect([refund('refund-pending').state, refund('refund-rejected').state]).toEqual(['approved', 'rejected'])
    expect(refund('refund-exchange-like-for-like')).toMatchObject({ amount: { minor: 0 }, state: 'done' })
  })

  it('tells a whole refund from a part of it, and an order given back before it was sent from one that was', () => {
    const of = (name: string) => [order(name).payment, order(name).afterSale, order(name).cancelled !== undefined]
    expect(of('order-refunded-whole')).toEqual(['refunded', 'closed', false])
    expect(of('order-refunded-in-part')).toEqual(['partially_refunded', 'closed', false])
    expect(of('order-refund-pending')).toEqual(['paid', 'in_progress', false])
    expect(of('order-refunded-before-sending')).toEqual(['refunded', 'closed', true])
    expect(of('order-like-for-like-exchange')).toEqual(['paid', 'none', false])
  })

  it('leaves drafts and opened drawers aside, and holds what it does not know', () => {
    expect(mapped('order-vendor-draft')).toMatchObject({ kind: 'ignore', rule: 'draft' })
    expect(mapped('order-no-sale')).toMatchObject({ kind: 'ignore', rule: 'no-sale' })
    for (const name of ['order-unknown-state', 'order-unknown-fulfilment-state', 'refund-unknown-status'])
      expect(mapped(name)).toMatchObject({ kind: 'held', code: 'status-unmapped' })
    expect(mapped('order-two-currencies-broken')).toMatchObject({ kind: 'held', code: 'currency-mixed' })
    expect(mapped('order-fraction-of-a-penny-broken')).toMatchObject({ kind: 'held', code: 'money-unreadable' })
    expect(checkOrder(order('order-unexplained-gap-mismatch')).map((hold) => hold.code)).toContain('totals-mismatch')
  })
})

describe('a ticket that hands over an order placed elsewhere', () => {
  const sale = { id: 's1', state: 'COMPLETED', created_at: '2026-11-22T08:00:00Z', total_money: { amount: 0, currency: 'GBP' }, version: 1 }
  const read = (doc: object, pickupMark = 'Pickup') =>
    square.map(
      { kind: 'order', externalId: 's1', doc: { order: { ...sale, ...doc }, variations: [] } },
      { connectionId: 'c1', timezone: 'Europe/London', currency: 'GBP', config: { pickupMark } },
    )
  it.each([
    ['its name', { ticket_name: 'pickup 1001' }, 'collected:1001'],
    ['its name, as it is typed', { ticket_name: ' PICKUP: #WC-7 for Ann' }, 'collected:WC-7'],
    ['its reference', { ticket_name: 'Ann', reference_id: 'pickup-1001' }, 'collected:1001'],
    ['its name, still open', { ticket_name: 'pickup 1001', state: 'OPEN' }, 'pickup-not-yet'],
    ['its name, given up', { ticket_name: 'pickup 1001', state: 'CANCELED' }, 'pickup-not-yet'],
  ])('is told by %s', (_how, doc, rule) => {
    expect(read(doc)).toMatchObject({ kind: 'ignore', rule })
  })
  it('needs a number, and a connection that asks for it', () => {
    for (const name of ['Pickup', 'pickup Mary', 'pickup <b>1</b>'])
      expect(() => read({ ticket_name: name })).toThrow(expect.objectContaining({ code: 'pickup-number-missing' }))
    expect(read({ ticket_name: 'pickup 1001' }, '')).toMatchObject({ kind: 'order', order: { type: 'pos' } })
    expect(read({ ticket_name: 'Ann' })).toMatchObject({ kind: 'order' })
  })
})
