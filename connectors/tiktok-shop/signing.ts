import type { Signed, Signing } from '../../src/core/connector.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

type Input = Readonly<Record<string, unknown>>
type Query = Readonly<Record<string, string>>

const SECRET = ['app_secret', 'appSecret', 'secret'] as const
/** Of the query, what is not covered. */
const LEFT_OUT: ReadonlySet<string> = new Set(['sign', 'access_token'])

/**
 * HMAC-SHA256 of path, sorted parameters (names and decoded values) and the body as sent, between two copies of the secret and under
 * it. A body of several parts is not covered (vendor's page "Sign your API request").
 */
export function signCall(call: { readonly path: string; readonly query: Query; readonly body: string }, secret: string): Signed {
  const names = Object.keys(call.query).filter((name) => !LEFT_OUT.has(name))
  const pairs = names.sort((a, b) => (a < b ? -1 : 1)).map((name) => `${name}${call.query[name] ?? ''}`)
  const stringToSign = `${secret}${call.path}${pairs.join('')}${call.body}${secret}`
  return { stringToSign, signature: hmacHex('sha256', secret, stringToSign) }
}

/** What stands in `Authorization` of a delivery: HMAC-SHA256 of app key and body under the app secret. */
export function signDelivery(appKey: string, body: string | Uint8Array, secret: string): string {
  return hmacHex('sha256', secret, Buffer.concat([Buffer.from(appKey, 'utf8'), Buffer.from(body)]))
}

/** Parts by the vendor's names: a call has a `path` (or `url`) and its query, a delivery has neither. */
function sign(input: Input): Signed {
  const secret = needPart(input, ...SECRET)
  const body = part(input, 'body', 'rawBody', 'raw_body')
  const url = part(input, 'url')
  const path = part(input, 'path') ?? (url !== undefined && URL.canParse(url) ? new URL(url).pathname : url)
  if (path === undefined) {
    const appKey = needPart(input, 'app_key', 'appKey')
    const text = body ?? needPart(input, 'body')
    return { stringToSign: appKey + text, signature: signDelivery(appKey, text, secret) }
  }
  const type = part(input, 'content_type', 'contentType') ?? partMap(input, 'headers', true)?.['content-type']
  const isParts = (type ?? '').toLowerCase().startsWith('multipart/form-data')
  return signCall({ path: path.split('?', 1)[0] ?? '', query: queryOf(input), body: isParts ? '' : (body ?? '') }, secret)
}

/** The query as an object or a text, or its members beside the other parts. */
function queryOf(input: Input): Query {
  const [url, text] = [part(input, 'url', 'path') ?? '', part(input, 'query')]
  const named = ['app_key', 'timestamp', 'shop_cipher', 'shop_id', 'version'].flatMap((name) => {
    const value = part(input, name)
    return value === undefined ? [] : [[name, value] as const]
  })
  const written = text ?? (url.includes('?') ? url.slice(url.indexOf('?')) : '')
  return {
    ...Object.fromEntries(named),
    ...Object.fromEntries(new URLSearchParams(written)),
    ...partMap(input, 'query'),
    ...partMap(input, 'params'),
  }
}

/** Where the signature stands: among the parts, in the query, or in the header of a delivery. */
const claimedOf = (input: Input): string | undefined =>
  part(input, 'signature', 'sign', 'expected') ?? queryOf(input)['sign'] ?? partMap(input, 'headers', true)?.['authorization']

export const signing: Signing = { sign, verify: (input) => compare(sign(input), claimedOf(input)) }
