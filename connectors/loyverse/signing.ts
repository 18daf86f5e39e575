import type { Signing } from '../../src/core/connector.ts'
import { hmacBase64, hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

const bodyOf = (input: Parameters<Signing['sign']>[0]): string => needPart(input, 'body', 'raw_body', 'rawBody', 'payload')
const secretOf = (input: Parameters<Signing['sign']>[0]): string => needPart(input, 'client_secret', 'clientSecret', 'key', 'secret')

/**
 * Notices of subscriptions an app made: base64(HMAC-SHA1(raw body, client secret)), at the door also in hexadecimal digits. Parts
 * `client_secret` and `body`, or `x-loyverse-signature` among `headers` to check.
 */
export const signing: Signing = {
  sign: (input) => ({ stringToSign: bodyOf(input), signature: hmacBase64('sha1', secretOf(input), bodyOf(input)) }),
  verify(input) {
    const claimed = partMap(input, 'headers', true)?.['x-loyverse-signature'] ?? part(input, 'signature', 'expected')
    const isHex = /^[0-9a-f]{40}$/.test(claimed ?? '')
    const made = signing.sign(input)
    return compare(isHex ? { ...made, signature: hmacHex('sha1', secretOf(input), bodyOf(input)) } : made, claimed)
  },
}
