import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { ChannelError } from '../core/fault.ts'

/**
 * Message push of WeChat: shops, mini-programs, official accounts, WeCom (developers.weixin.qq.com, "消息加解密"). In safe mode a
 * message is AES-256-CBC under the 43 letters of EncodingAESKey, and `msg_signature` covers what was encrypted; in plain mode
 * the signature covers token, time and nonce alone, so it says who calls and nothing about the body.
 */

/** SHA-1 over the sorted parts put one behind the other, as lower-case hex: token, timestamp, nonce and, in safe mode, `Encrypt`. */
export const pushSignature = (parts: readonly string[]): string => createHash('sha1').update(pushText(parts), 'utf8').digest('hex')

/** What is signed. */
export const pushText = (parts: readonly string[]): string => parts.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('')

const BLOCK = 32
const RANDOM = 16

/** The 32 bytes of an EncodingAESKey. @throws ChannelError `misconfigured` when it is not 43 letters of base64 */
export function aesKeyOf(encodingAesKey: string): Buffer {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64')
  if (!/^[A-Za-z0-9+/]{43}$/.test(encodingAesKey) || key.length !== 32)
    throw new ChannelError({ kind: 'misconfigured', code: 'aes-key', message: 'EncodingAESKey has 43 letters and digits.' })
  return key
}

export interface PushMessage {
  readonly text: string
  /** Who it is for: the app id, of WeCom the corp id. */
  readonly receiver: string
}

/** What a message holds. @throws ChannelError `unreadable` when key and text do not belong together */
export function decryptPush(encrypt: string, encodingAesKey: string): PushMessage {
  const key = aesKeyOf(encodingAesKey)
  try {
    const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
    const padded = Buffer.concat([decipher.update(encrypt, 'base64'), decipher.final()])
    // Padded to blocks of 32, of which the cipher's own unpadding knows nothing.
    const pad = padded.at(-1) ?? 0
    const plain = padded.subarray(RANDOM, padded.length - pad)
    const length = plain.readUInt32BE(0)
    if (pad < 1 || pad > BLOCK || length > plain.length - 4) throw new RangeError('lengths')
    return { text: plain.toString('utf8', 4, 4 + length), receiver: plain.toString('utf8', 4 + length) }
  } catch (error) {
    const cause = error instanceof Error ? { cause: new Error(error.name) } : {}
    throw new ChannelError({ kind: 'unreadable', code: 'not-decrypted', message: 'The message cannot be decrypted with this EncodingAESKey.' }, cause)
  }
}

/** The other way round, for answers that have to be encrypted. `random` is 16 bytes nobody can guess. */
export function encryptPush({ text, receiver }: PushMessage, encodingAesKey: string, random: Uint8Array): string {
  const key = aesKeyOf(encodingAesKey)
  const body = Buffer.from(text, 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  const plain = Buffer.concat([random, length, body, Buffer.from(receiver, 'utf8')])
  const pad = BLOCK - (plain.length % BLOCK)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])), cipher.final()]).toString('base64')
}

/** The text of the first element of that name in one of the channel's flat XML messages, CDATA or not; undefined when there is none. */
export function xmlText(xml: string, name: string): string | undefined {
  const match = new RegExp(`<${name}>\\s*(?:<!\\[CDATA\\[([\\s\\S]*?)\\]\\]>|([^<]*))\\s*</${name}>`).exec(xml)
  return match?.[1] ?? match?.[2]
}
