import { expect, it } from 'vitest'
import { differenceOf, isSame, rebased, type RuleSpec } from '../../../src/core/overrides.ts'
import { valueChanges } from '../../../src/normalize/value-changes.ts'

const word = (from: string, to: string): RuleSpec => ({ kind: 'word', field: 'status', entity: '', from, to })

it('tells a rule that answers anew from one that came and one that went', () => {
  const difference = differenceOf(
    { rules: [word('a', 'x'), word('b', 'x')], settings: { map: { one: 1, two: 2 }, gone: 1 } },
    { rules: [word('b', 'y'), word('c', 'x')], settings: { map: { two: 2, one: 1 }, come: 1 } },
  )
  expect(difference).toEqual({
    added: [word('c', 'x')],
    removed: [word('a', 'x')],
    changed: [{ before: word('b', 'x'), after: word('b', 'y') }],
    settings: [
      { name: 'come', before: null, after: 1 },
      { name: 'gone', before: 1, after: null },
    ],
  })
  const same = { rules: [word('a', 'x'), word('b', 'x')], settings: {} }
  expect(isSame(differenceOf(same, { ...same, rules: same.rules.toReversed() }))).toBe(true)
})

it('carries a draft over what was published meanwhile: its own words win, nothing published is lost', () => {
  const base = { rules: [word('a', 'x'), word('b', 'x'), word('d', 'x')], settings: { map: 1, other: 1 } }
  const now = { rules: [word('a', 'z'), word('b', 'x'), word('fix', 'x')], settings: { map: 2, other: 1 } }
  const draft = { rules: [word('a', 'x'), word('b', 'y'), word('new', 'x'), word('d', 'x')], settings: { map: 1, other: 5 } }
  const carried = rebased(base, now, draft)
  expect(new Set(carried.rules)).toEqual(new Set([word('a', 'z'), word('fix', 'x'), word('new', 'x'), word('b', 'y')]))
  expect(carried.settings).toEqual({ map: 2, other: 5 })
})

it('compares documents value by value, amounts by how much', () => {
  const cny = (amount: string) => ({ amount, currency: 'CNY' })
  expect(
    valueChanges(
      { total: cny('10.00'), lines: [{ net: cny('5.00'), sku: null }], cancelled: null, note: 'x' },
      { total: cny('8.50'), lines: [{ net: cny('5.00'), sku: 'TEA' }, { net: cny('1.00') }], cancelled: { by: 'buyer' }, note: 'x' },
    ),
  ).toEqual([
    { path: 'total', from: '10.00 CNY', to: '8.50 CNY', delta: { minor: -150, currency: 'CNY' } },
    { path: 'lines[].sku', from: '', to: 'TEA' },
    { path: 'lines[].net', from: '', to: '1.00 CNY', delta: { minor: 100, currency: 'CNY' } },
    { path: 'cancelled.by', from: '', to: 'buyer' },
  ])
  expect(valueChanges({ a: cny('1.00') }, { a: { amount: '1.00', currency: 'USD' } })).toEqual([{ path: 'a', from: '1.00 CNY', to: '1.00 USD' }])
})
