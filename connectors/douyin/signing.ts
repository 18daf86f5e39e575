import type { Signed, Signing } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'
import { paramJson } from './param-json.ts'

type Input = Readonly<Record<string, unknown>>

const SECRET = ['app_secret', 'appSecret', 'secret'] as const

export interface SignedCall {
  readonly appKey: string
  /** The path with dots: "order.searchList". Undefined for a call the channel makes to us (SPI), which signs neither it nor `v`. */
  readonly method: string | undefined
  readonly paramJson: string
  readonly timestamp: string
  readonly version: string
}

/**
 * The signature of a call: the parts by name, between two copies of the secret, as HMAC-SHA256 under that secret or as MD5.
 * Access token and `sign_method` are not covered (vendor's client, utils/sign_util.go `Sign` and `SpiSign`).
 */
export function signCall(call: SignedCall, secret: string, how: string): Signed {
  const method = call.method === undefined ? '' : `method${call.method}`
  const version = call.method === undefined ? '' : `v${call.version}`
  const text = `${secret}app_key${call.appKey}${method}param_json${call.paramJson}timestamp${call.timestamp}${version}${secret}`
  if (how === 'hmac-sha256') return { stringToSign: text, signature: hmacHex('sha256', secret, text) }
  if (how === 'md5') return { stringToSign: text, signature: md5Hex(text).toLowerCase() }
  throw new ChannelError({ kind: 'misconfigured', code: 'sign-method', message: `"${how.slice(0, 20)}" is no signing method of this channel.` })
}

/** What stands in `event-sign` of a message: MD5 over app key, the body as it came, and the secret. */
export function signMessage(appKey: string, body: string, secret: string): Signed {
  const text = appKey + body + secret
  return { stringToSign: text, signature: md5Hex(text).toLowerCase() }
}

/**
 * Parts by the vendor's names. A call: `method` and `param_json` (or the request itself as `url` or `query` and `body`); a call the
 * channel makes to us: the same without `method`; a message: `app_key` and the raw `body`.
 */
function sign(input: Input): Signed {
  const secret = needPart(input, ...SECRET)
  const query = queryOf(input)
  const named = (...names: readonly string[]): string | undefined => part(input, ...names) ?? part(query, ...names)
  const appKey = named('app_key', 'appKey') ?? needPart(input, 'app_key')
  const method = named('method')
  const body = part(input, 'body', 'rawBody', 'raw_body')
  const given = input['param_json'] ?? query['param_json']
  if (given === undefined && method === undefined) return signMessage(appKey, body ?? needPart(input, 'body'), secret)
  const how = named('sign_method') ?? (method === undefined ? 'md5' : 'hmac-sha256')
  const json = typeof given === 'object' && given !== null ? paramJson(given) : (part({ given }, 'given') ?? body ?? needPart(input, 'param_json'))
  const timestamp = named('timestamp') ?? needPart(input, 'timestamp')
  return signCall({ appKey, method, paramJson: json, timestamp, version: named('v') ?? '2' }, secret, how)
}

function queryOf(input: Input): Readonly<Record<string, string>> {
  const url = part(input, 'url')
  const text = part(input, 'query') ?? (url !== undefined && URL.canParse(url) ? new URL(url).search : '')
  return { ...Object.fromEntries(new URLSearchParams(text)), ...partMap(input, 'query'), ...partMap(input, 'params') }
}

/** Where the signature stands: among the parts, in the query, or in the header of a message. */
const claimedOf = (input: Input): string | undefined =>
  part(input, 'signature', 'sign', 'expected') ?? queryOf(input)['sign'] ?? partMap(input, 'headers', true)?.['event-sign']

export const signing: Signing = { sign, verify: (input) => compare(sign(input), claimedOf(input)) }
