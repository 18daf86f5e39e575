import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isStarving, nextLevel, shareOut, type QuotaListing } from '../../../src/deliver/quota.ts'

const listing = (key: string, given: Partial<QuotaListing> = {}): QuotaListing => ({
  ...{ key, units: 0, weight: 1, buffer: 0, fixed: null, maximum: null, priority: 0, closed: false },
  ...given,
})

describe('shareOut', () => {
  it('gives every unit to somebody, by weight, and the last piece to the one that sells most', () => {
    const two = [listing('a', { weight: 1 }), listing('b', { weight: 3 })]
    expect([...shareOut(8, two)]).toEqual([
      ['a', 2],
      ['b', 6],
    ])
    expect(shareOut(1, two).get('b')).toBe(1)
    expect(shareOut(1, two).get('a')).toBe(0)
    for (let total = 0; total < 60; total += 1) {
      const given = shareOut(total, [listing('a', { weight: 0.3 }), listing('b', { weight: 7 }), listing('c', { weight: 2.5 })])
      expect([...given.values()].reduce((sum, units) => sum + units, 0)).toBe(total)
    }
  })
  it('gives nothing to who is closed or has no weight, and nothing at all of less than nothing', () => {
    expect([...shareOut(9, [listing('a', { closed: true }), listing('b', { weight: 0 }), listing('c')])]).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 9],
    ])
    expect(shareOut(-3, [listing('a')]).get('a')).toBe(0)
    expect(shareOut(5, [listing('a', { weight: 0 })]).get('a')).toBe(0)
  })
  it('leaves the buffer of a connection free', () => {
    expect(shareOut(10, [listing('a', { buffer: 3 }), listing('b')]).get('a')).toBe(2)
    expect(shareOut(2, [listing('a', { buffer: 3 }), listing('b')]).get('a')).toBe(0)
  })
  it('gives fixed numbers first, then by weight up to each maximum, and what one cannot show to the others', () => {
    const three = [listing('a', { fixed: 10 }), listing('b', { weight: 3, maximum: 20 }), listing('c')]
    expect([...shareOut(100, three).values()]).toEqual([10, 20, 70])
    expect([...shareOut(18, three).values()]).toEqual([10, 6, 2])
    expect([...shareOut(7, three).values()]).toEqual([7, 0, 0])
    expect([...shareOut(50, [listing('a', { fixed: 10, maximum: 4, buffer: 1 })]).values()]).toEqual([4])
  })
  it('lets the priority decide about what does not go round', () => {
    const two = [listing('a', { weight: 9 }), listing('b', { priority: 1 })]
    expect([...shareOut(1, two).values()]).toEqual([0, 1])
    const fixed = [listing('a', { fixed: 5 }), listing('b', { fixed: 5, priority: 1 })]
    expect([...shareOut(6, fixed).values()]).toEqual([1, 5])
  })
  it('never gives away more than there is, never more than a maximum, and leaves nothing over that somebody may show', () => {
    const any = fc.record({
      weight: fc.oneof(fc.constant(0), fc.double({ min: 0.01, max: 50, noNaN: true })),
      buffer: fc.nat(3),
      fixed: fc.option(fc.nat(20), { nil: null }),
      maximum: fc.option(fc.nat(20), { nil: null }),
      priority: fc.integer({ min: -2, max: 2 }),
      closed: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.nat(80), fc.array(any, { maxLength: 6 }), (total, given) => {
        const listings = given.map((each, i) => listing(`k${i}`, each))
        const units = shareOut(total, listings)
        const sum = [...units.values()].reduce((all, one) => all + one, 0)
        expect(sum).toBeLessThanOrEqual(total)
        for (const each of listings) {
          const own = units.get(each.key) ?? -1
          expect(Number.isInteger(own) && own >= 0 && own <= (each.maximum ?? own) && own <= (each.fixed ?? own) && (!each.closed || own === 0)).toBe(
            true,
          )
        }
        const hungry = listings.some((each) => !each.closed && each.fixed === null && each.maximum === null && each.weight > 0)
        const buffers = listings.reduce((all, { buffer }) => all + buffer, 0)
        if (hungry) expect(sum).toBeGreaterThanOrEqual(total - buffers)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('nextLevel', () => {
  it.each([
    ['fills an empty listing', 0, 10, 20, 10],
    ['fills it with what is free where that is less', 0, 10, 4, 4],
    ['leaves one alone that has nearly enough', 8, 10, 20, undefined],
    ['waits where less is free than it has', 5, 10, 4, undefined],
    ['closes what shall show nothing', 3, 0, 20, 0],
    ['says nothing to an empty one that shall show nothing', 0, 0, 20, undefined],
    ['closes one that has too much while more is promised than there is', 5, 3, -1, 0],
  ] as const)('%s', (_what, units, target, free, level) => {
    expect(nextLevel(listing('a', { units }), target, free, false)).toBe(level)
  })
  it('takes back at once what is beyond a maximum or a fixed number, closing for a moment where nothing is free', () => {
    expect(nextLevel(listing('a', { units: 12, maximum: 10 }), 10, 10, false)).toBe(10)
    expect(nextLevel(listing('a', { units: 12, fixed: 10 }), 10, 3, false)).toBe(0)
    expect(nextLevel(listing('a', { units: 10, maximum: 10 }), 10, 3, false)).toBeUndefined()
  })
  it('takes back from one that has plenty only while another starves', () => {
    const rich = listing('a', { units: 20 })
    expect(nextLevel(rich, 10, 0, false)).toBeUndefined()
    expect(nextLevel(rich, 10, 0, true)).toBe(0)
    expect(nextLevel(rich, 10, 12, true)).toBe(10)
  })
})

it('a listing starves with less than half of its part while nothing is free for it', () => {
  const listings = [listing('a', { units: 9 }), listing('b', { units: 1 })]
  const targets = shareOut(10, listings)
  expect(isStarving(listings, targets, 0, 'a')).toBe(true)
  expect(isStarving(listings, targets, 5, 'a')).toBe(false)
  expect(isStarving(listings, targets, 0, 'b')).toBe(false)
})

describe('a channel that compares', () => {
  const one = (units: number): QuotaListing => listing('a', { units })
  it('needs the difference only, so it is raised where the whole would not be free', () => {
    expect(nextLevel(one(2), 10, 8, false)).toBe(8)
    expect(nextLevel(one(2), 10, 8, false, 2)).toBe(10)
    expect(nextLevel(one(2), 10, 3, false)).toBe(3)
    expect(nextLevel(one(2), 10, 3, false, 2)).toBe(5)
  })
  it('gives back without being closed', () => {
    expect(nextLevel(one(50), 10, 0, true)).toBe(0)
    expect(nextLevel(one(50), 10, 0, true, 50)).toBe(10)
    expect(nextLevel(one(50), 10, -3, false, 50)).toBe(10)
    expect(nextLevel(one(50), 0, 0, false, 50)).toBe(0)
  })
})
