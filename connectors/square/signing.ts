import type { Signing } from '../../src/core/connector.ts'
import { hmacBase64 } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

/**
 * Deliveries: base64(HMAC-SHA256(notification URL + raw body, signature key)). Parts `key`, `url` and `body`, or
 * `x-square-hmacsha256-signature` among `headers` to check. Source: WebhooksHelper of Square's SDKs.
 */
export const signing: Signing = {
  sign(input) {
    const url = needPart(input, 'url', 'notification_url', 'notificationUrl')
    const stringToSign = url + needPart(input, 'body', 'raw_body', 'rawBody', 'requestBody', 'payload')
    return { stringToSign, signature: hmacBase64('sha256', needPart(input, 'key', 'signature_key', 'signatureKey', 'secret'), stringToSign) }
  },
  verify(input) {
    const header = partMap(input, 'headers', true)?.['x-square-hmacsha256-signature']
    return compare(signing.sign(input), header ?? part(input, 'signature', 'expected'))
  },
}
