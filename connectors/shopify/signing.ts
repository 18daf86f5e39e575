import type { Signed, Signing } from '../../src/core/connector.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'
import { hmacBase64, hmacHex, percentEncode } from '../../src/kit/sign.ts'

type Input = Readonly<Record<string, unknown>>

/**
 * Shopify signs two things with an app's client secret: webhooks (`secret`, `body`; Base64) and the addresses it sends a
 * browser to (`secret`, `query`; hexadecimal, over the sorted query without `hmac` and `signature`).
 */
function sign(input: Input): Signed {
  const secret = needPart(input, 'secret', 'clientSecret', 'client_secret', 'apiSecretKey')
  const query = partMap(input, 'query') ?? fromText(part(input, 'query')) ?? partMap(input, 'params')
  if (query === undefined) {
    const body = needPart(input, 'body', 'rawBody', 'payload')
    return { stringToSign: body, signature: hmacBase64('sha256', secret, body) }
  }
  const stringToSign = Object.entries(query)
    .filter(([name]) => name !== 'hmac' && name !== 'signature')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&')
  return { stringToSign, signature: hmacHex('sha256', secret, stringToSign) }
}

const fromText = (text: string | undefined): Readonly<Record<string, string>> | undefined =>
  text === undefined ? undefined : Object.fromEntries(new URLSearchParams(text))

/** Where the signature stands: among the parts, in the headers of a webhook, or in the query itself. */
function claimedOf(input: Input): string | undefined {
  const headers = partMap(input, 'headers', true)
  const query = partMap(input, 'query') ?? fromText(part(input, 'query'))
  return part(input, 'signature', 'hmac', 'expected') ?? headers?.['x-shopify-hmac-sha256'] ?? headers?.['shopify-hmac-sha256'] ?? query?.['hmac']
}

export const signing: Signing = { sign, verify: (input) => compare(sign(input), claimedOf(input)) }
