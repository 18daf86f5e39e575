import type { Signed, Signing, Verdict } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { parsedOrNothing, textField } from './read.ts'
import { compare, needPart, part, partMap, queryPart } from './signing.ts'
import { decryptPush, encryptPush, pushSignature, pushText, xmlText } from './wechat-crypto.ts'

type Input = Parameters<Signing['sign']>[0]

const KEY = ['encodingAESKey', 'EncodingAESKey', 'encoding_aes_key'] as const
const RECEIVER = ['appid', 'appId', 'receiveid', 'corpid'] as const
const RANDOM_BYTES = 16

/**
 * Signatures of WeChat's message push, of shops and mini-programs alike. Parts: `token`, `timestamp` and `nonce` (or the `query` or `url` they
 * stand in) and, of an encrypted message, `Encrypt` (or the `body` that holds it). With `encodingAESKey`, `appid`, `random16` and `message`
 * instead, the answer is the text that is sent encrypted.
 */
export function signMessage(input: Input): Signed {
  const message = part(input, 'message')
  if (message !== undefined) return { stringToSign: message, signature: encrypted(input, message) }
  const all = { ...queryOf(input), ...input }
  const encrypt = encryptOf(input)
  const parts = [needPart(all, 'token'), needPart(all, 'timestamp'), needPart(all, 'nonce'), ...(encrypt === undefined ? [] : [encrypt])]
  return { stringToSign: pushText(parts), signature: pushSignature(parts) }
}

/** The verdict on such a signature; with `encodingAESKey` also on whether the message opens, and for that app. */
export function verifyMessage(input: Input): Verdict {
  const all = { ...queryOf(input), ...partMap(input, 'expected'), ...input }
  const verdict = compare(signMessage(input), part(all, 'msg_signature', 'signature', 'expected'))
  const [key, encrypt] = [part(input, ...KEY), encryptOf(input)]
  if (!verdict.valid || key === undefined || encrypt === undefined) return verdict
  try {
    const { receiver } = decryptPush(encrypt, key)
    return receiver === (part(input, ...RECEIVER) ?? receiver) ? verdict : { valid: false, reason: 'The message is for another app.' }
  } catch (error) {
    if (error instanceof ChannelError && error.fault.kind === 'unreadable') return { valid: false, reason: error.message }
    throw error
  }
}

/** Whether the parts are those of a message, not of a payment. */
export const isMessage = (input: Input): boolean => part(input, 'token', 'message') !== undefined

function encrypted(input: Input, text: string): string {
  const random = Buffer.from(needPart(input, 'random16', 'random'), 'utf8')
  if (random.length !== RANDOM_BYTES)
    throw new ChannelError({ kind: 'misconfigured', code: 'random', message: `"random16" has ${RANDOM_BYTES} bytes, this has ${random.length}.` })
  return encryptPush({ text, receiver: needPart(input, ...RECEIVER) }, needPart(input, ...KEY), random)
}

const queryOf = (input: Input): Readonly<Record<string, string>> => {
  const url = part(input, 'url') ?? ''
  return { ...(URL.canParse(url) ? Object.fromEntries(new URL(url).searchParams) : {}), ...queryPart(input, 'query') }
}

function encryptOf(input: Input): string | undefined {
  const body = part(input, 'body', 'raw_body', 'rawBody') ?? ''
  const doc = parsedOrNothing(body)
  return part(input, 'Encrypt', 'encrypt') ?? textField(doc, 'Encrypt') ?? xmlText(body, 'Encrypt')
}
