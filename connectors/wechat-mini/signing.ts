import type { Signing } from '../../src/core/connector.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'
import { isPayNotice, payNoticeText } from '../../src/kit/wechatpay.ts'

/**
 * `sign`: the MD5 signature of WeChat Pay v2 over `params` with the merchant's `key`, as backends still send it. `verify`: that, or a notice of v3 by its
 * `headers` (Wechatpay-*), `body` and `platform_certificate_pem`, which only the channel can sign.
 */
export const signing: Signing = {
  sign(input) {
    const params = partMap(input, 'params') ?? { missing: needPart(input, 'params') }
    const text = Object.entries(params)
      .filter(([name, value]) => name !== 'sign' && value !== '')
      .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([name, value]) => `${name}=${value}&`)
      .join('')
    const stringToSign = `${text}key=${needPart(input, 'key')}`
    return { stringToSign, signature: md5Hex(stringToSign) }
  },
  verify(input) {
    const headers = partMap(input, 'headers', true)
    if (!headers) return compare(signing.sign(input), part(input, 'signature', 'sign', 'expected') ?? partMap(input, 'params')?.['sign'])
    const of = (name: string): string => headers[`wechatpay-${name}`] ?? ''
    const text = payNoticeText(of('timestamp'), of('nonce'), needPart(input, 'body'))
    const keys = needPart(input, 'platform_certificate_pem', 'platformKey', 'public_key_pem')
    return isPayNotice({ text, signature: of('signature'), keys })
      ? { valid: true }
      : { valid: false, reason: 'The signature does not match the parts.' }
  },
}
