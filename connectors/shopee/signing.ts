import type { Signed, Signing } from '../../src/core/connector.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap, queryPart } from '../../src/kit/signing.ts'

export interface SignedCall {
  readonly partnerId: string
  /** As the vendor knows it, `/api/v2/…`, whatever address a relay answers under. */
  readonly path: string
  /** Seconds. */
  readonly timestamp: string
  /** Absent where the app itself asks: for tokens, for its own settings. */
  readonly accessToken?: string
  readonly shopId?: string
}

/** HMAC-SHA256 of the parts one behind the other under the app's key, as lower-case hex. Neither query nor body is covered. */
export function signCall(call: SignedCall, partnerKey: string): Signed {
  const stringToSign = `${call.partnerId}${call.path}${call.timestamp}${call.accessToken ?? ''}${call.shopId ?? ''}`
  return { stringToSign, signature: hmacHex('sha256', partnerKey, stringToSign) }
}

/** What stands in `Authorization` of a pushed message: the address it was sent to, a bar, and the body as it came, under the key for pushes. */
export const signPush = (url: string, body: string | Uint8Array, key: string): string =>
  hmacHex('sha256', key, Buffer.concat([Buffer.from(`${url}|`, 'utf8'), Buffer.from(body)]))

/**
 * Parts by the vendor's names. A call: `partner_id`, `path` (or the whole `url`), `timestamp`, with `access_token` and `shop_id` (or
 * `merchant_id`) where it is a shop's; or its base string ready made as `base`. A message: `url` and `body` under the push key.
 */
export const signing: Signing = {
  sign(input) {
    const key = needPart(input, 'partner_key', 'partnerKey', 'push_key', 'pushKey', 'key', 'secret')
    const base = part(input, 'base', 'base_string', 'stringToSign')
    if (base !== undefined) return { stringToSign: base, signature: hmacHex('sha256', key, base) }
    const [url, body] = [part(input, 'url', 'callback_url'), part(input, 'body', 'raw_body', 'rawBody')]
    if (url !== undefined && body !== undefined) return { stringToSign: `${url}|${body}`, signature: signPush(url, body, key) }
    const query = queryOf(input, url)
    const named = (...names: readonly string[]): string | undefined => part(input, ...names) ?? part(query, ...names)
    const [accessToken, shopId] = [named('access_token', 'accessToken'), named('shop_id', 'shopId', 'merchant_id', 'merchantId')]
    return signCall(
      {
        partnerId: named('partner_id', 'partnerId') ?? needPart(input, 'partner_id'),
        path: part(input, 'path') ?? (url !== undefined && URL.canParse(url) ? new URL(url).pathname : needPart(input, 'path')),
        timestamp: named('timestamp') ?? needPart(input, 'timestamp'),
        ...(accessToken === undefined ? {} : { accessToken }),
        ...(shopId === undefined ? {} : { shopId }),
      },
      key,
    )
  },
  verify(input) {
    const claimed = part(input, 'signature', 'sign', 'expected') ?? partMap(input, 'headers', true)?.['authorization']
    return compare(signing.sign(input), claimed ?? queryOf(input, part(input, 'url'))['sign'])
  },
}

function queryOf(input: Readonly<Record<string, unknown>>, url: string | undefined): Readonly<Record<string, string>> {
  const own = url !== undefined && URL.canParse(url) ? Object.fromEntries(new URL(url).searchParams) : {}
  return { ...own, ...queryPart(input, 'query'), ...partMap(input, 'params') }
}
