import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channelClock } from '../../../src/kit/channel-clock.ts'
import { nextWindow, settledEnd } from '../../../src/kit/windows.ts'

const NOW = new Date('2026-11-22T06:00:00.000Z')

describe('nextWindow', () => {
  it('slides by the overlap and stops at the lag', () => {
    expect(nextWindow({ watermark: '2026-11-22T05:00:00Z', now: NOW, stream: { overlapSeconds: 60, lagSeconds: 5 } })).toEqual({
      from: '2026-11-22T04:59:00.000Z',
      to: '2026-11-22T05:59:55.000Z',
      rewound: false,
    })
  })

  it('says so when there is nothing new', () => {
    expect(nextWindow({ watermark: '2026-11-22T05:59:55Z', now: NOW, stream: { overlapSeconds: 60, lagSeconds: 5 } })).toBeUndefined()
  })

  it('pulls a watermark from the future back and says so', () => {
    expect(nextWindow({ watermark: '2999-12-31T00:00:00Z', now: NOW, stream: { overlapSeconds: 300 } })).toEqual({
      from: '2026-11-22T05:55:00.000Z',
      to: '2026-11-22T06:00:00.000Z',
      rewound: true,
    })
  })

  it('covers every instant without a gap, never passes the lag and ends, for any stream', () => {
    const stream = fc.record(
      {
        maxWindowHours: fc.integer({ min: 1, max: 72 }),
        overlapSeconds: fc.integer({ min: 0, max: 200_000 }),
        lagSeconds: fc.integer({ min: 0, max: 7200 }),
      },
      { requiredKeys: [] },
    )
    // From before a European and an American clock change to after it.
    const start = fc.integer({ min: Date.parse('2026-10-01T00:00:00Z'), max: Date.parse('2026-11-22T05:00:00Z') })
    fc.assert(
      fc.property(stream, start, (s, from) => {
        let watermark = new Date(from).toISOString()
        const horizon = NOW.getTime() - (s.lagSeconds ?? 0) * 1000
        let rounds = 0
        for (let window = nextWindow({ watermark, now: NOW, stream: s }); window; window = nextWindow({ watermark, now: NOW, stream: s })) {
          expect(Date.parse(window.from)).toBeLessThanOrEqual(Date.parse(watermark))
          expect(Date.parse(window.to)).toBeGreaterThan(Date.parse(watermark))
          expect(Date.parse(window.to)).toBeLessThanOrEqual(horizon)
          if (s.maxWindowHours !== undefined)
            expect(Date.parse(window.to) - Date.parse(window.from)).toBeLessThanOrEqual(s.maxWindowHours * 3_600_000)
          watermark = window.to
          expect(++rounds).toBeLessThan(4000)
        }
        expect(Date.parse(watermark)).toBe(Math.max(horizon, from))
      }),
    )
  })
})

describe('clocks that differ', () => {
  const now = new Date('2026-11-22T06:10:00Z')
  const window = { from: '2026-11-22T06:00:00.000Z', to: '2026-11-22T06:09:58.000Z' }
  const stream = { lagSeconds: 2 }

  it('lets the next window begin earlier by as much as our clock is ahead', () => {
    expect(settledEnd({ window, now, aheadMs: 0, stream })).toBe(window.to)
    expect(settledEnd({ window, now, aheadMs: 600_000, stream })).toBe('2026-11-22T05:59:58.000Z')
  })

  it('moves on past what the channel itself has left behind', () => {
    const old = { from: '2026-11-21T00:00:00.000Z', to: '2026-11-21T12:00:00.000Z' }
    expect(settledEnd({ window: old, now, aheadMs: 600_000, stream })).toBe(old.to)
  })

  it.each([
    ['the same second', 'Sun, 22 Nov 2026 06:09:59 GMT', 0],
    ['ten minutes behind us', 'Sun, 22 Nov 2026 06:00:00 GMT', 600_000],
    ['before us', 'Sun, 22 Nov 2026 06:20:00 GMT', 0],
    ['a date out of a cache', 'Sat, 21 Nov 2026 06:00:00 GMT', 0],
    ['nonsense', 'yesterday', 0],
    ['nothing', undefined, 0],
  ])('hears %s in a Date header', (_, date, ahead) => {
    const clock = channelClock()
    clock.heard(date, now)
    expect(clock.aheadMs()).toBe(ahead)
  })
})
