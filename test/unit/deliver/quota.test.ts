import { describe, expect, it } from 'vitest'
import { isStarving, nextLevel, shareOut, type QuotaListing } from '../../../src/deliver/quota.ts'

const listing = (key: string, given: Partial<QuotaListing> = {}): QuotaListing => ({ key, units: 0, weight: 1, buffer: 0, closed: false, ...given })

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
