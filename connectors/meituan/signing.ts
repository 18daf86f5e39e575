import type { Signed, Signing } from '../../src/core/connector.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { compare, needPart, part, requestParams } from '../../src/kit/signing.ts'

type Parameters = Readonly<Record<string, string>>

/**
 * MD5, in lower case, over the address without its query, "?", every parameter of query and form in the order of its name with its value
 * as it is before URL encoding, and the secret. `sig` itself is left out; a parameter without a value counts with an empty one.
 */
export function signParameters(url: string, parameters: Parameters, secret: string): Signed {
  const text = Object.entries(parameters)
    .filter(([name]) => name !== 'sig')
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
  const stringToSign = `${url.replace(/[?#].*$/s, '')}?${text}${secret}`
  return { stringToSign, signature: md5Hex(stringToSign).toLowerCase() }
}

/** Parts: `consumer_secret`, `url`, and `params`, or the request itself as query of `url` and form `body`. */
export const signing: Signing = {
  sign: (input) =>
    signParameters(needPart(input, 'url'), requestParams(input), needPart(input, 'consumer_secret', 'app_secret', 'appSecret', 'secret')),
  verify: (input) => compare(signing.sign(input), part(input, 'signature', 'sig', 'sign', 'expected') ?? requestParams(input)['sig']),
}
