import type { Signing } from '../../src/core/connector.ts'
import { hmacBase64, oauth1Parts } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

type Input = Readonly<Record<string, unknown>>

const isDelivery = (input: Input): boolean => part(input, 'url') === undefined

/**
 * Two signatures: requests over plain http by OAuth 1.0a (parts `url`, `consumer_key`, `consumer_secret`, `nonce`, `timestamp`,
 * `signature_method`, `oauth_version`), and deliveries by base64(HMAC-SHA256(raw body)) (parts `secret`, `body`).
 * Source: WooCommerce REST API documentation, "Authentication over HTTP" and "Webhooks".
 */
export const signing: Signing = {
  sign(input) {
    if (isDelivery(input)) {
      const body = needPart(input, 'body', 'raw_body', 'payload')
      return { stringToSign: body, signature: hmacBase64('sha256', needPart(input, 'secret', 'webhook_secret', 'webhookSecret'), body) }
    }
    const version = part(input, 'oauth_version', 'version')
    return oauth1Parts({
      method: part(input, 'method') ?? 'GET',
      url: needPart(input, 'url'),
      consumerKey: needPart(input, 'consumer_key', 'oauth_consumer_key', 'consumerKey', 'ck', 'key'),
      consumerSecret: needPart(input, 'consumer_secret', 'consumerSecret', 'cs', 'secret'),
      algorithm: /sha-?1$/i.test(part(input, 'signature_method', 'oauth_signature_method', 'algorithm') ?? '') ? 'sha1' : 'sha256',
      nonce: needPart(input, 'nonce', 'oauth_nonce'),
      timestampSeconds: Number(needPart(input, 'timestamp', 'oauth_timestamp', 'ts')),
      ...(version === undefined ? {} : { version }),
    })
  },
  verify(input) {
    const header = partMap(input, 'headers', true)?.['x-wc-webhook-signature']
    return compare(signing.sign(input), header ?? part(input, 'signature', 'oauth_signature', 'expected'))
  },
}
