import type { Signing } from '../../src/core/connector.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

/** Events of the subscriber in docs/channels/medusa.md: hex HMAC-SHA256 of the raw body (parts `secret`, `body`). */
export const signing: Signing = {
  sign(input) {
    const body = needPart(input, 'body', 'raw_body', 'rawBody', 'payload')
    return { stringToSign: body, signature: hmacHex('sha256', needPart(input, 'secret', 'webhookSecret'), body) }
  },
  verify: (input) =>
    compare(signing.sign(input), (partMap(input, 'headers', true)?.['x-signature'] ?? part(input, 'signature', 'expected'))?.toLowerCase()),
}
