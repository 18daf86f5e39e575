import { describe, expect, it } from 'vitest'
import { leavesOf } from '../../console/src/pages/order/leaves.ts'
import { matchingLines, prettyLines } from '../../console/src/pages/order/raw-lines.ts'
import { splitIds } from '../../console/src/pages/orders/filters.ts'
import { parseSearch, stringifySearch } from '../../console/src/app/search.ts'

const raw =
  '{"id":4417065288130721945,"note":"a, b: {c} \\"d\\"","totalWithTax":93723,"shipping":0,"tax":"0.00","at":"2026-11-22T06:29:50","lines":[],"more":{"total":"937.23"}}'

const leaf = (name: string, value: string, currency?: string) => ({
  path: name,
  name,
  group: '',
  value,
  money: currency === undefined ? undefined : { amount: value, currency },
})
const texts = (name: string, value: string, currency?: string): readonly string[] => {
  const lines = prettyLines(raw)
  return [...matchingLines(lines, leaf(name, value, currency))].map((index) => (lines[index] ?? '').trim())
}

describe('a document as received', () => {
  it('is broken into lines without touching a digit or a text', () => {
    const lines = prettyLines(raw)
    expect(lines).toContain('  "id": 4417065288130721945,')
    expect(lines).toContain('  "note": "a, b: {c} \\"d\\"",')
    expect(lines).toContain('  "lines": [],')
    expect(lines.join('').replace(/ /g, '')).toBe(raw.replace(/ /g, ''))
  })

  it('keeps text that is not JSON line by line', () => {
    expect(prettyLines('a;b\r\nc;d')).toEqual(['a;b', 'c;d'])
  })
})

describe('where a value comes from', () => {
  it('finds amounts as text, in minor units and in other writing', () => {
    expect(texts('total', '937.23', 'USD')).toEqual(['"totalWithTax": 93723,', '"total": "937.23"'])
    expect(texts('tax', '0.00', 'USD')).toEqual(['"tax": "0.00",'])
  })

  it('finds ids of any length and the same instant', () => {
    expect(texts('channel_order_no', '4417065288130721945')).toEqual(['"id": 4417065288130721945,'])
    expect(texts('placed_at', '2026-11-22T06:29:50Z')).toEqual(['"at": "2026-11-22T06:29:50",'])
  })

  it('claims nothing for what the document does not carry', () => {
    expect(texts('rounding', '12.00', 'USD')).toEqual([])
    expect(texts('is_cod', 'false')).toEqual([])
  })

  it('lists a canonical document with its own fields first', () => {
    const leaves = leavesOf({ currency: 'USD', totals: { total: { amount: '1.00', currency: 'USD' } }, lines: [{ title: 'Mug' }], empty: null })
    expect(leaves.map((one) => one.path)).toEqual(['currency', 'totals.total', 'lines[0].title'])
  })
})

describe('the address', () => {
  it('keeps an order number digit by digit', () => {
    const text = stringifySearch({ q: '4417065288130721945', panel: '12', empty: '' })
    expect(text).toBe('?q=4417065288130721945&panel=12')
    expect(parseSearch(text)).toEqual({ q: '4417065288130721945', panel: '12' })
  })

  it('splits pasted numbers at anything people paste between them', () => {
    expect(splitIds(' 1001\n1002,1003;1004\t1005，1006、1001 ')).toEqual(['1001', '1002', '1003', '1004', '1005', '1006'])
    expect(splitIds(Array.from({ length: 600 }, (_, index) => String(index)).join(' '))).toHaveLength(500)
  })
})
