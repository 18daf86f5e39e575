import type { Signed, Signing } from '../../src/core/connector.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'
import { md5Hex } from '../../src/kit/md5.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

export interface System {
  readonly method: string
  readonly appId: string
  readonly timestamp: string
  readonly version: string
}

/**
 * Lower-case MD5 of the method, the three other system parameters and the secret (open.xiaohongshu.com/document/developer/file/39). What a call
 * says is not signed, its token neither.
 */
export function sign({ method, appId, timestamp, version }: System, appSecret: string): Signed {
  const text = `${method}?appId=${appId}&timestamp=${timestamp}&version=${version}${appSecret}`
  return { stringToSign: text, signature: md5Hex(text).toLowerCase() }
}

type Input = Parameters<Signing['sign']>[0]

/** Parts: the four parameters (or `params` with them), or the request as `body`, and `appSecret`. */
function systemOf(given: Input): System {
  const doc = parsedOrNothing(part(given, 'body') ?? '')
  const input = { ...partMap(given, 'params'), ...given }
  const of = (name: string): string => textField(doc, name) ?? needPart(input, name)
  return {
    method: of('method'),
    appId: of('appId'),
    timestamp: of('timestamp'),
    version: part(input, 'version') ?? textField(doc, 'version') ?? '2.0',
  }
}

export const signing: Signing = {
  sign: (input) => sign(systemOf(input), needPart(input, 'appSecret', 'app_secret', 'secret')),
  verify: (input) =>
    compare(signing.sign(input), part(input, 'signature', 'sign', 'expected') ?? textField(parsedOrNothing(part(input, 'body') ?? ''), 'sign')),
}
