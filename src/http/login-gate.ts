import { TokenBuckets } from './token-buckets.ts'

/** Attempts to sign in, per name and per address: guessing is slow on purpose, knowing is not. */
export class LoginGate {
  readonly #names: TokenBuckets
  readonly #addresses: TokenBuckets

  constructor(now: () => Date) {
    this.#names = new TokenBuckets({ perSecond: 1 / 10, burst: 12 }, now)
    this.#addresses = new TokenBuckets({ perSecond: 1 / 2, burst: 40 }, now)
  }

  /** Seconds to wait before this attempt may be made; 0 = go on. */
  wait(name: string, address: string): number {
    return Math.max(this.#names.take(name), this.#addresses.take(address))
  }

  /** The attempt was right and does not count. */
  right(name: string, address: string): void {
    this.#names.giveBack(name)
    this.#addresses.giveBack(address)
  }
}
