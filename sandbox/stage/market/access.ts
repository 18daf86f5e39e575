import type { SimClock } from '../clock.ts'
import type { Random } from '../random.ts'

export interface AccessRules {
  /** The tokens a connection begins with. */
  readonly token?: string
  readonly refresh?: string
  /** How long an issued token lives; for ever without it. The one a connection begins with does not end by itself. */
  readonly lifeMs?: number
  /** How tokens look; 40 hexadecimal letters without it. */
  readonly make?: (random: Random, kind: 'token' | 'refresh') => string
}

export interface Tokens {
  readonly token: string
  readonly refresh: string
  readonly endsAt: number
}

/** Who may call. A skin asks `isLive` of every call, and `renew` (by a refresh token) or `issue` (by the app's own credentials) where it hands out tokens. */
export interface Access {
  isLive(token: string): boolean
  /** The pair of now: the old refresh token is spent. Undefined when it is a wrong one or the seller took the authorisation back. */
  renew(refresh: string): Tokens | undefined
  /** A new token for who knows the app's secret; the one before ends. Undefined when the seller took the authorisation back. */
  issue(): Tokens | undefined
  /** The pair of now without making a new one; undefined when the token has ended. */
  current(): Tokens | undefined
  expire(): void
  revoke(on: boolean): void
  /** How often a token was issued or renewed. */
  renewals(): number
}

export function createAccess(rules: AccessRules, clock: SimClock, random: Random): Access {
  const make = rules.make ?? ((chance: Random): string => chance.hex(40))
  let pair: Tokens = { token: rules.token ?? '', refresh: rules.refresh ?? '', endsAt: Infinity }
  let [revoked, renewals] = [false, 0]
  const isLive = (token: string): boolean => token !== '' && token === pair.token && clock.now() < pair.endsAt
  const issue = (): Tokens | undefined => {
    if (revoked) return undefined
    renewals += 1
    pair = { token: make(random, 'token'), refresh: make(random, 'refresh'), endsAt: clock.now() + (rules.lifeMs ?? 30 * 86_400_000) }
    return pair
  }
  const expire = (): void => {
    pair = { ...pair, token: '' }
  }
  return {
    isLive,
    issue,
    expire,
    renew: (refresh) => (refresh !== '' && refresh === pair.refresh ? issue() : undefined),
    current: () => (isLive(pair.token) ? pair : undefined),
    revoke(on) {
      revoked = on
      if (on) expire()
    },
    renewals: () => renewals,
  }
}
