import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { DomainError } from '../../core/fault.ts'

/** scrypt cost: 32 MB and some 60 ms per check. */
const COST = { N: 32_768, r: 8, p: 1, maxmem: 96 * 1024 * 1024 } as const
const KEY_BYTES = 32
const MIN_LENGTH = 12
const MAX_LENGTH = 200
/** Letters without case (Chinese and others) count as other characters. */
const CLASSES: readonly RegExp[] = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u]

/** @throws DomainError `password-weak` saying what is missing */
export function assertPassword(password: string, userName: string): void {
  const lower = password.toLowerCase()
  if (password.length < MIN_LENGTH || password.length > MAX_LENGTH)
    throw new DomainError('password-weak', `A password has ${MIN_LENGTH} to ${MAX_LENGTH} characters.`, {
      why: 'length',
      min: MIN_LENGTH,
      max: MAX_LENGTH,
    })
  if (!CLASSES.every((one) => one.test(password)))
    throw new DomainError('password-weak', 'A password has lower-case and upper-case letters, digits and other characters (a space is one).', {
      why: 'classes',
    })
  if (new Set(lower).size < 6) throw new DomainError('password-weak', 'This password repeats too few characters.', { why: 'repeats' })
  if (userName.length >= 3 && lower.includes(userName.toLowerCase()))
    throw new DomainError('password-weak', 'A password must not contain the name.', { why: 'name' })
}

/** `scrypt$N$r$p$salt$key`, base64url. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, COST.N)
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64url'), key.toString('base64url')].join('$')
}

/** Checks in the same time whether the person exists or not: pass undefined for an unknown one. */
export async function verifyPassword(password: string, stored: string | undefined): Promise<boolean> {
  const [kind, cost, , , salt = '', key = ''] = (stored ?? UNKNOWN_PERSON).split('$')
  const expected = Buffer.from(key, 'base64url')
  const actual = await derive(password.slice(0, MAX_LENGTH), Buffer.from(salt, 'base64url'), Number(cost))
  return kind === 'scrypt' && expected.length === actual.length && timingSafeEqual(expected, actual) && stored !== undefined
}

const UNKNOWN_PERSON = `scrypt$${COST.N}$${COST.r}$${COST.p}$${Buffer.alloc(16).toString('base64url')}$${Buffer.alloc(KEY_BYTES).toString('base64url')}`

const derive = (password: string, salt: Buffer, cost: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, KEY_BYTES, { ...COST, N: cost }, (error, key) => (error ? reject(error) : resolve(key)))
  })
