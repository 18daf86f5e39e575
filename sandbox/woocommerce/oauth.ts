import { createHmac, timingSafeEqual } from 'node:crypto'
import type { PhpQuery } from './php-query.ts'

/**
 * One-legged OAuth 1.0a as WooCommerce verifies it over plain http: base string METHOD & enc(url) & enc(sorted
 * parameters), keyed with the consumer secret and an ampersand; the body is not signed.
 */
export interface OAuthRequest {
  readonly method: string
  /** The site's home URL with the request path, without the query. */
  readonly url: string
  readonly query: PhpQuery
}

export type OAuthMethod = 'HMAC-SHA1' | 'HMAC-SHA256'

/** The signature the shop expects, base64. `oauth_signature` itself is left out of the base string. */
export function oauthSignature(request: OAuthRequest, method: OAuthMethod, consumerSecret: string): string {
  const algorithm = method === 'HMAC-SHA1' ? 'sha1' : 'sha256'
  return createHmac(algorithm, `${consumerSecret}&`).update(baseString(request)).digest('base64')
}

function baseString({ method, url, query }: OAuthRequest): string {
  const pairs = [...query].filter(([key]) => key !== 'oauth_signature').sort(([a], [b]) => compareNames(a, b))
  const joined = pairs.map(([key, value]) => `${twice(key)}%3D${twice(value)}`).join('%26')
  return `${method.toUpperCase()}&${rawUrlEncode(url)}&${joined}`
}

/** PHP sorts the top-level names bytewise; the items of one array stay in their order. */
function compareNames(a: string, b: string): number {
  const [left = '', right = ''] = [a.split('[')[0], b.split('[')[0]]
  if (left === right) return 0
  return left < right ? -1 : 1
}

function twice(text: string): string {
  return rawUrlEncode(text).replaceAll('%', '%25')
}

/** RFC 3986: letters, digits and `-._~` stay. */
export function rawUrlEncode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

const required = ['oauth_consumer_key', 'oauth_timestamp', 'oauth_nonce', 'oauth_signature', 'oauth_signature_method'] as const

/** Which of the five parameters are missing; undefined when none was sent, that is when OAuth is not being tried. */
export function missingOAuthParameters(query: PhpQuery): readonly string[] | undefined {
  const missing = required.filter((name) => !query.get(name))
  return missing.length === required.length ? undefined : missing
}

export interface OAuthKey {
  readonly consumerSecret: string
  /** Nonce → its timestamp in seconds, kept for the window. */
  readonly nonces: Map<string, number>
}

/** Seconds either side of the shop's clock; a nonce is remembered as long. */
const windowSeconds = 15 * 60

/** Undefined when the request holds, else the message WooCommerce answers with. */
export function refuseOAuth(request: OAuthRequest, key: OAuthKey, nowMs: number): string | undefined {
  const method = request.query.get('oauth_signature_method')
  if (method !== 'HMAC-SHA1' && method !== 'HMAC-SHA256') return 'Invalid signature - signature method is invalid.'
  const sent = decodeURIComponentSafe((request.query.get('oauth_signature') ?? '').replaceAll(' ', '+'))
  if (!sameText(sent, oauthSignature(request, method, key.consumerSecret))) {
    return 'Invalid signature - provided signature does not match.'
  }
  const now = Math.floor(nowMs / 1000)
  const timestamp = Number(request.query.get('oauth_timestamp'))
  if (!(Math.abs(timestamp - now) <= windowSeconds)) return 'Invalid timestamp.'
  const nonce = request.query.get('oauth_nonce') ?? ''
  if (key.nonces.has(nonce)) return 'Invalid nonce - nonce has already been used.'
  rememberNonce(key.nonces, nonce, timestamp, now)
  return undefined
}

function rememberNonce(nonces: Map<string, number>, nonce: string, timestamp: number, now: number): void {
  nonces.set(nonce, timestamp)
  for (const [old, at] of nonces) {
    if (at >= now - windowSeconds) break
    nonces.delete(old)
  }
}

function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
