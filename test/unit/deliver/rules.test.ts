import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharedLevel } from '../../../src/deliver/desired.ts'
import type { Scale } from '../../../src/deliver/rule-scales.ts'
import { RULE_FIELDS, isInForce, matches, ruleBook, ruleFor, type RuleSubject } from '../../../src/deliver/rules.ts'
import type { StockRule } from '../../../src/store/read/stock-rules.ts'

const AT = '2026-11-11T00:00:00.000Z'
const BASE = { stock_share: '0.5', stock_buffer: 2 }
const tea: RuleSubject = { connectionId: 'c1', sku: 'TEA-GREEN-1', category: 'drinks/tea' }

const rule = (id: number, given: Partial<StockRule> = {}): StockRule => ({
  ...{ id, name: `r${id}`, plan: null, connection_id: null, category: null, skus: null, starts_at: null, ends_at: null, enabled: true },
  ...{ share: null, quota: null, priority: null, maximum: null, buffer: null, locations: null, exclusive: false, stop: null, at_hand: null },
  ...{ reason: '', author: 'test', version: 1, updated_at: AT },
  ...given,
})

const pattern = fc.constantFrom('TEA-GREEN-1', 'TEA-*', 'TEA-GREEN-*', '*', '*-1', 'CUP-*', 'CUP-2')
const moment = fc.constantFrom(null, '2026-11-10T00:00:00.000Z', AT, '2026-11-12T00:00:00.000Z')
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 2 })
const anyRule = fc
  .record({
    connection_id: maybe(fc.constantFrom('c1', 'c2')),
    category: maybe(fc.constantFrom('drinks/*', 'drinks/tea', 'cups')),
    skus: maybe(fc.array(pattern, { minLength: 1, maxLength: 3 })),
    share: maybe(fc.constantFrom('0', '0.25', '1')),
    quota: maybe(fc.nat(50)),
    priority: maybe(fc.integer({ min: -3, max: 3 })),
    maximum: maybe(fc.nat(50)),
    buffer: maybe(fc.nat(9)),
    locations: maybe(fc.constantFrom<readonly string[]>(['main'], ['a', 'b'])),
    stop: maybe(fc.boolean()),
    at_hand: maybe(fc.boolean()),
    starts_at: moment,
    ends_at: moment,
    enabled: fc.boolean(),
  })
  .map((given) => given)
const anyRules = fc.array(anyRule, { maxLength: 8 }).map((given) => given.map((each, i) => rule(i + 1, each)))
const anySubject = fc.record({
  connectionId: fc.constantFrom('c1', 'c2', 'c3'),
  sku: fc.constantFrom('TEA-GREEN-1', 'TEA-BLACK-2', 'CUP-2', 'X'),
  category: fc.constantFrom(null, 'drinks/tea', 'drinks/juice', 'cups'),
})

describe('which rule speaks', () => {
  it('takes each field from the most specific rule that says something about it, and says which', () => {
    const terms = ruleFor(
      tea,
      [
        rule(1, { share: '0.8', buffer: 1, maximum: 40 }),
        rule(2, { connection_id: 'c1', buffer: 5 }),
        rule(3, { category: 'drinks/*', share: '0.6' }),
        rule(4, { skus: ['TEA-*'], share: '0.4', connection_id: 'c2' }),
        rule(5, { skus: ['TEA-GREEN-1'], stop: false }),
        rule(6, { category: 'drinks/tea', stop: true }),
      ],
      AT,
      BASE,
    )
    expect(terms).toMatchObject({ share: '0.6', buffer: 5, maximum: 40, stop: false, quota: null })
    expect(Object.fromEntries(Object.entries(terms.by).map(([field, by]) => [field, by.id]))).toEqual({ share: 3, buffer: 2, maximum: 1, stop: 5 })
  })

  it('leaves what no rule says to the connection', () => {
    expect(ruleFor(tea, [rule(1, { maximum: 9 })], AT, BASE)).toMatchObject({ share: '0.5', buffer: 2, priority: 0, by: { maximum: { id: 1 } } })
  })

  it('prefers the dated rule, and of two of them the one that begins later, while their time lasts', () => {
    const standing = rule(1, { share: '0.1' })
    const season = rule(2, { share: '0.2', starts_at: '2026-11-01T00:00:00.000Z' })
    const day = rule(3, { share: '0.9', starts_at: AT, ends_at: '2026-11-12T00:00:00.000Z' })
    const share = (at: string): string => ruleFor(tea, [day, season, standing], at, BASE).share
    expect(share('2026-10-31T23:59:59.999Z')).toBe('0.1')
    expect(share('2026-11-10T23:59:59.999Z')).toBe('0.2')
    expect(share(AT)).toBe('0.9')
    expect(share('2026-11-12T00:00:00.000Z')).toBe('0.2')
  })

  it('gives the same whatever the order of the rules, and as a book', () => {
    fc.assert(
      fc.property(anyRules, anySubject, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (rules, subject, dice) => {
        const expected = ruleFor(subject, rules, AT, BASE)
        const shuffled = rules.map((each) => ({ each, key: dice.next().value ?? 0 })).sort((a, b) => a.key - b.key)
        expect(
          ruleFor(
            subject,
            shuffled.map(({ each }) => each),
            AT,
            BASE,
          ),
        ).toEqual(expected)
        const book = ruleBook(rules, AT)
        // Asked about others in between: what it keeps of one SKU is not taken for another.
        for (const other of [
          { ...subject, sku: 'X' },
          { ...subject, connectionId: 'c2' },
          { ...subject, category: 'cups' },
        ])
          book.terms(other, BASE)
        expect(book.terms(subject, BASE)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('never takes a field from a rule that is off, out of its time or for something else, and never overlooks one that speaks', () => {
    fc.assert(
      fc.property(anyRules, anySubject, (rules, subject) => {
        const { by } = ruleFor(subject, rules, AT, BASE)
        for (const field of RULE_FIELDS) {
          const able = rules.filter(
            (each) =>
              each[field] !== null &&
              isInForce(each, AT) &&
              (each.connection_id ?? subject.connectionId) === subject.connectionId &&
              (each.category === null || (subject.category !== null && matches(each.category, subject.category))) &&
              (each.skus === null || each.skus.some((one) => matches(one, subject.sku))),
          )
          const names = able.filter(({ skus }) => skus?.includes(subject.sku))
          expect(by[field] === undefined).toBe(able.length === 0)
          if (names.length > 0) expect(names.map(({ id }) => id)).toContain(by[field]?.id)
          else if (able.length > 0) expect(able.map(({ id }) => id)).toContain(by[field]?.id)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('patterns', () => {
  it.each([
    ['TEA-*', 'TEA-1', true],
    ['TEA-*', 'TEA-', true],
    ['TEA-*', 'XTEA-1', false],
    ['*-1', 'TEA-1', true],
    ['T*A*1', 'TEA-1', true],
    ['T*E*E*1', 'TEA-1', false],
    ['TEA', 'TEA-1', false],
    ['a*a', 'a', false],
    ['50%_*', '50%_x', true],
    ['50%_*', '50ax', false],
  ])('%s on %s: %s', (glob, text, expected) => {
    expect(matches(glob, text)).toBe(expected)
  })
  it('answers a hostile pattern at once', () => {
    expect(matches(`${'*a'.repeat(90)}b`, 'a'.repeat(200))).toBe(false)
  })
})

describe('the level of a shared pool', () => {
  const scale = (given: Partial<Scale> = {}): Scale => ({
    ...{
      share: '1',
      buffer: 0,
      quota: null,
      exclusive: false,
      pool: null,
      maximum: null,
      priority: 0,
      locations: null,
      stop: false,
      at_hand: false,
      atHand: null,
      by: {},
      located: null,
      ahead: 0,
      learned: 0,
    },
    ...given,
  })
  it.each([
    ['the whole pool', '100.5', {}, 100],
    ['a share, then the buffer', '30', { share: '0.1', buffer: 1 }, 2],
    ['its fixed number', '100', { quota: 20, share: '0.1' }, 20],
    ['what there is of it', '15', { quota: 20, buffer: 2 }, 13],
    ['at most its maximum', '100', { maximum: 9 }, 9],
    ['only what lies where it is fed from', '100', { located: '12', share: '0.5' }, 6],
    ['only what is here, where it is kept to that', '100', { atHand: { all: '30', shared: '20' }, located: '25' }, 20],
    ['no more than the pool has', '10', { located: '12' }, 10],
    ['nothing once it is stopped', '100', { stop: true, quota: 5 }, 0],
    ['nothing of the last pieces that others come before', '2', { ahead: 2 }, 0],
    ['the piece that is beyond those', '3', { ahead: 2 }, 3],
    ['never less than nothing', '3', { buffer: 5 }, 0],
  ] as const)('%s', (_what, pool, given, expected) => {
    expect(sharedLevel(pool, scale(given))).toBe(expected)
  })
})
