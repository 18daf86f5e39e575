import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, decimal, list, money, requiredMoney, requiredText, text, utcInstant } from '../../../mappings/parts/read.ts'
import { MappingError } from '../../../src/core/fault.ts'
import { moneyToDecimal } from '../../../src/core/money.ts'

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof MappingError) return `${error.code} ${error.pointer ?? ''}`
    throw error
  }
  return 'none'
}

describe('readers of raw documents', () => {
  const doc = { 'a/b': [{ 'c~d': 1 }], n: 0.1, big: 1e-7, empty: '', nothing: null, list: {}, toString: 'own', x: 'a\u0000b\ud800c😀' }

  it('follow pointers, also escaped ones, and never the prototype', () => {
    expect(at(doc, '/a~1b/0/c~0d')).toBe(1)
    expect(at(doc, '/nothing')).toBeUndefined()
    expect(at(doc, '/constructor')).toBeUndefined()
    expect(at({ 'x~y': 1 }, '/x~0y')).toBe(1)
    expect(text(doc, '/toString')).toBe('own')
  })

  it('give numbers as plain decimals and make text storable', () => {
    expect(text(doc, '/n')).toBe('0.1')
    expect(text(doc, '/big')).toBe('0.0000001')
    expect(text(doc, '/x')).toBe('a\ufffdb\ufffdc😀')
  })

  it('name the pointer of what is wrong', () => {
    expect(codeOf(() => requiredText(doc, '/empty'))).toBe('value-missing /empty')
    expect(codeOf(() => list(doc, '/list'))).toBe('type-unexpected /list')
    expect(codeOf(() => text(doc, '/list'))).toBe('type-unexpected /list')
    expect(codeOf(() => money({ m: '1.005' }, '/m', 'USD'))).toBe('money-precision /m')
    expect(codeOf(() => requiredMoney({}, '/m', 'USD'))).toBe('value-missing /m')
    expect(codeOf(() => money({ m: '1,5' }, '/m', 'USD'))).toBe('money-unreadable /m')
    expect(codeOf(() => decimal({ q: 'two' }, '/q'))).toBe('number-unreadable /q')
  })

  it.each([
    ['2026-11-20T08:00:00', '2026-11-20T08:00:00Z'],
    ['2026-11-20 08:00:00', '2026-11-20T08:00:00Z'],
    ['2026-11-20T08:00:00.123456', '2026-11-20T08:00:00.123Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00Z'],
  ])('read %s as UTC', (given, expected) => {
    expect(utcInstant({ t: given }, '/t')).toBe(expected)
  })

  it.each(['2026-02-30T00:00:00', '2026-11-20', '2026-11-20T25:00:00', '2026-11-20T08:00:00+08:00', '20.11.2026', '1700000000'])(
    'refuse %s as a time',
    (given) => {
      expect(codeOf(() => utcInstant({ t: given }, '/t'))).toBe('time-unreadable /t')
    },
  )

  it('read any amount exactly, whether it came as text or as a number', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e13, max: 1e13 }), fc.constantFrom('USD', 'JPY', 'KWD'), (minor, currency) => {
        const written = moneyToDecimal({ minor, currency })
        expect(money({ m: written }, '/m', currency)).toEqual({ minor, currency })
        // What a channel sends as a JSON number arrives as its shortest decimal.
        expect(money({ m: Number(written) }, '/m', currency)).toEqual({ minor: minor === 0 ? 0 : minor, currency })
      }),
    )
  })

  it('reads a time written with T and Z as it reads one with a blank, which takes the longer way', () => {
    const two = (max: number): fc.Arbitrary<string> => fc.integer({ min: 0, max }).map((n) => String(n).padStart(2, '0'))
    const read = (t: string): string | undefined => {
      try {
        return utcInstant({ t }, '/t')
      } catch (error) {
        return error instanceof MappingError ? error.code : 'other'
      }
    }
    fc.assert(
      fc.property(
        fc.constantFrom('2023', '2024', '0000'),
        two(13),
        two(32),
        two(25),
        two(61),
        two(61),
        fc.constantFrom('', '.5', '.123'),
        (...parts) => {
          const [year, month, day, hour, minute, second, fraction] = parts
          const t = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`
          expect(read(t)).toBe(read(t.replace('T', ' ')))
        },
      ),
      { numRuns: 2000 },
    )
  })
})
