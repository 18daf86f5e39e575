import type { Signing } from '../../src/core/connector.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'
import { pushSignature, pushText } from '../../src/kit/wechat-crypto.ts'

/** Parts: `token`, `timestamp`, `nonce` and, of an encrypted message, `Encrypt`. Calls are not signed: they carry a token. */
export const signing: Signing = {
  sign(input) {
    const encrypt = part(input, 'Encrypt', 'encrypt')
    const parts = [needPart(input, 'token'), needPart(input, 'timestamp'), needPart(input, 'nonce'), ...(encrypt === undefined ? [] : [encrypt])]
    return { stringToSign: pushText(parts), signature: pushSignature(parts) }
  },
  verify(input) {
    const query = partMap(input, 'query')
    const claimed = part(input, 'msg_signature', 'signature', 'expected') ?? query?.['msg_signature'] ?? query?.['signature']
    return compare(signing.sign({ ...query, ...input }), claimed)
  },
}
