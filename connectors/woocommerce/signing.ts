import type { Signed, Signing } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { hmacBase64, oauth1Parts } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

type Input = Readonly<Record<string, unknown>>

const CONSUMER_KEY = ['consumer_key', 'oauth_consumer_key', 'consumerKey', 'ck'] as const

/** A delivery may come with the address of its shop beside it; a request over http has a consumer key, among the parts or in its address. */
const isDelivery = (input: Input): boolean =>
  part(input, 'url') === undefined ||
  (part(input, 'body', 'raw_body', 'payload') !== undefined &&
    part(input, ...CONSUMER_KEY, 'key') === undefined &&
    !(part(input, 'url') ?? '').includes('oauth_consumer_key='))

/**
 * Two signatures: requests over plain http by OAuth 1.0a (parts `url`, `consumer_key`, `consumer_secret`, `nonce`, `timestamp`,
 * `signature_method`, `oauth_version`, or what of these stands in `url` already), and deliveries by base64(HMAC-SHA256(raw body)) (parts
 * `secret`, `body`). Source: WooCommerce REST API documentation, "Authentication over HTTP" and "Webhooks".
 */
export const signing: Signing = {
  sign(input) {
    if (!isDelivery(input)) return signRequest(input)
    const body = needPart(input, 'body', 'raw_body', 'rawBody', 'payload')
    return { stringToSign: body, signature: hmacBase64('sha256', needPart(input, 'secret', 'webhook_secret', 'webhookSecret'), body) }
  },
  verify(input) {
    const header = partMap(input, 'headers', true)?.['x-wc-webhook-signature']
    const inAddress = isDelivery(input) ? undefined : partOf(addressOf(input), 'signature')
    return compare(signing.sign(input), header ?? part(input, 'signature', 'oauth_signature', 'expected') ?? inAddress)
  },
}

function signRequest(input: Input): Signed {
  const url = addressOf(input)
  const of = (name: string, ...names: readonly string[]): string => part(input, ...names) ?? partOf(url, name) ?? needPart(input, ...names)
  const version = part(input, 'oauth_version', 'version') ?? partOf(url, 'version')
  const method = part(input, 'signature_method', 'oauth_signature_method', 'algorithm') ?? partOf(url, 'signature_method') ?? 'HMAC-SHA256'
  const hash = /^(?:hmac-)?sha-?(1|256)$/i.exec(method)?.[1]
  if (hash === undefined) throw misconfigured('sign-method', `"${method.slice(0, 20)}" is no signing method of this channel.`)
  const timestamp = of('timestamp', 'timestamp', 'oauth_timestamp', 'ts')
  if (!/^\d{1,15}$/.test(timestamp)) throw misconfigured('part-wrong', '"timestamp" has to be a number of seconds.')
  const [consumerKey, nonce] = [of('consumer_key', ...CONSUMER_KEY, 'key'), of('nonce', 'nonce', 'oauth_nonce')]
  for (const name of [...url.searchParams.keys()]) if (name.startsWith('oauth_')) url.searchParams.delete(name)
  return oauth1Parts({
    method: part(input, 'method') ?? 'GET',
    url: url.href,
    consumerKey,
    consumerSecret: needPart(input, 'consumer_secret', 'consumerSecret', 'cs', 'secret'),
    algorithm: hash === '1' ? 'sha1' : 'sha256',
    nonce,
    timestampSeconds: Number(timestamp),
    ...(version === undefined ? {} : { version }),
  })
}

function addressOf(input: Input): URL {
  const url = needPart(input, 'url')
  if (!URL.canParse(url)) throw misconfigured('part-wrong', '"url" has to be a whole address, with http:// or https://.')
  return new URL(url)
}

const partOf = (url: URL, name: string): string | undefined => url.searchParams.get(`oauth_${name}`) ?? undefined

const misconfigured = (code: string, message: string): ChannelError => new ChannelError({ kind: 'misconfigured', code, message })
