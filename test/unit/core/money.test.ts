import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MappingError } from '../../../src/core/fault.ts'
import { allocate, moneyFromDecimal, moneyToDecimal } from '../../../src/core/money.ts'

const read = (text: string, currency: string): unknown => {
  try {
    return moneyFromDecimal(text, currency)
  } catch (error) {
    return error instanceof MappingError ? error.code : error
  }
}

describe('moneyFromDecimal', () => {
  it('reads an amount without a sign as it reads one with a sign, which takes the longer way', () => {
    const near = fc.oneof(fc.stringMatching(/^\d{1,18}(\.\d{0,4})?$/), fc.stringMatching(/^[0-9.,-]{0,8}$/))
    fc.assert(
      fc.property(near, fc.constantFrom('CNY', 'JPY', 'KWD'), (text, currency) => {
        fc.pre(!/^[+-]/.test(text))
        expect(read(text, currency)).toEqual(read(`+${text}`, currency))
      }),
      { numRuns: 1000 },
    )
  })

  it.each(['usd', 'USDX', 'US', 'U1D', ''])('refuses "%s" as a currency', (currency) => {
    expect(read('1.00', currency)).toBe('currency-unknown')
  })
})

describe('moneyToDecimal', () => {
  it('writes a positive amount as the negative one without its sign', () => {
    fc.assert(
      fc.property(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.maxSafeInteger().map(Math.abs)), (minor) => {
        fc.pre(minor > 0)
        expect(`-${moneyToDecimal({ minor, currency: 'CNY' })}`).toBe(moneyToDecimal({ minor: -minor, currency: 'CNY' }))
      }),
    )
    expect([0, 5, 100, 123450].map((minor) => moneyToDecimal({ minor, currency: 'CNY' }))).toEqual(['0.00', '0.05', '1.00', '1234.50'])
  })
})

describe('allocate', () => {
  const parts = (minor: number, weights: readonly number[]): readonly number[] =>
    allocate({ minor, currency: 'CNY' }, weights).map((part) => part.minor)

  it('gives what is left over to the largest remainders, and of equal ones to the earlier part', () => {
    // Remainders 0.2, 0.4 and 0.4; 0.6, 0.2 and 0.2: as binary fractions the equal ones differ.
    expect(parts(2, [1, 7, 2])).toEqual([0, 2, 0])
    expect(parts(2, [7, 1, 2])).toEqual([2, 0, 0])
    expect(parts(-2, [1, 7, 2])).toEqual([0, -2, 0].map((minor) => minor + 0))
  })

  it('adds up, and no part is a whole unit off its share', () => {
    const weights = fc.array(fc.integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), weights, (minor, given) => {
        const sum = given.reduce((a, b) => a + b, 0)
        fc.pre(sum > 0)
        const shared = parts(minor, given)
        expect(shared.reduce((a, b) => a + b, 0)).toBe(minor)
        shared.forEach((part, i) => expect(Math.abs(part - (minor * (given[i] ?? 0)) / sum)).toBeLessThan(1))
      }),
    )
  })
})
