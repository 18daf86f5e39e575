import type { Signed, Signing } from '../../src/core/connector.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap, requestParams } from '../../src/kit/signing.ts'

type Parameters = Readonly<Record<string, string>>

/**
 * The signature of a call (open.lazada.com, "Signature algorithm", docId 108069): HMAC-SHA256 under the app secret over the
 * path of the interface and every parameter with its value in the order of the names, as upper-case hex. Those in the
 * address and those in the form count alike, files do not.
 */
export function signCall(path: string, parameters: Parameters, secret: string): Signed {
  const text = Object.entries(parameters)
    .filter(([name]) => name !== 'sign' && name !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => name + value)
    .join('')
  const stringToSign = path + text
  return { stringToSign, signature: hmacHex('sha256', secret, stringToSign).toUpperCase() }
}

/** `Authorization` of a pushed message: HMAC-SHA256 under the app secret over the app key and the body as it came, as lower-case hex. */
export const pushSignature = (appKey: string, body: Uint8Array, appSecret: string): string =>
  hmacHex('sha256', appSecret, Buffer.concat([Buffer.from(appKey, 'utf8'), body]))

/** Parts of a call: `app_secret`, `path` and `params` (or `url`, and `body` of a form). Parts of a message: `app_key`, `app_secret`, `raw_body` (or `body` without a path). */
export const signing: Signing = {
  sign(input) {
    const secret = needPart(input, 'app_secret', 'appSecret', 'secret')
    const isCall = part(input, 'path', 'api_path', 'apiPath', 'url') !== undefined
    const message = part(input, 'raw_body', 'rawBody') ?? (isCall ? undefined : part(input, 'body'))
    if (message !== undefined) {
      const appKey = needPart(input, 'app_key', 'appKey')
      return { stringToSign: appKey + message, signature: pushSignature(appKey, Buffer.from(message, 'utf8'), secret) }
    }
    return signCall(pathOf(input), requestParams(input), secret)
  },
  verify: (input) =>
    compare(
      signing.sign(input),
      part(input, 'signature', 'sign', 'expected') ?? partMap(input, 'headers', true)?.['authorization'] ?? requestParams(input)['sign'],
    ),
}

/** "/order/get": what stands behind "/rest" of an address. */
function pathOf(input: Readonly<Record<string, unknown>>): string {
  const [path, url] = [part(input, 'path', 'api_path', 'apiPath'), part(input, 'url')]
  if (path !== undefined || url === undefined || !URL.canParse(url)) return path ?? needPart(input, 'path')
  return new URL(url).pathname.replace(/^.*\/rest(?=\/)/, '')
}
