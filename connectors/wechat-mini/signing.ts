import type { Signed, Signing, Verdict } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'
import { isMessage, signMessage, verifyMessage } from '../../src/kit/wechat-signing.ts'
import { isPayNotice, openPayResource, payNoticeText } from '../../src/kit/wechatpay.ts'

type Input = Parameters<Signing['sign']>[0]

/**
 * `sign`: the signature of WeChat Pay v2 over `params` with the merchant's `key`, as backends still send it: MD5, or HMAC-SHA256 where `sign_type`
 * says so. `verify`: that, or a notice of v3 by its `headers` (Wechatpay-*), `body` and `platform_certificate_pem`, which only the channel can
 * sign. Both also take the parts of a pushed message.
 */
export const signing: Signing = {
  sign: (input) => (isMessage(input) ? signMessage(input) : signPayment(input)),
  verify(input) {
    if (isMessage(input)) return verifyMessage(input)
    if (partMap(input, 'headers')) return verifyNotice(input)
    return compare(signPayment(input), part(input, 'signature', 'sign', 'expected') ?? partMap(input, 'params')?.['sign'])
  },
}

function signPayment(input: Input): Signed {
  if (partMap(input, 'headers'))
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'not-ours',
      message: 'A notice of v3 is signed with the key of WeChat Pay: it can only be verified.',
    })
  const params = partMap(input, 'params') ?? { missing: needPart(input, 'params') }
  const text = Object.entries(params)
    .filter(([name, value]) => name !== 'sign' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}&`)
    .join('')
  const key = needPart(input, 'key', 'api_key', 'apiKey')
  const stringToSign = `${text}key=${key}`
  const how = params['sign_type'] ?? part(input, 'sign_type', 'signType') ?? 'MD5'
  if (how === 'MD5') return { stringToSign, signature: md5Hex(stringToSign) }
  if (how === 'HMAC-SHA256') return { stringToSign, signature: hmacHex('sha256', key, stringToSign).toUpperCase() }
  throw new ChannelError({ kind: 'misconfigured', code: 'sign-method', message: `"${how.slice(0, 20)}" is no signing method of this channel.` })
}

/** With `apiv3_key`, what the notice holds has to open as well. How old the notice is does not matter here. */
function verifyNotice(input: Input): Verdict {
  const headers = partMap(input, 'headers', true) ?? {}
  const of = (name: string): string => headers[`wechatpay-${name}`] ?? ''
  const body = needPart(input, 'body', 'raw_body', 'rawBody')
  const keys = needPart(input, 'platform_certificate_pem', 'platformKey', 'public_key_pem')
  if (of('signature') === '') return { valid: false, reason: 'No Wechatpay-Signature among the headers.' }
  if (!isPayNotice({ text: payNoticeText(of('timestamp'), of('nonce'), body), signature: of('signature'), keys }))
    return { valid: false, reason: 'The signature does not match the parts.' }
  const apiV3Key = part(input, 'apiv3_key', 'apiV3Key')
  return apiV3Key === undefined ? { valid: true } : opens(body, apiV3Key)
}

function opens(body: string, apiV3Key: string): Verdict {
  const resource = field(parsedOrNothing(body), 'resource')
  const of = (name: string): string => textField(resource, name) ?? ''
  try {
    openPayResource({ algorithm: of('algorithm'), ciphertext: of('ciphertext'), associatedData: of('associated_data'), nonce: of('nonce') }, apiV3Key)
    return { valid: true }
  } catch (error) {
    if (error instanceof ChannelError && error.fault.kind === 'unreadable') return { valid: false, reason: error.message }
    throw error
  }
}
