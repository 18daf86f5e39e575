import { expect, it } from 'vitest'
import { settingChanges } from '../../console/src/pages/mappings/setting-changes.ts'
import { settingText } from '../../console/src/pages/mappings/setting-text.ts'
import { isComplete } from '../../console/src/pages/mappings/use-draft.ts'

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
