import { LoginGate } from './login-gate.ts'
import { Problem } from './problem.ts'
import { TokenBuckets } from './token-buckets.ts'

/** Streams one caller may read at a time, and all together: each holds a database session to its end. */
const STREAMS_EACH = 2
const STREAMS_IN_ALL = 4

/** What is counted as long as the app lives, so that one caller does not take it from the others. */
export class Gates {
  readonly logins: LoginGate
  readonly #calls: TokenBuckets
  readonly #refused: TokenBuckets
  readonly #personal: { readonly user: TokenBuckets; readonly key: TokenBuckets }
  readonly #streams = new Map<string, number>()

  constructor(now: () => Date) {
    this.logins = new LoginGate(now)
    this.#calls = new TokenBuckets({ perSecond: 100, burst: 400 }, now)
    this.#refused = new TokenBuckets({ perSecond: 1, burst: 100 }, now)
    // A person reads orders one by one; a program reads the feed page by page.
    this.#personal = { user: new TokenBuckets({ perSecond: 1, burst: 60 }, now), key: new TokenBuckets({ perSecond: 20, burst: 100 }, now) }
  }

  /** One request of this caller. @throws Problem 429 */
  call(caller: string): void {
    pass(this.#calls.take(caller), 'Too many requests.')
  }

  /** One credential from this address that does not work: who keeps guessing is slowed down. @throws Problem 429 */
  refused(address: string): void {
    pass(this.#refused.take(address), 'Too many credentials that do not work came from this address.')
  }

  /** One reading of personal data in clear. @throws Problem 429 */
  personal(who: { readonly actor: string; readonly kind: 'user' | 'key' | 'nobody' }): void {
    pass(this.#personal[who.kind === 'user' ? 'user' : 'key'].take(who.actor), 'Too much personal data at once.')
  }

  /** Begins a long answer of this caller; call what comes back when it has ended. @throws Problem 429 */
  stream(caller: string): () => void {
    const own = this.#streams.get(caller) ?? 0
    const all = [...this.#streams.values()].reduce((sum, count) => sum + count, 0)
    if (own >= STREAMS_EACH || all >= STREAMS_IN_ALL) pass(10, 'Other exports are still being read.')
    this.#streams.set(caller, own + 1)
    let open = true
    return () => {
      if (!open) return
      open = false
      const left = (this.#streams.get(caller) ?? 1) - 1
      if (left === 0) this.#streams.delete(caller)
      else this.#streams.set(caller, left)
    }
  }
}

function pass(waitSeconds: number, message: string): void {
  if (waitSeconds > 0) throw new Problem(429, 'rate-limited', message, { retryAfterSeconds: waitSeconds })
}
