import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MappingError } from '../../../src/core/fault.ts'
import { moneyFromDecimal, moneyToDecimal } from '../../../src/core/money.ts'

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
