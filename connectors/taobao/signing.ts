import type { Signed, Signing } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { hmacMd5Hex, md5Hex } from '../../src/kit/md5.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, requestParams } from '../../src/kit/signing.ts'

type Parameters = Readonly<Record<string, string>>

/** Names and values of all parameters but `sign`, by code point of the name; empty ones are left out, as the gateway does. */
const joined = (parameters: Parameters): string =>
  Object.entries(parameters)
    .filter(([name, value]) => name !== 'sign' && name !== '' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => name + value)
    .join('')

/** The signature of a call (TOP documentation 101617): `md5` wraps the text in the secret, both HMACs key with it. */
export function signParameters(parameters: Parameters, secret: string, usual = 'md5'): Signed {
  const text = joined(parameters)
  const method = parameters['sign_method'] ?? usual
  switch (method) {
    case 'md5':
      return { stringToSign: secret + text + secret, signature: md5Hex(secret + text + secret) }
    case 'hmac':
      return { stringToSign: text, signature: hmacMd5Hex(secret, text) }
    case 'hmac-sha256':
      return { stringToSign: text, signature: hmacHex('sha256', secret, text).toUpperCase() }
    default:
      throw new ChannelError({
        kind: 'misconfigured',
        code: 'sign-method',
        message: `"${method.slice(0, 20)}" is no signing method of this channel.`,
      })
  }
}

/** Parts: `secret` and `params`, or the request itself as `query` (or `url`) and form `body`. The message queue's handshake signs the same way. */
export const signing: Signing = {
  sign: (input) =>
    signParameters(requestParams(input), needPart(input, 'secret', 'appSecret', 'app_secret'), part(input, 'sign_method', 'signMethod')),
  verify: (input) => compare(signing.sign(input), part(input, 'signature', 'sign', 'expected') ?? requestParams(input)['sign']),
}
