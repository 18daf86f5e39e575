import type { Signed, Signing } from '../../src/core/connector.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { compare, needPart, part, requestParams } from '../../src/kit/signing.ts'

type Parameters = Readonly<Record<string, string>>

/** The signature of a call (access guide, part three): names and values of all parameters but `sign`, by code point of the name, wrapped in the secret. */
export function signParameters(parameters: Parameters, secret: string): Signed {
  const joined = Object.entries(parameters)
    .filter(([name]) => name !== 'sign')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => name + value)
    .join('')
  const text = secret + joined + secret
  return { stringToSign: text, signature: md5Hex(text) }
}

/** Parts: `client_secret` and `params`, or the request itself as `body` (JSON or form) or `url`. With `timestamp_ms` alone: the digest in the address of the message socket. */
export const signing: Signing = {
  sign(input) {
    const secret = needPart(input, 'client_secret', 'clientSecret', 'secret')
    const ms = part(input, 'timestamp_ms')
    if (ms === undefined) return signParameters(requestParams(input), secret)
    const text = needPart(input, 'client_id', 'clientId') + ms + secret
    return { stringToSign: text, signature: Buffer.from(md5Hex(text).toLowerCase()).toString('base64') }
  },
  verify: (input) =>
    compare(
      signing.sign(input),
      part(input, 'signature', 'sign', 'expected') ?? (part(input, 'timestamp_ms') === undefined ? requestParams(input)['sign'] : undefined),
    ),
}
