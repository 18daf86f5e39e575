import { describe, expect, it } from 'vitest'
import { judge, median, missing, quantile, toReport, toTable } from '../../../bench/report.ts'

describe('a row of the figures', () => {
  it('holds a value against bounds of its own', () => {
    expect(judge({ metric: 'latency', value: 49.96, unit: 'ms' }, { atMost: 50 })).toMatchObject({ pass: true, goal: '≤ 50', value: 50 })
    expect(judge({ metric: 'latency', value: 50.2, unit: 'ms' }, { atMost: 50 }).pass).toBe(false)
    expect(judge({ metric: 'feed', value: 9_999, unit: 'orders/s' }, { atLeast: 10_000 }).pass).toBe(false)
  })

  it('holds it against the best peer and the limit, and needs both', () => {
    const bounds = { peer: { value: 1000, atLeast: 2.5 }, limit: { value: 6000, atLeast: 0.45 } }
    const kept = judge({ metric: 'bulk', value: 3000, unit: 'orders/s' }, bounds)
    expect(kept).toMatchObject({ ratio_to_peer: 3, ratio_to_limit: 0.5, pass: true, goal: '≥ 2.5 × peer, ≥ 0.45 × limit' })
    expect(judge({ metric: 'bulk', value: 2600, unit: 'orders/s' }, bounds)).toMatchObject({ ratio_to_peer: 2.6, ratio_to_limit: 0.433, pass: false })
  })

  it('fails where the peer is missing, whatever the value', () => {
    expect(judge({ metric: 'bulk', value: 9e9, unit: 'orders/s' }, { peer: { value: null, atLeast: 2.5 } })).toMatchObject({
      ratio_to_peer: null,
      pass: false,
    })
  })

  it('judges the figure as measured, not as rounded for reading', () => {
    expect(judge({ metric: 'growth', value: 1.502, unit: '×' }, { atMost: 1.5 })).toMatchObject({ value: 1.5, pass: false })
  })

  it('only informs without a goal, and fails without a value', () => {
    expect(judge({ metric: 'cpu', value: 0.4, unit: 's' }, {})).toMatchObject({ goal: null, pass: true })
    expect(judge({ metric: 'cpu', value: null, unit: 's' }, {}).pass).toBe(false)
    expect(missing('memory', 'MB', '≤ 400', 'not here')).toMatchObject({ value: null, pass: false, note: 'not here' })
  })
})

describe('the report', () => {
  const rows = [judge({ metric: 'feed', value: 12_000, unit: 'orders/s' }, { atLeast: 10_000 }), missing('hooks', 'hooks/s', '≥ 3000', 'no answer')]

  it('is one object: metric → value, unit, ratios, goal, pass', () => {
    expect(JSON.parse(JSON.stringify(toReport(rows)))).toEqual({
      feed: { value: 12_000, unit: 'orders/s', ratio_to_peer: null, ratio_to_limit: null, goal: '≥ 10000', pass: true },
      hooks: { value: null, unit: 'hooks/s', ratio_to_peer: null, ratio_to_limit: null, goal: '≥ 3000', pass: false, note: 'no answer' },
    })
  })

  it('is a table that names what failed and why', () => {
    const lines = toTable(rows).split('\n')
    expect(lines[2]).toMatch(/^feed +12000 +orders\/s .* yes$/)
    expect(lines[3]).toMatch(/^hooks +– .* NO$/)
    expect(lines.at(-1)).toBe('hooks: no answer')
  })
})

describe('medians and quantiles', () => {
  it('are values that were measured', () => {
    expect(median([3, 1, 2])).toBe(2)
    expect(median([4, 1, 2, 3])).toBe(2)
    const hundred = Array.from({ length: 100 }, (_, at) => 100 - at)
    expect(quantile(hundred, 0.99)).toBe(99)
    expect(quantile(hundred, 1)).toBe(100)
    expect(() => median([])).toThrow('Nothing was measured')
  })
})
