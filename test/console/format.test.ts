import { describe, expect, it } from 'vitest'
import { formatMoney } from '../../console/src/format/money.ts'
import { formatCount, formatDecimal, formatDelta, formatPercent, cutMiddle } from '../../console/src/format/number.ts'
import { addSums } from '../../console/src/format/sum.ts'
import { formatAgo, formatSpan, formatUntil } from '../../console/src/format/time.ts'

describe('money', () => {
  it.each([
    ['388.00', 'CNY', '¥388.00'],
    ['1184.55', 'USD', '$1,184.55'],
    ['-0.01', 'USD', '−$0.01'],
    ['1200', 'JPY', '¥1,200'],
    ['5', 'EUR', '€5.00'],
    ['-0.00', 'EUR', '€0.00'],
    ['90071992547409931.27', 'CNY', '¥90,071,992,547,409,931.27'],
    ['0.001', 'GBP', '£0.001'],
    ['12.345', 'KWD', 'KWD 12.345'],
    ['7.00', 'XYZW', 'XYZW 7.00'],
  ])('%s %s is %s', (amount, currency, text) => {
    expect(formatMoney({ amount, currency })).toBe(text)
  })

  it('shows unknown as a dash and zero as zero', () => {
    expect(formatMoney(null)).toBe('—')
    expect(formatMoney({ amount: '0', currency: 'CNY' })).toBe('¥0.00')
  })

  it('adds exactly and keeps currencies apart', () => {
    const sums = addSums([
      { amount: '0.1', currency: 'CNY' },
      { amount: '0.20', currency: 'CNY' },
      { amount: '9007199254740993.01', currency: 'CNY' },
      { amount: '-1.5', currency: 'EUR' },
    ])
    expect(sums).toEqual([
      { amount: '9007199254740993.31', currency: 'CNY' },
      { amount: '-1.5', currency: 'EUR' },
    ])
  })
})

describe('numbers', () => {
  it('groups digits of any length and uses a true minus', () => {
    expect(formatDecimal('-12345678901234567890.5')).toBe('−12,345,678,901,234,567,890.5')
    expect(formatDelta(3)).toBe('+3')
    expect(formatDelta(-3)).toBe('−3')
    expect(formatCount('2.500')).toBe('2.5')
    expect(formatCount('100')).toBe('100')
    expect(formatCount(null)).toBe('—')
  })

  it('never rounds a part up to the whole or down to nothing', () => {
    expect(formatPercent(999, 1000)).toBe('99%')
    expect(formatPercent(1, 1000)).toBe('1%')
    expect(formatPercent(0, 1000)).toBe('0%')
  })

  it('cuts only long ids, in the middle', () => {
    expect(cutMiddle('4417065288130721945')).toBe('4417…1945')
    expect(cutMiddle('DE-20771')).toBe('DE-20771')
  })
})

describe('time', () => {
  const now = Date.parse('2026-11-22T06:00:00Z')
  it('uses at most two units', () => {
    expect(formatSpan(11_520_000, 'en')).toBe('3 h 12 min')
    expect(formatSpan(11_520_000, 'zh-CN')).toBe('3 小时 12 分')
    expect(formatSpan(86_400_000 + 5_000, 'en')).toBe('1 d')
    expect(formatSpan(-4, 'en')).toBe('0 s')
  })

  it('counts down and then up', () => {
    expect(formatUntil('2026-11-22T07:00:00Z', now, 'en')).toBe('in 1 h')
    expect(formatUntil('2026-11-22T05:55:00Z', now, 'zh-CN')).toBe('已过 5 分')
    expect(formatAgo('2026-11-22T05:59:48Z', now, 'zh-CN')).toBe('12 秒前')
    expect(formatAgo(null, now, 'en')).toBe('—')
  })
})
