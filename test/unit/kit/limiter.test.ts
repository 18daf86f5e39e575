import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { memoryLimiter } from '../../../src/kit/limiter.ts'

describe('memoryLimiter', () => {
  it('never lets more than the burst plus the rate through, whatever the costs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 60 }), async (costs) => {
        let clock = 0
        const limiter = memoryLimiter(
          () => clock,
          (ms) => Promise.resolve(void (clock += ms)),
        )
        let used = 0
        for (const cost of costs) {
          await limiter.take('k', cost, { calls: 5, perSeconds: 1, burst: 4 })
          used += cost
          expect(used).toBeLessThanOrEqual(4 + (clock / 1000) * 5 + 1e-6)
        }
      }),
    )
  })

  it('keeps everybody out while a key is blocked and nobody else', async () => {
    let clock = 0
    const limiter = memoryLimiter(
      () => clock,
      (ms) => Promise.resolve(void (clock += ms)),
    )
    await limiter.block('a', 30_000)
    await limiter.take('b', 1, { calls: 1, perSeconds: 1 })
    expect(clock).toBe(0)
    await limiter.take('a', 1, { calls: 1, perSeconds: 1 })
    expect(clock).toBe(30_000)
  })
})
