/** Requests a caller may burst and sustain. */
export interface BucketRule {
  readonly perSecond: number
  readonly burst: number
}

/** In-process token buckets; idle ones are forgotten. */
export class TokenBuckets {
  readonly #rule: BucketRule
  readonly #buckets = new Map<string, { tokens: number; at: number }>()
  readonly #now: () => Date

  constructor(rule: BucketRule, now: () => Date) {
    this.#rule = rule
    this.#now = now
  }

  /** Takes one token; otherwise the seconds to wait for it. */
  take(key: string): number {
    const at = this.#now().getTime()
    if (this.#buckets.size > 10_000) this.#forget(at)
    const bucket = this.#buckets.get(key) ?? { tokens: this.#rule.burst, at }
    const tokens = Math.min(this.#rule.burst, bucket.tokens + (Math.max(0, at - bucket.at) / 1000) * this.#rule.perSecond)
    const granted = tokens >= 1
    this.#buckets.set(key, { tokens: granted ? tokens - 1 : tokens, at })
    return granted ? 0 : (1 - tokens) / this.#rule.perSecond
  }

  /** What was taken turned out not to count. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key)
    if (bucket) bucket.tokens = Math.min(this.#rule.burst, bucket.tokens + 1)
  }

  #forget(at: number): void {
    const full = (this.#rule.burst / this.#rule.perSecond) * 1000
    for (const [key, bucket] of this.#buckets) if (at - bucket.at > full) this.#buckets.delete(key)
  }
}
