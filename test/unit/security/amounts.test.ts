import { describe, expect, it } from 'vitest'
import { MappingError } from '../../../src/core/fault.ts'
import { allocate, exponentOf, moneyFromDecimal, moneyFromMinor, moneyToDecimal, sumMoney } from '../../../src/core/money.ts'

const codeOf = (run: () => unknown): string => {
  try {
    return `value ${JSON.stringify(run())}`
  } catch (error) {
    return error instanceof MappingError ? `${error.code}: ${error.message}` : 'another error'
  }
}
const read = (text: string, currency = 'CNY'): string => codeOf(() => moneyFromDecimal(text, currency).minor)
const cny = (minor: number) => ({ minor, currency: 'CNY' })

describe('amounts are exact', () => {
  it.each([
    ['BIF', 0],
    ['CLP', 0],
    ['JPY', 0],
    ['KRW', 0],
    ['VND', 0],
    ['XAF', 0],
    ['UGX', 0],
    ['ISK', 0],
    ['BHD', 3],
    ['KWD', 3],
    ['TND', 3],
    ['OMR', 3],
    ['JOD', 3],
    ['IQD', 3],
    ['LYD', 3],
    ['CNY', 2],
    ['USD', 2],
  ])('%s has %d decimals', (currency, exponent) => {
    expect(exponentOf(currency)).toBe(exponent)
    const minor = 1_234_567
    const text = moneyToDecimal({ minor, currency })
    expect(text).toBe(exponent === 0 ? '1234567' : exponent === 3 ? '1234.567' : '12345.67')
    expect(moneyFromDecimal(text, currency)).toEqual({ minor, currency })
  })

  it('reads every way of writing a decimal, and no other', () => {
    const seen = ['1', '+1', '-1', '1.', '1.5', '01.50', ' 2.00 ', '0', '-0', '-0.00', '1.2300', '90071992547409.91'].map((text) => read(text))
    expect(seen).toEqual([
      'value 100',
      'value 100',
      'value -100',
      'value 100',
      'value 150',
      'value 150',
      'value 200',
      'value 0',
      'value 0',
      'value 0',
      'value 123',
      'value 9007199254740991',
    ])
    for (const text of ['', ' ', '.5', '1,5', '1 000', '1e2', '0x1', '--1', '1.2.3', 'NaN', '１', '1-'])
      expect([text, read(text).split(':')[0]]).toEqual([text, 'money-unreadable'])
    expect([read('1.001'), read('0.1', 'JPY'), read('1.0000', 'JPY'), read('1.2345', 'KWD')].map((said) => said.split(':')[0])).toEqual([
      'money-precision',
      'money-precision',
      'value 1',
      'money-precision',
    ])
    expect([read('90071992547409.92'), read('99999999999999999999')].map((said) => said.split(':')[0])).toEqual(['money-range', 'money-range'])
    for (const currency of ['', 'cny', 'CN', 'CNYX', 'C1Y']) expect(read('1', currency).split(':')[0]).toBe('currency-unknown')
  })

  it('never quotes what may be a person: only what looks like an amount or a code', () => {
    expect(read('12x')).toBe('money-unreadable: A value of 3 characters is not a decimal amount.')
    expect(read('1.2.3')).toBe('money-unreadable: "1.2.3" is not a decimal amount.')
    expect(read('1', 'usd')).toBe('currency-unknown: "usd" is not an ISO 4217 currency code.')
    expect(read('1', '13800138000')).toBe('currency-unknown: A value of 11 characters is not an ISO 4217 currency code.')
    expect(read('1.005')).toBe('money-precision: "1.005" has more decimals than CNY carries (2).')
    expect(codeOf(() => moneyFromMinor('1.5', 'CNY'))).toBe('money-unreadable: "1.5" is not an integer amount.')
  })

  it('writes small and negative amounts with all their zeros', () => {
    expect([5, -5, 0, 100, -100, 99].map((minor) => moneyToDecimal(cny(minor)))).toEqual(['0.05', '-0.05', '0.00', '1.00', '-1.00', '0.99'])
    expect([7, -7].map((minor) => moneyToDecimal({ minor, currency: 'JPY' }))).toEqual(['7', '-7'])
    expect(moneyToDecimal({ minor: 7, currency: 'KWD' })).toBe('0.007')
  })

  it('takes minor units as they are', () => {
    expect([moneyFromMinor(5, 'CNY'), moneyFromMinor('-5', 'CNY')]).toEqual([cny(5), cny(-5)])
    for (const value of [1.5, Number.NaN, 2 ** 53, 'x', '9007199254740993'])
      expect(codeOf(() => moneyFromMinor(value, 'CNY')).split(':')[0]).toBe('money-unreadable')
  })

  it('adds one currency only, and no further than a number goes', () => {
    expect(sumMoney([cny(1), cny(2), cny(-4)], 'CNY')).toEqual(cny(-1))
    expect(sumMoney([], 'CNY')).toEqual(cny(0))
    expect(codeOf(() => sumMoney([cny(1), { minor: 1, currency: 'EUR' }], 'CNY'))).toBe('currency-mixed: EUR cannot be added to CNY.')
    expect(codeOf(() => sumMoney([cny(9_007_199_254_740_991), cny(1)], 'CNY'))).toBe('money-range: The sum is too large.')
  })

  it('splits without losing a cent, the rest to the largest remainders and then to the first', () => {
    const parts = (total: number, weights: readonly number[]): readonly number[] => allocate(cny(total), weights).map((part) => part.minor)
    expect(parts(100, [1, 1, 1])).toEqual([34, 33, 33])
    expect(parts(101, [1, 1, 1])).toEqual([34, 34, 33])
    expect(parts(-100, [1, 1, 1])).toEqual([-34, -33, -33])
    expect(parts(10, [1, 2, 7])).toEqual([1, 2, 7])
    expect(parts(5, [1, 9])).toEqual([1, 4])
    expect(parts(7, [10, 0, 20])).toEqual([2, 0, 5])
    expect(parts(9, [0, 0])).toEqual([9, 0])
    expect(parts(0, [1, 2])).toEqual([0, 0])
    expect(allocate(cny(1), [1]).map((part) => part.currency)).toEqual(['CNY'])
    expect(allocate(cny(1), [0])[0]?.currency).toBe('CNY')
  })
})
