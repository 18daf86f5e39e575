import { readFileSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mapFileDocument } from '../../mappings/field-map.ts'
import { mappings } from '../../mappings/index.ts'
import { unitPrice } from '../../mappings/parts/unit-price.ts'
import { MappingError } from '../../src/core/fault.ts'
import { parseFieldMap } from '../../src/core/field-map.ts'
import type { FileDocument } from '../../src/core/file-document.ts'
import type { Mapping } from '../../src/core/mapping.ts'
import { allocate, moneyFromDecimal } from '../../src/core/money.ts'
import { maskRaw } from '../../src/http/mask-raw.ts'
import { previewFile } from '../../src/app/files.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { type HubApp, hubApp } from '../http/hub-app.ts'
import { expectRefusal } from './problem.ts'
import { stateOf } from './state.ts'

/**
 * Mappings are code, reviewed and tested with the hub; what people may write themselves is a field map: data with a closed
 * list of steps. So the cases for an expression language become what somebody would try to write into a field map.
 */
let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
})
afterAll(() => app.close())

const CONTEXT = { connectionId: 'c', timezone: 'UTC', currency: 'CNY', config: {} }
const from = (column: string, ...convert: readonly unknown[]): unknown => ({ columns: [column], convert })
const MAP = {
  documentKey: ['no'],
  order: { placedAt: from('at', { op: 'date', formats: ['yyyy-MM-dd'] }), payment: { const: 'paid' } },
  line: { channelSku: from('sku'), quantity: from('qty', { op: 'decimal' }), unitPrice: from('price', { op: 'decimal' }) },
}
const withLine = (quantity: unknown): Readonly<Record<string, unknown>> => ({ ...MAP, line: { ...MAP.line, quantity } })
const withExtra = (extra: unknown): unknown => ({ ...MAP, extra })

/** A connection with such a field map is refused with a place, and nothing is stored. */
async function expectRefused(...fieldMaps: readonly unknown[]): Promise<void> {
  const before = await stateOf(app.hub.pool)
  for (const fieldMap of fieldMaps) {
    const answer = await app.call('POST', '/v1/connections', {
      key,
      body: { channel: 'files', name: 'Files', config: { fieldMap }, secrets: {}, timezone: 'UTC', currency: 'CNY' },
    })
    expectRefusal(answer, { status: 400, code: 'input-invalid' })
    expect(answer.json.errors[0].pointer).toMatch(/^\/config\/fieldMap/)
    expect(() => parseFieldMap(fieldMap)).toThrow(expect.objectContaining({ code: 'field-map-invalid' }))
  }
  expect(await stateOf(app.hub.pool)).toEqual(before)
}

const COLUMNS = ['no', 'at', 'sku', 'qty', 'price']
const document = (cells: readonly string[], columns = COLUMNS): FileDocument => ({ columns, rows: [cells] })
const held = (doc: FileDocument, map: unknown = MAP): string => {
  try {
    mapFileDocument(doc, 'A-1', parseFieldMap(map), CONTEXT)
  } catch (error) {
    if (error instanceof MappingError) return error.code
    throw error
  }
  return 'mapped'
}

describe('what cannot be written into a field map', () => {
  it('B-M 96 recursion: steps within steps, rules that name rules', async () => {
    const nested = { op: 'lookup', table: {}, then: { op: 'lookup', table: {} } }
    let deep: unknown = { op: 'trim' }
    for (let i = 0; i < 5; i += 1) deep = { op: 'trim', convert: [deep] }
    await expectRefused(withLine(from('qty', nested)), withLine(from('qty', deep)), {
      ...MAP,
      rules: [{ name: 'a', when: [{ rule: 'a' }], then: 'order' }],
    })
  })

  it('B-M 97 ranges and padding to a hundred million', async () => {
    await expectRefused(
      withLine(from('qty', { op: 'pad', length: 100_000_000 })),
      withLine(from('qty', { op: 'range', from: 1, to: 1_000_000_000 })),
      withLine(from('qty', { op: 'split', by: ',', index: 1_000_000_000 })),
      withLine(from('qty', { op: 'repeat', times: 1e8 })),
      withLine(from('qty', ...Array.from({ length: 13 }, () => ({ op: 'trim' })))),
    )
  })

  it('B-M 98 patterns; and no pattern of ours is slow on hostile cells and documents', async () => {
    await expectRefused(withLine(from('qty', { op: 'regex', pattern: '(a+)+$' })), withLine(from('qty', { op: 'match', pattern: '^(([a-z])+.)+$' })))
    const hostile = [
      `x${' '.repeat(300_000)}x`,
      `1${'\u3000'.repeat(300_000)}1`,
      `${'1,'.repeat(150_000)}x`,
      '('.repeat(300_000),
      `${'9'.repeat(300_000)}x`,
      `${'-'.repeat(300_000)}1`,
      '1.'.repeat(150_000),
    ]
    const steps = [
      { op: 'trim' },
      { op: 'digits' },
      { op: 'decimal' },
      { op: 'upper' },
      { op: 'stripPrefix', text: 'x' },
      { op: 'stripSuffix', text: 'x' },
    ]
    const map = {
      ...withLine(from('qty', ...steps)),
      order: { ...MAP.order, placedAt: from('at', { op: 'trim' }, { op: 'date', formats: ['yyyy-MM-dd', 'excel-serial'] }) },
    }
    // Read once for each of its characters, one of these cells would take minutes: the limit of the test is the limit of time.
    for (const cell of hostile) {
      expect(held(document(['A-1', '2026-11-20', 'TEA', cell, '1']), map)).toMatch(/^(number-unreadable|mapped)$/)
      expect(held(document(['A-1', cell, 'TEA', '1', '1']), map)).toBe('date-unreadable')
    }
    for (const text of [
      'a'.repeat(1_000_000),
      `${'a'.repeat(500_000)}@${'a.'.repeat(200_000)}`,
      '"a":"'.repeat(100_000),
      '<a>'.repeat(200_000),
      `"${'\\'.repeat(500_000)}`,
    ])
      expect(maskRaw(text, {}).length).toBeGreaterThan(0)
  })

  it('B-M 99 code', async () => {
    await expectRefused(
      withLine(from('qty', { op: 'eval', code: 'process.exit(1)' })),
      withLine(from('qty', { op: 'script', text: '$eval("1")' })),
      withLine({ expression: '$eval("1")' }),
      withLine('=quantity * 2'),
      { ...MAP, mapping: 'return order' },
    )
    // In a place for text, code is text.
    const order = mapFileDocument(document(['A-1', '2026-11-20', '${process.exit(1)}', '1', '1']), 'A-1', parseFieldMap(MAP), CONTEXT)
    expect(order).toMatchObject({ kind: 'order', order: { lines: [{ channelSku: '${process.exit(1)}' }] } })
  })

  it('B-M 100 the clock and chance', async () => {
    await expectRefused(withLine(from('qty', { op: 'now' })), withLine(from('qty', { op: 'random' })), {
      ...MAP,
      order: { ...MAP.order, placedAt: { now: true } },
    })
    const again = Array.from({ length: 5 }, () =>
      JSON.stringify(mapFileDocument(document(['A-1', '2026-11-20', 'TEA', '1', '1']), 'A-1', parseFieldMap(MAP), CONTEXT)),
    )
    expect(new Set(again).size).toBe(1)
  })

  it('B-M 103 maps that refer to themselves or to each other', async () => {
    await expectRefused(
      { $ref: '#' },
      { ...MAP, line: { $ref: '#/line' } },
      { ...MAP, extends: 'generic-orders' },
      'my-own-map',
      withLine({ field: 'line.quantity' }),
    )
  })

  it('B-M 106 texts of ten kilobytes', async () => {
    const long = 'x'.repeat(10_240)
    await expectRefused(
      withLine({ const: long }),
      withLine(from(long)),
      withLine(from('qty', { op: 'default', value: long })),
      withLine(from('qty', { op: 'split', by: long, index: 0 })),
      withLine(from('qty', { op: 'lookup', table: { [long]: '1' } })),
      withLine(from('qty', { op: 'lookup', table: Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [String(i), '1'])) })),
      { ...MAP, title: long },
      withExtra(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`x${i}`, { const: '' }]))),
    )
  })

  it('B-M 108 personal data where everybody reads it', async () => {
    const personal = {
      ...MAP,
      order: { ...MAP.order, 'recipient.phone': from('buyer_contact'), 'recipient.name': from('who'), buyerNote: from('wish') },
    }
    await expectRefused(
      { ...personal, extra: { contact: from('buyer_contact') } },
      { ...personal, line: { ...MAP.line, title: { columns: ['sku', 'who'] } } },
      { ...personal, order: { ...personal.order, sellerNote: from('wish') } },
      { ...personal, documentKey: ['buyer_contact'] },
      ...['Phone', 'E-Mail', 'delivery address', '手机', '收货人 ', '买家姓名', '身份证号', 'ＰＨＯＮＥ'].map((column) =>
        withExtra({ note: from(column) }),
      ),
    )
    expect(parseFieldMap({ ...personal, extra: { shop: from('shop') } }).extra).toHaveProperty('shop')
  })
})

describe('documents a mapping cannot read', () => {
  it('B-M 101 paths to nothing, to lists, to null', async () => {
    const nested = {
      ...MAP,
      format: { documents: 'data.orders', lines: 'items' },
      line: { ...MAP.line, channelSku: from('items.sku'), quantity: from('items.qty'), unitPrice: from('items.price') },
    }
    const bytes = (doc: unknown): Uint8Array => Buffer.from(JSON.stringify(doc))
    const seen = async (doc: unknown) => previewFile(bytes(doc), 'a.json', { ...CONTEXT, config: { fieldMap: nested } }, 5)
    expect((await seen({ data: null })).problem?.code).toBe('file-no-documents')
    expect((await seen({ data: { orders: 'none' } })).problem?.code).toBe('file-no-documents')
    expect((await seen({ data: { orders: [{ no: 'A-1', at: '2026-11-20', items: null }] } })).problem?.code).toBe('file-columns-missing')
    const mixed = await seen({
      data: {
        orders: [
          {
            no: 'A-1',
            at: '2026-11-20',
            items: [
              { sku: 'T', qty: [1, 2], price: null },
              { sku: 'T', qty: 1, price: 2 },
            ],
          },
        ],
      },
    })
    expect(mixed.documents[0]?.report).toMatchObject({ as: 'held' })
  })

  it('B-M 102 values of another kind than the order has', () => {
    const said = (cells: readonly string[]): string => held(document(cells))
    expect([
      said(['A-1', '2026-11-20', 'TEA', 'many', '1']),
      said(['A-1', 'soon', 'TEA', '1', '1']),
      said(['A-1', '2026-11-20', 'TEA', '1', 'free']),
    ]).toEqual(['number-unreadable', 'date-unreadable', 'number-unreadable'])
    const wrong = { ...MAP, order: { ...MAP.order, payment: { const: 'maybe' } } }
    expect(held(document(['A-1', '2026-11-20', 'TEA', '1', '1']), wrong)).toMatch(/unmapped|unknown|invalid/)
  })

  it('B-M 104 division by nothing, and halves of a cent', () => {
    expect([unitPrice('10', '0'), unitPrice('10', '3')]).toEqual(['0', '3.333333'])
    expect(allocate({ minor: 100, currency: 'CNY' }, [0, 0, 0]).map((part) => part.minor)).toEqual([100, 0, 0])
    expect(allocate({ minor: 101, currency: 'CNY' }, [1, 1]).map((part) => part.minor)).toEqual([51, 50])
    expect(allocate({ minor: -101, currency: 'CNY' }, [1, 1, 1]).reduce((sum, part) => sum + part.minor, 0)).toBe(-101)
    const refusal = (text: string): unknown => {
      try {
        return moneyFromDecimal(text, 'CNY').minor
      } catch (error) {
        return error instanceof MappingError ? error.code : error
      }
    }
    expect(['0.005', '1.005', '2.50', '-0.00', '1e2', 'NaN', '99999999999999999'].map(refusal)).toEqual([
      'money-precision',
      'money-precision',
      250,
      0,
      'money-unreadable',
      'money-unreadable',
      'money-range',
    ])
  })

  it('B-M 105 a status nobody mapped: held with its name, so that one rule repairs all', async () => {
    const recorded = readFileSync(new URL('../../connectors/woocommerce/fixtures/order-727-documentation.json', import.meta.url), 'utf8')
    const payload = JSON.stringify({ ...JSON.parse(recorded), id: 10_500, number: '10500', status: 'wc-teleported' })
    await app.hub.pool.query(`insert into connections (id, channel, name) values ('c_woo', 'woocommerce', 'woo')`)
    const context = { connectionId: 'c_woo', channel: 'woocommerce', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }
    const at = new Date().toISOString()
    const record = { kind: 'order' as const, externalId: '10500', sourceTime: '2026-11-01T00:00:00Z', payload }
    const result = await ingest({ ...app.hub, mappings }, context, [
      { record, source: 'poll', receivedAt: at, readStartedAt: at, authoritative: true },
    ])
    expect(result).toMatchObject({ held: 1, created: 0 })
    const { rows } = await app.hub.pool.query(
      `select g.code, d.reason from failure_groups g, raw_dispositions d where g.connection_id = 'c_woo' and d.connection_id = 'c_woo'`,
    )
    expect(rows).toEqual([{ code: 'status-unmapped', reason: expect.stringContaining('teleported') }])
  })

  it('B-M 107 an order whose lines all vanish', async () => {
    const noLines: Mapping = {
      channel: 'plain',
      version: 2,
      map: (raw, context) => {
        const mapped = app.hub.mappings.get('plain')?.map(raw, context)
        if (mapped?.kind !== 'order') throw new Error('a plain document is an order')
        return { kind: 'order', order: { ...mapped.order, lines: [] } }
      },
    }
    const at = new Date().toISOString()
    const record = {
      kind: 'order' as const,
      externalId: 'B-107',
      sourceTime: '2026-11-01T00:00:00Z',
      payload: JSON.stringify({ no: 'B-107', at: '2026-11-01T00:00:00Z' }),
    }
    await ingest({ ...app.hub, mappings: new Map([['plain', noLines]]) }, app.hub.context, [
      { record, source: 'poll', receivedAt: at, readStartedAt: at, authoritative: true },
    ])
    const { rows } = await app.hub.pool.query(`select h.code from holds h join orders o on o.id = h.order_id where o.channel_order_no = 'B-107'`)
    expect(rows.map((row: { readonly code: string }) => row.code)).toContain('lines-missing')
  })

  it('B-M 109 a mapping that no longer gives its recorded orders: every wrong amount, status and line shows in its samples', () => {
    const woo = mappings.get('woocommerce')
    const folder = new URL('../../connectors/woocommerce/fixtures/', import.meta.url)
    const samples = readdirSync(new URL('expected/', folder)).filter((file) => file.startsWith('order-'))
    const outcome = (mapping: Mapping | undefined, file: string): unknown => {
      try {
        const doc: unknown = JSON.parse(readFileSync(new URL(file, folder), 'utf8'))
        return mapping?.map({ kind: 'order', externalId: '1', doc }, { connectionId: 'c', timezone: 'UTC', currency: 'USD', config: {} })
      } catch (error) {
        return error instanceof MappingError ? { held: error.code } : error
      }
    }
    const changes: readonly ((order: Extract<ReturnType<Mapping['map']>, { kind: 'order' }>['order']) => object)[] = [
      (order) => ({ totals: { ...order.totals, total: { ...order.totals.total, minor: order.totals.total.minor + 1 } } }),
      (order) => ({ payment: order.payment === 'paid' ? 'pending' : 'paid' }),
      (order) => ({ lines: order.lines.slice(1) }),
      (order) => ({ currency: `${order.currency}X` }),
    ]
    expect(samples.length).toBeGreaterThan(20)
    for (const change of changes) {
      const broken: Mapping = {
        channel: 'woocommerce',
        version: 999,
        map: (raw, context) => {
          const mapped = woo?.map(raw, context)
          if (mapped?.kind !== 'order') return mapped ?? { kind: 'ignore', rule: '', reason: '' }
          return { kind: 'order', order: { ...mapped.order, ...change(mapped.order) } }
        },
      }
      const differing = samples.filter((file) => JSON.stringify(outcome(broken, file)) !== JSON.stringify(outcome(woo, file)))
      expect(differing.length).toBeGreaterThan(10)
    }
  })
})
