import type { Signed, Signing } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { hmacBase64 } from '../../src/kit/sign.ts'
import { compare, needPart, part, requestParams } from '../../src/kit/signing.ts'

type Params = Readonly<Record<string, string>>

/**
 * Everything that is sent but `sign`, sorted by name as `k=v&…`, with `&signSecret=…` behind it: as MD5 in lower-case hex, or as HMAC-SHA256
 * under the same secret in Base64. Raw values, before any URL encoding (the vendor's page 8cca5d25… with its Java sources).
 */
export function sign(params: Params, signSecret: string): Signed {
  const sorted = Object.entries(params)
    .filter(([name]) => name !== 'sign')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
  const text = [...sorted, `signSecret=${signSecret}`].join('&')
  const how = params['signMethod'] ?? 'MD5'
  if (how === 'HMAC_SHA256') return { stringToSign: text, signature: hmacBase64('sha256', signSecret, text) }
  if (how === 'MD5') return { stringToSign: text, signature: md5Hex(text).toLowerCase() }
  throw new ChannelError({ kind: 'misconfigured', code: 'sign-method', message: `"${how.slice(0, 20)}" is no signing method of this channel.` })
}

/** Parts: `params`, or the request as `url` and `body` (a form), and `signSecret`. */
export const signing: Signing = {
  sign: (input) => sign(requestParams(input), needPart(input, 'signSecret', 'sign_secret', 'secret')),
  verify: (input) => compare(signing.sign(input), part(input, 'signature', 'sign', 'expected') ?? requestParams(input)['sign']),
}
