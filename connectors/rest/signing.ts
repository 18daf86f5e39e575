import type { Signing } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { hmacBase64, hmacHex } from '../../src/kit/sign.ts'
import { compare, needPart, part, partMap } from '../../src/kit/signing.ts'
import { Webhook } from './description.ts'

type How = Webhook['signature']

/** HMAC over the raw body, in the form the settings describe. */
export function deliverySignature({ algorithm, encoding, prefix }: Omit<How, 'header'>, secret: string, body: string | Uint8Array): string {
  const hash = algorithm === 'hmac-sha1' ? 'sha1' : 'sha256'
  return `${prefix}${encoding === 'hex' ? hmacHex(hash, secret, body) : hmacBase64(hash, secret, body)}`
}

/** Parts: `secret` and `body`, with `header`, `algorithm`, `encoding` and `prefix` as in the settings' `webhook.signature` (there with the same defaults). */
export const signing: Signing = {
  sign(input) {
    const stringToSign = needPart(input, 'body', 'raw_body', 'rawBody', 'payload')
    return { stringToSign, signature: deliverySignature(howOf(input), needPart(input, 'secret', 'webhookSecret'), stringToSign) }
  },
  verify: (input) => compare(signing.sign(input), part(input, 'signature', 'expected') ?? partMap(input, 'headers', true)?.[howOf(input).header]),
}

function howOf(input: Parameters<Signing['sign']>[0]): How {
  const given = Object.fromEntries(
    ['algorithm', 'encoding', 'prefix', 'header'].flatMap((name) => (part(input, name) === undefined ? [] : [[name, part(input, name)]])),
  )
  const read = Webhook.shape.signature.safeParse({ header: 'signature', ...given })
  if (read.success) return read.data
  const [first] = read.error.issues
  throw new ChannelError({ kind: 'misconfigured', code: 'part-wrong', message: `"${String(first?.path[0])}": ${first?.message ?? ''}` })
}
