import { expect, it } from 'vitest'
import { HubProblem } from '../../console/src/api/http.ts'
import en from '../../console/src/i18n/en/index.ts'
import zh from '../../console/src/i18n/zh-CN/index.ts'
import { meanings } from '../../console/src/pages/mappings/form/basics.tsx'
import { kindOf, newSteps, rowsOf, targetsOf, withRow } from '../../console/src/pages/mappings/form/field-map.ts'
import { problemsAt, problemsOf } from '../../console/src/pages/mappings/form/problems.ts'
import { columnAt, sourcesIn } from '../../console/src/pages/mappings/form/sources.ts'
import { settingChanges } from '../../console/src/pages/mappings/setting-changes.ts'
import { settingText } from '../../console/src/pages/mappings/setting-text.ts'
import { isComplete } from '../../console/src/pages/mappings/use-draft.ts'
import { STATUS_MEANINGS } from '../../src/core/document-map.ts'
import { Converter, LINE_PATHS, ORDER_PATHS } from '../../src/core/field-map.ts'

const map = {
  title: 'Weekly file',
  documentKey: ['order'],
  order: { placedAt: { columns: ['at'], convert: [{ op: 'date', formats: ['yyyy-MM-dd'] }] }, discount: { columns: ['coupon'], convert: [] } },
  line: {},
}

it('writes a setting so that it reads, and reads as what it was', () => {
  expect(JSON.parse(settingText(map))).toEqual(map)
  expect(settingText(map).split('\n')).toContain('    "discount": { "columns": ["coupon"], "convert": [] }')
  expect(settingText('generic-orders')).toBe('"generic-orders"')
  expect(settingText(undefined)).toBe('')
})

it('says in which places two settings differ', () => {
  const after = { ...map, order: { placedAt: map.order.placedAt, discount: { columns: ['coupon', 'platform'], convert: [] } }, line: { tax: 1 } }
  expect(settingChanges(map, after)).toEqual([
    { path: 'order.discount.columns.1', from: '', to: 'platform' },
    { path: 'line.tax', from: '', to: '1' },
  ])
  expect(settingChanges(undefined, 'orders-zh')).toEqual([{ path: '', from: '', to: 'orders-zh' }])
})

it('keeps half a rule on the page', () => {
  const rule = { kind: 'word', field: 'status', entity: '', from: 'packed', to: 'sent' } as const
  expect(isComplete({ rules: [rule], settings: {} })).toBe(true)
  expect(isComplete({ rules: [{ ...rule, to: '' }], settings: {} })).toBe(false)
  expect(isComplete({ rules: [{ ...rule, to: 'packed' }], settings: {} })).toBe(false)
  expect(isComplete({ rules: [{ kind: 'field', field: '', entity: 'order/1', from: '', to: 'x' }], settings: {} })).toBe(false)
})

const shop = {
  lines: '/items',
  status: '/state',
  statuses: { paid: 'to_ship' },
  order: { placedAt: { columns: ['/at'] }, discount: { columns: ['/coupon'], convert: [{ op: 'decimal', point: ',' }], note: 'unknown here' } },
  line: { quantity: { columns: ['./qty'] } },
  refund: { id: '/id' },
}
const raw = '{"at":"2026-11-01","coupon":"1,50","items":[{"sku":"TEA","qty":"2"},{"sku":"CUP","qty":"1","tag":"x"}]}'

it('reads a field map into rows and writes one of them, leaving everything else as it was', () => {
  expect([kindOf(shop), kindOf({ ...shop, lines: undefined, documentKey: ['no'] }), kindOf({ till: 'x' }), kindOf('generic-orders')]).toEqual([
    'document',
    'file',
    undefined,
    undefined,
  ])
  const rows = rowsOf(shop)
  expect(rows.map(({ part, path }) => `${part}.${path}`)).toEqual(['order.placedAt', 'order.discount', 'line.quantity'])
  const [placed] = rows
  if (placed === undefined) throw new Error('no rows')
  const moved = withRow(shop, placed, { ...placed, path: 'updatedAt', columns: ['/at', '/day'], join: 'T', steps: [{ op: 'trim' }] })
  expect(moved).toEqual({
    ...shop,
    order: { updatedAt: { columns: ['/at', '/day'], join: 'T', convert: [{ op: 'trim' }] }, discount: shop.order.discount },
  })
  expect(Object.keys(Object(moved['order']))).toEqual(['updatedAt', 'discount'])
  expect(withRow(shop, placed, { ...placed, part: 'extra', path: 'till', constant: '4' })).toEqual({
    ...shop,
    order: { discount: shop.order.discount },
    extra: { till: { const: '4' } },
  })
  expect(withRow(shop, placed, undefined)).toEqual({ ...shop, order: { discount: shop.order.discount } })
  expect(withRow(shop, undefined, placed)).toEqual({ ...shop, order: { discount: shop.order.discount, placedAt: { columns: ['/at'] } } })
})

it('offers the places of a document, and writes the one that was pointed at as a field map does', () => {
  const place = { kind: 'document', part: 'line', lines: '/items' } as const
  expect(sourcesIn(raw, place).map(({ value, sample }) => `${value}=${sample}`)).toEqual([
    './sku=TEA',
    './qty=2',
    './tag=x',
    '/at=2026-11-01',
    '/coupon=1,50',
  ])
  expect(sourcesIn(raw, { ...place, part: 'order' }).map(({ value }) => value)).toContain('/items/0/sku')
  expect([columnAt(raw, '/items/1/qty', place), columnAt(raw, '/coupon', place), columnAt(raw, '', place)]).toEqual(['./qty', '/coupon', undefined])
  const file = JSON.stringify({
    columns: ['Order', 'SKU'],
    rows: [
      ['1', 'TEA'],
      ['1', 'CUP'],
    ],
  })
  const inFile = { kind: 'file', part: 'line', lines: '' } as const
  expect(sourcesIn(file, inFile)).toEqual([
    { value: 'Order', sample: '1' },
    { value: 'SKU', sample: 'TEA' },
  ])
  expect([columnAt(file, '/rows/1/1', inFile), columnAt(file, '/columns/0', inFile), columnAt(file, '/rows/1', inFile)]).toEqual([
    'SKU',
    'Order',
    undefined,
  ])
  expect(sourcesIn('no json', inFile)).toEqual([])
})

it('knows every value a map can fill, in both languages, and none the hub does not', () => {
  const paths = (kind: 'document' | 'file', part: string) => targetsOf(kind).flatMap((target) => (target.part === part ? [target.path] : []))
  expect(paths('file', 'order').toSorted()).toEqual([...ORDER_PATHS].toSorted())
  expect(paths('file', 'line')).toEqual([...LINE_PATHS])
  expect(meanings).toEqual(STATUS_MEANINGS)
  const codes = targetsOf('file').map(({ part, path }) => `${part}_${path.replace('.', '_')}`)
  for (const words of [en, zh])
    for (const area of ['fieldTarget', 'fieldMeaning'] as const) expect(Object.keys(words[area]).toSorted()).toEqual(codes.toSorted())
  // The hub takes each step the form begins.
  const words = { default: { value: 'x' }, stripPrefix: { text: 'x' }, stripSuffix: { text: 'x' } }
  for (const step of newSteps) expect(Converter.safeParse({ ...step, ...Object(Reflect.get(words, step.op)) }).success, step.op).toBe(true)
  for (const words of [en, zh]) expect(Object.keys(words.fieldStep).toSorted()).toEqual(newSteps.map(({ op }) => op).toSorted())
})

it('keeps what the hub complains about beside the field it concerns', () => {
  const problem = new HubProblem(400, {
    errors: [
      { pointer: '/settings/mapping/order/placedAt', message: 'no pointer' },
      { pointer: '/rules/0/to', message: 'same' },
    ],
  })
  const problems = problemsOf('mapping', [problem, problem, null, new Error('x')])
  expect(problems).toEqual([{ pointer: '/order/placedAt', message: 'no pointer' }])
  expect([
    problemsAt(problems, '/order/placedAt').length,
    problemsAt(problems, '/order/placed').length,
    problemsAt(problems, '/order').length,
  ]).toEqual([1, 0, 1])
})
