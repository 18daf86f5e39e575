import { describe, expect, it } from 'vitest'
import { ID, STAMP, TEXT, decodeCursor, encodeCursor, page } from '../../../src/http/cursor.ts'
import { nextWindow, settledEnd } from '../../../src/kit/windows.ts'
import { hasNoUsableId, sourceTimeOf, storable } from '../../../src/normalize/storable.ts'

const NOW = new Date('2026-11-22T06:00:00.000Z')

describe('positions', () => {
  it('of a page are given out and taken back unchanged, and no others', () => {
    const cursor = { sort: '-placed_at', value: '2026-01-01 00:00:00.123456+00', id: '42' }
    const text = encodeCursor(cursor)
    expect(decodeCursor(text, '-placed_at', STAMP, ID)).toEqual(cursor)
    const refused = (given: string, sort = '-placed_at', value = STAMP, id = ID): boolean => {
      try {
        decodeCursor(given, sort, value, id)
        return false
      } catch (error) {
        return error instanceof Error && 'status' in error && error.status === 400 && 'code' in error && error.code === 'input-invalid'
      }
    }
    const raw = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    expect([refused(text, 'placed_at'), refused(text, '-placed_at', ID), refused(text, '-placed_at', STAMP, /^x$/)]).toEqual([true, true, true])
    for (const given of [
      '',
      'x',
      '%',
      `${text}=`,
      ` ${text}`,
      'A'.repeat(1201),
      raw({ s: '-placed_at', v: cursor.value }),
      raw({ s: '-placed_at', v: cursor.value, i: '42', more: 1 }),
      raw({ s: '-placed_at', v: cursor.value, i: 42 }),
      raw(null),
      raw({ s: '-placed_at', v: 'x'.repeat(301), i: '42' }),
    ])
      expect([given.slice(0, 20), refused(given)]).toEqual([given.slice(0, 20), true])
    expect(refused(raw({ s: 'x'.repeat(41), v: 'a', i: '1' }), 'x'.repeat(41), TEXT)).toBe(true)
    const anything = /^.*$/
    const long = (v: string, i: string): string => raw({ s: 's', v, i })
    expect([refused(long('x'.repeat(300), '1'), 's', anything), refused(long('x'.repeat(301), '1'), 's', anything)]).toEqual([false, true])
    expect([refused(long('1', '1'.repeat(300)), 's', anything, anything), refused(long('1', '1'.repeat(301)), 's', anything, anything)]).toEqual([
      false,
      true,
    ])
    expect(refused(long('', ''), 's', anything, anything)).toBe(false)
    expect(['1', '999999999999999999', '0', '01', '1000000000000000000', '-1', '1 '].map((id) => ID.test(id))).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ])
  })

  it('are given out while there is more, and never beyond', () => {
    const rows = ['a', 'b', 'c']
    const of = (limit: number) => page(rows, limit, (row) => ({ sort: 's', value: row, id: '1' }))
    expect([of(2).items, of(2).has_more, of(3).items, of(3).has_more, of(3).next_cursor]).toEqual([['a', 'b'], true, ['a', 'b', 'c'], false, null])
    expect(decodeCursor(of(2).next_cursor ?? '', 's', TEXT, ID).value).toBe('b')
    expect(page([], 5, () => ({ sort: '', value: '', id: '' }))).toEqual({ items: [], next_cursor: null, has_more: false })
  })

  it('in the change time of a channel move forward by windows that overlap', () => {
    const next = (watermark: string, stream: Parameters<typeof nextWindow>[0]['stream'] = {}) => nextWindow({ watermark, now: NOW, stream })
    expect(next('2026-11-22T05:00:00Z', { maxWindowHours: 1, overlapSeconds: 600 })).toEqual({
      from: '2026-11-22T04:50:00.000Z',
      to: '2026-11-22T05:50:00.000Z',
      rewound: false,
    })
    expect(next('2026-11-20T00:00:00Z', { maxWindowHours: 1, overlapSeconds: 7200 })).toEqual({
      from: '2026-11-19T23:30:00.000Z',
      to: '2026-11-20T00:30:00.000Z',
      rewound: false,
    })
    expect(next('2026-11-22T06:00:00Z')).toBeUndefined()
    expect(next('2026-11-22T06:00:00.001Z')).toBeUndefined()
    expect(next('2026-11-22T06:00:01Z', { overlapSeconds: 10 })).toEqual({
      from: '2026-11-22T05:59:50.000Z',
      to: '2026-11-22T06:00:00.000Z',
      rewound: true,
    })
    expect(next('2026-11-22T05:59:59Z', { lagSeconds: 1 })).toBeUndefined()
    expect(next('2026-11-22T05:59:58Z', { lagSeconds: 1 })?.to).toBe('2026-11-22T05:59:59.000Z')
    expect(() => next('soon')).toThrow('"soon" is not an instant.')
  })
})

describe('the end of a window when clocks differ', () => {
  it('stands where the channel has left it behind, to the millisecond, and moves back by the difference else', () => {
    const end = (to: string, aheadMs: number, lagSeconds?: number): string =>
      settledEnd({ window: { from: '2026-11-22T00:00:00.000Z', to }, now: NOW, aheadMs, stream: lagSeconds === undefined ? {} : { lagSeconds } })
    expect([end('2026-11-22T05:59:40.000Z', 10_000, 10), end('2026-11-22T05:59:40.001Z', 10_000, 10)]).toEqual([
      '2026-11-22T05:59:40.000Z',
      '2026-11-22T05:59:30.001Z',
    ])
    expect([end('2026-11-22T05:59:50.000Z', 10_000), end('2026-11-22T05:59:50.001Z', 10_000)]).toEqual([
      '2026-11-22T05:59:50.000Z',
      '2026-11-22T05:59:40.001Z',
    ])
    expect([end('2026-11-22T06:10:00.000Z', 0, 10), end('2026-11-22T05:59:59.000Z', 1, 0)]).toEqual([
      '2026-11-22T06:10:00.000Z',
      '2026-11-22T05:59:59.000Z',
    ])
  })
})

describe('what a document is known and ordered by', () => {
  const record = (externalId: string, parentId?: string) => ({
    record: { kind: 'order' as const, externalId, payload: '{}', ...(parentId !== undefined && { parentId }) },
  })

  it('is its id, and the hash of an id that fits no index', () => {
    const fine = record('x'.repeat(300), 'p')
    expect(storable(fine)).toBe(fine)
    const long = storable(record('x'.repeat(301), 'p'.repeat(300)))
    expect([long.record.externalId, long.record.parentId]).toEqual([expect.stringMatching(/^too-long:[0-9a-f]{32}$/), 'p'.repeat(300)])
    expect([hasNoUsableId(long.record), hasNoUsableId(fine.record), hasNoUsableId({ externalId: 'a too-long:' })]).toEqual([true, false, false])
    expect(storable(record('x'.repeat(301))).record.externalId).not.toBe(storable(record('x'.repeat(302))).record.externalId)
    expect(storable(record('x'.repeat(301))).record).not.toHaveProperty('parentId')
    const child = storable(record('c', 'p'.repeat(301)))
    expect([child.record.externalId, child.record.parentId]).toEqual(['c', expect.stringMatching(/^too-long:/)])
  })

  it('is its time, and its arrival where that is none or lies in the future', () => {
    const came = '2026-11-22T06:00:00.000Z'
    const fine = [
      '2026-11-22T05:00:00Z',
      '2026-11-22T05:00:00.123456Z',
      '2026-11-22T13:00:00+08:00',
      '1970-01-01T00:00:00Z',
      '2024-02-29T00:00:00Z',
      '2026-11-23T06:00:00Z',
      '2026-01-28T00:00:00Z',
      '2026-01-31T00:00:00Z',
    ]
    for (const time of fine) expect(sourceTimeOf(time, came)).toBe(time)
    const odd = [
      undefined,
      '',
      'soon',
      '-1Z',
      '1763712000000',
      '2026-11-23T06:00:00.001Z',
      '9999-12-31T23:59:59Z',
      '2026-02-30T00:00:00Z',
      '2025-02-29T00:00:00Z',
      '2026-11-31T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-11-22T25:00:00Z',
      '1969-12-31T23:59:59Z',
      '2026-11-22T05:00:00',
      '2026-11-22 05:00:00Z',
      ' 2026-11-22T05:00:00Z',
      '2026-11-22T05:00:00Z ',
    ]
    for (const time of odd) expect([time, sourceTimeOf(time, came)]).toEqual([time, came])
  })
})
