import { describe, expect, it } from 'vitest'
import { mapFileDocument, reportFileDocument } from '../../../mappings/field-map.ts'
import { convert, precisionOf, unambiguousInstant } from '../../../mappings/field-map/convert.ts'
import { files } from '../../../mappings/files.ts'
import { Converter, parseFieldMap } from '../../../src/core/field-map.ts'
import type { FieldMap } from '../../../src/core/field-map.ts'
import { resolveFieldMap } from '../../../src/core/field-map-presets.ts'
import type { MapContext, Mapped } from '../../../src/core/mapping.ts'
import type { Order, Refund } from '../../../src/core/order.ts'
import type { FileDocument } from '../../../src/core/file-document.ts'

const context: MapContext = { connectionId: 'c1', timezone: 'Asia/Shanghai', currency: 'CNY', config: {} }
const run = (text: string, ...steps: readonly object[]): string =>
  convert(
    text,
    steps.map((step) => Converter.parse(step)),
    'Asia/Shanghai',
    '/rows/0/0',
  )
const codeOf = (work: () => unknown): string => {
  try {
    work()
    return ''
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'no code'
  }
}

const simple = (value: object = {}): FieldMap =>
  parseFieldMap({
    documentKey: ['no'],
    order: {
      placedAt: { columns: ['at'] },
      payment: { const: 'paid' },
      total: { columns: ['total'], optional: true },
      discount: { columns: ['off'], optional: true },
      shipping: { columns: ['ship'], optional: true },
      refundOf: { columns: ['of'], optional: true },
      'recipient.name': { columns: ['name'], optional: true },
    },
    line: {
      channelSku: { columns: ['sku'] },
      quantity: { columns: ['qty'] },
      unitPrice: { columns: ['price'] },
      discount: { columns: ['lineoff'], optional: true },
    },
    ...value,
  })
const doc = (columns: string, ...rows: readonly string[]): FileDocument => ({ columns: columns.split(','), rows: rows.map((row) => row.split(',')) })
const orderOf = (mapped: Mapped): Order => {
  if (mapped.kind !== 'order') throw new Error(mapped.kind)
  return mapped.order
}
const refundOf = (mapped: Mapped): Refund => {
  if (mapped.kind !== 'refund') throw new Error(mapped.kind)
  return mapped.refund
}

describe('converters', () => {
  it.each([
    ['１２３', [{ op: 'digits' }], '123'],
    ['￥１，２３４．５０', [{ op: 'digits' }, { op: 'decimal' }], '1234.50'],
    ['¥ 12.5元', [{ op: 'digits' }], '12.5'],
    ['1,234.50', [{ op: 'decimal' }], '1234.50'],
    ['1.234,50', [{ op: 'decimal', point: ',' }], '1234.50'],
    ['(12.00)', [{ op: 'decimal' }], '-12.00'],
    ['12-', [{ op: 'decimal' }], '-12'],
    ["1'234.5", [{ op: 'decimal' }], '1234.5'],
    ['.5', [{ op: 'decimal' }], '0.5'],
    ['6.0', [{ op: 'integer' }], '6'],
    ['-006', [{ op: 'integer' }], '-6'],
    ['\u3000 x \u00a0', [{ op: 'trim' }], 'x'],
    ['17850.0', [{ op: 'stripSuffix', text: '.0' }], '17850'],
    ['NO.7', [{ op: 'stripPrefix', text: 'NO.' }], '7'],
    ['a|b|c', [{ op: 'split', by: '|', index: 1 }], 'b'],
    ['a', [{ op: 'split', by: '|', index: 3 }], ''],
    ['👍ab', [{ op: 'substring', from: 0, to: 2 }], '👍a'],
    ['', [{ op: 'default', value: 'x' }], 'x'],
    ['', [{ op: 'lookup', table: {} }], ''],
    ['已付款', [{ op: 'lookup', table: { 已付款: 'paid' } }], 'paid'],
    ['odd', [{ op: 'lookup', table: {}, otherwise: 'keep' }], 'odd'],
    ['aB', [{ op: 'upper' }], 'AB'],
    ['0012', [{ op: 'trim' }], '0012'],
  ])('turns %j by %j into %j', (text, steps, expected) => {
    expect(run(text, ...steps)).toBe(expected)
  })
  it.each([
    ['12,34', [{ op: 'decimal' }], 'number-unreadable'],
    ['1.2.3', [{ op: 'decimal' }], 'number-unreadable'],
    ['abc', [{ op: 'decimal' }], 'number-unreadable'],
    ['-', [{ op: 'decimal' }], 'number-unreadable'],
    ['1.5', [{ op: 'integer' }], 'number-unreadable'],
    ['odd', [{ op: 'lookup', table: { a: 'b' } }], 'value-unmapped'],
    ['toString', [{ op: 'lookup', table: { a: 'b' } }], 'value-unmapped'],
    ['2025-02-30', [{ op: 'date', formats: ['yyyy-MM-dd'] }], 'date-unreadable'],
  ])('refuses %j by %j as %s', (text, steps, code) => {
    expect(codeOf(() => run(text, ...steps))).toBe(code)
  })
  it('reads dates in the zone of the file, by the formats given', () => {
    const formats = ['dd/MM/yy', 'yyyy-MM-dd HH:mm', 'excel-serial']
    expect(run('11/12/25', { op: 'date', formats })).toBe('2025-12-10T16:00:00Z')
    expect(run('2025-12-11 08:30', { op: 'date', formats, timezone: 'Europe/London' })).toBe('2025-12-11T08:30:00Z')
    expect(run('45972', { op: 'date', formats })).toBe('2025-11-10T16:00:00Z')
    expect(run('45972.5', { op: 'date', formats, timezone: 'UTC' })).toBe('2025-11-11T12:00:00Z')
  })
  it('refuses a date that can be read in more than one way, unless a format is given', () => {
    expect(codeOf(() => unambiguousInstant('11/12/25', 'UTC', ''))).toBe('date-ambiguous')
    expect(codeOf(() => unambiguousInstant('45972', 'UTC', ''))).toBe('date-ambiguous')
    expect(unambiguousInstant('2025/1/5 9:05', 'Asia/Shanghai', '')).toBe('2025-01-05T01:05:00Z')
    expect(unambiguousInstant('2025-01-05T09:05:06+02:00', 'Asia/Shanghai', '')).toBe('2025-01-05T07:05:06Z')
  })
  it('says how exact a time is', () => {
    expect(['2025-01-05', '2025-01-05 9:05', '2025-01-05 9:05:01', '45972.5', '45972'].map(precisionOf)).toEqual(['day', 'min', 's', 's', 'day'])
  })
  it("never quotes text that may be somebody's name or address in an error", () => {
    for (const work of [
      () => run('张三', { op: 'decimal' }),
      () => unambiguousInstant('12 Main Street', 'UTC', ''),
      () => run('Jane Doe', { op: 'integer' }),
    ])
      expect(work).toThrow(/A text of \d+ characters/)
  })
})

describe('orders', () => {
  it('rounds each line half up and adds up the rounded lines', () => {
    const document = doc('no,at,sku,qty,price', 'A1,2025-01-01,x,3,0.335', 'A1,2025-01-01,y,1,0.001')
    const order = orderOf(mapFileDocument(document, 'A1', simple(), context))
    expect(order.lines.map((line) => line.gross.minor)).toEqual([101, 0])
    expect(order.totals.total.minor).toBe(101)
    expect(reportFileDocument(document, 'A1', simple(), context).report).toMatchObject({
      as: 'order',
      exact: '1.006',
      rounded: '1.01',
      rowLines: [1, 2],
    })
  })
  it('accepts a declared total that rounded the whole, and declares the difference', () => {
    const order = orderOf(
      mapFileDocument(doc('no,at,sku,qty,price,total', 'A1,2025-01-01,x,1,0.005,0.01', 'A1,2025-01-01,y,1,0.005,0.01'), 'A1', simple(), context),
    )
    expect(order.totals).toMatchObject({ items: { minor: 2 }, rounding: { minor: -1 }, total: { minor: 1 } })
  })
  it('keeps an order whose parts do not add up, and says so', () => {
    const { mapped, report } = reportFileDocument(doc('no,at,sku,qty,price,total', 'A1,2025-01-01,x,2,5,9'), 'A1', simple(), context)
    expect(report).toMatchObject({ as: 'held', held: { code: 'totals-mismatch' } })
    expect(mapped && orderOf(mapped).totals).toMatchObject({ total: { minor: 900 }, items: { minor: 1000 }, rounding: { minor: 0 } })
  })
  it('spreads an order discount over the lines to the last cent', () => {
    const order = orderOf(
      mapFileDocument(
        doc('no,at,sku,qty,price,off,ship,lineoff', 'A1,2025-01-01,x,1,10,1.00,5,', 'A1,2025-01-01,y,1,10,1.00,5,', 'A1,2025-01-01,z,1,10,1.00,5,2'),
        'A1',
        simple(),
        context,
      ),
    )
    expect(order.lines.map((line) => line.discount.minor)).toEqual([36, 36, 228])
    expect(order.totals).toMatchObject({ items: { minor: 2700 }, discount: { minor: 300 }, shipping: { minor: 500 }, total: { minor: 3200 } })
    expect(
      order.discounts.map((discount) => [
        discount.scope,
        discount.amount.minor,
        discount.allocations.reduce((sum, one) => sum + one.amount.minor, 0),
      ]),
    ).toEqual([
      ['line', 200, 200],
      ['order', 100, 100],
    ])
  })
  it('handles currencies without and with three decimals', () => {
    expect(
      orderOf(mapFileDocument(doc('no,at,sku,qty,price', 'A1,2025-01-01,x,3,100.4'), 'A1', simple({ currency: 'JPY' }), context)).totals.total,
    ).toEqual({ minor: 301, currency: 'JPY' })
    expect(
      orderOf(mapFileDocument(doc('no,at,sku,qty,price', 'A1,2025-01-01,x,3,1.2345'), 'A1', simple({ currency: 'KWD' }), context)).totals.total,
    ).toEqual({ minor: 3704, currency: 'KWD' })
  })
  it.each([
    ['a total that differs between rows', doc('no,at,sku,qty,price,total', 'A1,2025-01-01,x,1,5,10', 'A1,2025-01-01,y,1,5,11'), 'rows-disagree'],
    ['a negative quantity', doc('no,at,sku,qty,price', 'A1,2025-01-01,x,-1,5'), 'quantity-negative'],
    ['a quantity that is no number', doc('no,at,sku,qty,price', 'A1,2025-01-01,x,two,5'), 'number-unreadable'],
    ['no quantity', doc('no,at,sku,qty,price', 'A1,2025-01-01,x,,5'), 'quantity-missing'],
    ['no price', doc('no,at,sku,qty,price', 'A1,2025-01-01,x,1,'), 'price-missing'],
    ['no time', doc('no,at,sku,qty,price', 'A1,,x,1,5'), 'placed-at-missing'],
    ['an ambiguous time', doc('no,at,sku,qty,price', 'A1,11/12/25,x,1,5'), 'date-ambiguous'],
    ['a SKU a spreadsheet destroyed', doc('no,at,sku,qty,price', 'A1,2025-01-01,6.90123E+12,1,5'), 'id-destroyed'],
    [
      'a row a reader complained about',
      { ...doc('no,at,sku,qty,price', 'A1,2025-01-01,x,1,5'), problems: [{ row: 0, code: 'row-too-long', message: 'm' }] },
      'row-too-long',
    ],
  ])('holds %s', (_, document, code) => {
    expect(reportFileDocument(document, 'A1', simple(), context).report).toMatchObject({ as: 'held', held: { code } })
  })
  it('says where the offending cell stands', () => {
    expect(
      reportFileDocument(doc('no,at,sku,qty,price', 'A1,2025-01-01,x,1,5', 'A1,2025-01-01,y,two,5'), 'A1', simple(), context).report.held?.pointer,
    ).toBe('/rows/1/3')
  })
  it('reads SKUs such as 15E10 and 1E5 as SKUs', () => {
    const order = orderOf(mapFileDocument(doc('no,at,sku,qty,price', 'A1,2025-01-01,15E10,1,5'), 'A1', simple(), context))
    expect(order.lines[0]).toMatchObject({ channelSku: '15E10', listingKey: '15E10' })
  })
})

describe('money given back', () => {
  const back = simple({
    rules: [
      { name: 'back', when: [{ column: 'qty', is: 'negative' }], rows: 'every', then: 'return' },
      { name: 'word', when: [{ column: 'no', is: 'prefix', values: ['R'] }], then: 'refund' },
      { name: 'adj', when: [{ column: 'no', is: 'prefix', values: ['J'] }], then: 'adjustment' },
    ],
  })
  it('is positive whether rows are negative or not, and names its order', () => {
    const negative = refundOf(mapFileDocument(doc('no,at,sku,qty,price,of', 'X1,2025-01-01,a,-2,5.00,A1'), 'X1', back, context))
    expect(negative).toMatchObject({
      kind: 'return',
      channelOrderNo: 'A1',
      amount: { minor: 1000 },
      lines: [{ quantity: '2', amount: { minor: 1000 } }],
    })
    expect(refundOf(mapFileDocument(doc('no,at,sku,qty,price', 'R1,2025-01-01,a,2,5.00'), 'R1', back, context))).toMatchObject({
      kind: 'refund',
      amount: { minor: 1000 },
    })
  })
  it('keeps the sign of an adjustment', () => {
    expect(refundOf(mapFileDocument(doc('no,at,sku,qty,price', 'J1,2025-01-01,a,1,-5.00'), 'J1', back, context)).amount.minor).toBe(500)
    expect(refundOf(mapFileDocument(doc('no,at,sku,qty,price', 'J2,2025-01-01,a,1,5.00'), 'J2', back, context)).amount.minor).toBe(-500)
  })
  it('holds a document that mixes goods sold and goods returned', () => {
    expect(reportFileDocument(doc('no,at,sku,qty,price', 'R1,2025-01-01,a,1,5', 'R1,2025-01-01,b,-1,5'), 'R1', back, context).report.held?.code).toBe(
      'signs-mixed',
    )
  })
})

describe('field maps', () => {
  it('refuses a map that lacks what an order needs, unknown converters and unknown paths', () => {
    expect(codeOf(() => parseFieldMap({ documentKey: ['no'], order: {}, line: {} }))).toBe('field-map-invalid')
    expect(codeOf(() => simple({ line: { ...simple().line, title: { columns: ['t'], convert: [{ op: 'eval', code: '1' }] } } }))).toBe(
      'field-map-invalid',
    )
    expect(codeOf(() => simple({ order: { ...simple().order, channelOrderNo: { columns: ['t'] } } }))).toBe('field-map-invalid')
    expect(codeOf(() => resolveFieldMap('no-such-map'))).toBe('field-map-invalid')
  })
  it("is read from the connection's settings by the mapping of the channel", () => {
    const config = { fieldMap: 'uci-online-retail' }
    const raw = {
      kind: 'order' as const,
      externalId: '5',
      doc: {
        columns: ['InvoiceNo', 'StockCode', 'Description', 'Quantity', 'InvoiceDate', 'UnitPrice', 'CustomerID', 'Country'],
        rows: [['5', '85123A', 'T-LIGHT', '6.0', '2010-12-01 08:26:00', '2.55', '17850.0', 'United Kingdom']],
      },
    }
    expect(files.map(raw, { ...context, config })).toMatchObject({
      kind: 'order',
      order: {
        currency: 'GBP',
        placedAt: '2010-12-01T08:26:00Z',
        buyerRef: '17850',
        closed: true,
        payment: 'paid',
        extra: { country: 'United Kingdom' },
        lines: [{ quantity: '6', shipped: '6', gross: { minor: 1530 } }],
      },
    })
    expect(() => files.map({ ...raw, doc: { rows: 3 } }, { ...context, config })).toThrow(/not rows of a file/)
    expect(codeOf(() => files.map(raw, { ...context, config: { fieldMap: 'no-such-map' } }))).toBe('field-map-invalid')
  })
  it('maps the same document to the same bytes', () => {
    const document = doc('no,at,sku,qty,price,off', 'A1,2025-01-01,x,3,0.335,0.10', 'A1,2025-01-01,y,1,7,0.10')
    expect(JSON.stringify(mapFileDocument(document, 'A1', simple(), context))).toBe(
      JSON.stringify(mapFileDocument(structuredClone(document), 'A1', simple(), context)),
    )
  })
})

describe('a row that hands over an order placed elsewhere', () => {
  const map = simple({
    order: {
      placedAt: { columns: ['at'] },
      payment: { const: 'paid' },
      cancelled: { columns: ['void'], optional: true },
      pickupOf: { columns: ['collects'], optional: true },
    },
  })
  it('is no order of its own, and keeps the number as it is written', () => {
    const row = doc('no,at,sku,qty,price,collects', 'T1,2026-11-22T08:00:00Z,TEA,1,5.00,00172')
    expect(mapFileDocument(row, 'T1', map, context)).toMatchObject({ kind: 'ignore', rule: 'collected:00172' })
    expect(reportFileDocument(row, 'T1', map, context).report).toMatchObject({ as: 'ignored', rule: 'collected', exact: '5' })
  })
  it('hands over nothing when it is undone or brings goods back', () => {
    const undone = doc('no,at,sku,qty,price,collects,void', 'T3,2026-11-22T08:00:00Z,TEA,1,5.00,172,yes')
    expect(mapFileDocument(undone, 'T3', map, context)).toMatchObject({ kind: 'ignore', rule: 'pickup-cancelled' })
    const back = doc('no,at,sku,qty,price,collects', 'T4,2026-11-22T08:00:00Z,TEA,-1,5.00,172')
    expect(codeOf(() => mapFileDocument(back, 'T4', map, context))).not.toBe('')
  })
  it('is an order where nothing is said', () => {
    expect(mapFileDocument(doc('no,at,sku,qty,price,collects', 'T2,2026-11-22T08:00:00Z,TEA,1,5.00,'), 'T2', map, context)).toMatchObject({
      kind: 'order',
    })
  })
})
