/** How fast one limit may be used: `calls` per `perSeconds`, with `burst` at once (default = calls). */
export interface Rate {
  readonly calls: number
  readonly perSeconds: number
  readonly burst?: number
}

/** Paces calls across everybody who shares a key. The hub's own is kept in Postgres; this one lives in one process. */
export interface Limiter {
  /** Waits until `cost` calls of `key` are allowed. */
  take(key: string, cost: number, rate: Rate): Promise<void>
  /** Nobody may use `key` for the next `ms`: the channel said so. */
  block(key: string, ms: number): Promise<void>
}

/** Token bucket (GCRA) in memory: for tests and single-process commands. `sleep` is a parameter so that tests need not wait. */
export function memoryLimiter(
  now: () => number,
  sleep: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): Limiter {
  const arrivals = new Map<string, number>()
  const blocks = new Map<string, number>()
  return {
    async take(key, cost, rate) {
      const spacing = (rate.perSeconds * 1000) / rate.calls
      const at = now()
      const planned = Math.max(arrivals.get(key) ?? at, at)
      arrivals.set(key, planned + spacing * cost)
      const paced = planned + spacing * cost - spacing * (rate.burst ?? rate.calls)
      const wait = Math.max(paced, blocks.get(key) ?? 0) - at
      if (wait > 0) await sleep(Math.ceil(wait))
    },
    async block(key, ms) {
      blocks.set(key, Math.max(blocks.get(key) ?? 0, now() + ms))
      await Promise.resolve()
    },
  }
}
