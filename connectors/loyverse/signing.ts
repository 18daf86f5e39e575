import type { Signing } from '../../src/core/connector.ts'
import { hmacBase64 } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

/**
 * Notices of subscriptions an app made: base64(HMAC-SHA1(raw body, client secret)). Parts `client_secret` and `body`, or
 * `x-loyverse-signature` among `headers` to check.
 */
export const signing: Signing = {
  sign(input) {
    const stringToSign = needPart(input, 'body', 'raw_body', 'payload')
    return { stringToSign, signature: hmacBase64('sha1', needPart(input, 'client_secret', 'clientSecret', 'key', 'secret'), stringToSign) }
  },
  verify: (input) => compare(signing.sign(input), partMap(input, 'headers', true)?.['x-loyverse-signature'] ?? part(input, 'signature', 'expected')),
}
