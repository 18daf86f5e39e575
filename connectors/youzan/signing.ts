import { createHash } from 'node:crypto'
import type { Signing } from '../../src/core/connector.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'

/** Event-Sign of a pushed message: MD5 over client id, the body as it came and the client secret, one behind the other, as lower-case hex. */
export const eventSign = (clientId: string, body: string | Uint8Array, clientSecret: string): string =>
  createHash('md5').update(clientId, 'utf8').update(body).update(clientSecret, 'utf8').digest('hex')

/** Parts: `client_id`, `client_secret` and the `raw_body` of a message. Calls are not signed: they carry a token. */
export const signing: Signing = {
  sign(input) {
    const [id, secret] = [needPart(input, 'client_id', 'clientId'), needPart(input, 'client_secret', 'clientSecret', 'secret')]
    const body = needPart(input, 'raw_body', 'rawBody', 'body')
    return { stringToSign: id + body + secret, signature: eventSign(id, body, secret) }
  },
  verify: (input) =>
    compare(signing.sign(input), (part(input, 'signature', 'sign', 'expected') ?? partMap(input, 'headers', true)?.['event-sign'])?.toLowerCase()),
}
