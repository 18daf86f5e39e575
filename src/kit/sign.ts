import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

type Algorithm = 'sha1' | 'sha256'

/** HMAC as base64 text. */
export const hmacBase64 = (algorithm: Algorithm, key: string, data: string | Uint8Array): string =>
  createHmac(algorithm, key).update(data).digest('base64')

/** HMAC as lower-case hex text. */
export const hmacHex = (algorithm: Algorithm, key: string, data: string | Uint8Array): string => createHmac(algorithm, key).update(data).digest('hex')

/** Compares in constant time, also texts of unequal length (their digests are compared). */
export function equalText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest()
  return timingSafeEqual(digest(a), digest(b))
}

/** RFC 3986 percent encoding, stricter than encodeURIComponent: !'()* are encoded as well. */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)

export interface OAuth1Request {
  readonly method: string
  readonly url: string
  readonly consumerKey: string
  readonly consumerSecret: string
  readonly algorithm: Algorithm
  readonly nonce: string
  readonly timestampSeconds: number
  /** Some servers want `oauth_version=1.0`; where sent it is signed. */
  readonly version?: string
}

/**
 * Signs a request by OAuth 1.0a without a token ("one-legged", RFC 5849 §3.4) and returns its url with the `oauth_*`
 * parameters added to the query. A body is not signed (it is JSON, not a form).
 */
export function signOAuth1(request: OAuth1Request): string {
  const { base, parameters, oauth } = oauth1Base(request)
  const signature = hmacBase64(request.algorithm, `${percentEncode(request.consumerSecret)}&`, base)
  const query = [...parameters.filter(([name]) => !(name in oauth)), ...Object.entries(oauth), ['oauth_signature', signature]]
  const url = new URL(request.url)
  return `${url.origin}${url.pathname}?${query.map(([k = '', v = '']) => `${percentEncode(k)}=${percentEncode(v)}`).join('&')}`
}

/** The base string of such a request and its signature, without a url made of them. */
export function oauth1Parts(request: OAuth1Request): { readonly stringToSign: string; readonly signature: string } {
  const { base } = oauth1Base(request)
  return { stringToSign: base, signature: hmacBase64(request.algorithm, `${percentEncode(request.consumerSecret)}&`, base) }
}

/** The signature base string and its parts; `oauth_signature` itself is never part of it. */
function oauth1Base(request: OAuth1Request) {
  const url = new URL(request.url)
  const oauth: Record<string, string> = {
    oauth_consumer_key: request.consumerKey,
    oauth_nonce: request.nonce,
    oauth_signature_method: `HMAC-${request.algorithm.toUpperCase()}`,
    oauth_timestamp: String(request.timestampSeconds),
    ...(request.version === undefined ? {} : { oauth_version: request.version }),
  }
  const parameters: (readonly [string, string])[] = [...url.searchParams, ...Object.entries(oauth)]
  const sorted = parameters
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const base = [request.method.toUpperCase(), `${url.origin}${url.pathname}`, sorted].map(percentEncode).join('&')
  return { base, parameters, oauth }
}

/** By bytes, as the RFC asks; localeCompare would follow the language of the machine. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
