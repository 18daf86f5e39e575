import type { Signed, Signing } from '../../src/core/connector.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { compare, needPart, part, requestParams } from '../../src/kit/signing.ts'

type Parameters = Readonly<Record<string, string>>

/**
 * The signature of a call (JOS protocol page, jos.jd.com/commondoc?listId=33): the secret, every name with its value in
 * the order of the names, the secret. `360buy_param_json` is one of them and is signed exactly as it is sent. Everything
 * that is sent is signed: `format` and `sign_method` are no parameters of this gateway and are therefore not sent.
 */
export function signParameters(parameters: Parameters, secret: string): Signed {
  const text = Object.entries(parameters)
    .filter(([name, value]) => name !== 'sign' && name !== '' && value !== '')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => name + value)
    .join('')
  const stringToSign = secret + text + secret
  return { stringToSign, signature: md5Hex(stringToSign) }
}

/** Parts: `app_secret` and `params`, or the request itself as `query` (or `url`) and form `body`. */
export const signing: Signing = {
  sign: (input) => signParameters(requestParams(input), needPart(input, 'app_secret', 'appSecret', 'secret')),
  verify: (input) => compare(signing.sign(input), part(input, 'signature', 'sign', 'expected') ?? requestParams(input)['sign']),
}
