/** A simulated shop's own clock: real time until it is shifted or frozen, so that tests can skew it or force ties. */
export interface SimClock {
  /** Milliseconds since the epoch, as this shop believes them. */
  now(): number
  /** Runs `ms` ahead of (or, negative, behind) real time from here on. */
  shift(ms: number): void
  /** Stands still at the given instant until `advance`, `shift` or `release`. */
  freeze(at: number): void
  advance(ms: number): void
  /** Back to real time. */
  release(): void
}

export function createClock(): SimClock {
  let offset = 0
  let frozenAt: number | undefined
  return {
    now: () => frozenAt ?? Date.now() + offset,
    shift(ms) {
      frozenAt = undefined
      offset = ms
    },
    freeze(at) {
      frozenAt = at
    },
    advance(ms) {
      if (frozenAt === undefined) offset += ms
      else frozenAt += ms
    },
    release() {
      frozenAt = undefined
      offset = 0
    },
  }
}
