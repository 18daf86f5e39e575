import { createDecipheriv, createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto'
import { ChannelError } from '../core/fault.ts'

/**
 * Notices of WeChat Pay, API v3 (pay.weixin.qq.com, "支付成功回调通知"): RSA-SHA256 over time, nonce and the body as it came, by the channel's
 * platform certificate or its public key; what the notice is about is AES-GCM under the merchant's APIv3 key.
 */

/** Beyond five minutes a notice is a replayed one. */
export const PAY_NOTICE_SECONDS = 300

/** What is signed: three lines, the last one ended as well. */
export const payNoticeText = (timestamp: string, nonce: string, body: string): string => `${timestamp}\n${nonce}\n${body}\n`

/**
 * Whether the signature (base64) is the channel's. `keys` are one or more PEM blocks, platform certificates or public keys: while the channel
 * changes over to a new one, notices come under either.
 * @throws ChannelError `misconfigured` when it holds anything else
 */
export function isPayNotice(given: { readonly text: string; readonly signature: string; readonly keys: string }): boolean {
  const keys = publicKeysOf(given.keys)
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(given.signature) || given.signature.length % 4 !== 0) return false
  const [text, signature] = [Buffer.from(given.text, 'utf8'), Buffer.from(given.signature, 'base64')]
  return keys.some((key) => verify('sha256', text, key, signature))
}

const PEM = /-----BEGIN (CERTIFICATE|PUBLIC KEY)-----\n[A-Za-z0-9+/=\n]+-----END \1-----/g

/** The keys in a text of PEM blocks. @throws ChannelError `misconfigured` */
export function publicKeysOf(text: string): readonly KeyObject[] {
  const lines = text.replaceAll('\r\n', '\n')
  const blocks = lines.match(PEM) ?? []
  try {
    if (blocks.length > 0 && lines.replace(PEM, '').replaceAll('\n', '') === '')
      return blocks.map((pem) => (pem.includes('BEGIN CERTIFICATE') ? new X509Certificate(pem).publicKey : createPublicKey(pem)))
  } catch {
    // Told below, without what was read.
  }
  throw new ChannelError({
    kind: 'misconfigured',
    code: 'platform-key',
    message: 'The platform certificate or public key of WeChat Pay is no PEM text.',
  })
}

export interface PayResource {
  readonly algorithm: string
  readonly ciphertext: string
  readonly associatedData: string
  readonly nonce: string
}

const TAG = 16

/**
 * The text of a `resource`. Keys have 32 bytes; the vendor's own test vector has 16.
 * @throws ChannelError `unreadable` when key and resource do not belong together, `misconfigured` for a key of another length
 */
export function openPayResource({ algorithm, ciphertext, associatedData, nonce }: PayResource, apiV3Key: string): string {
  const key = Buffer.from(apiV3Key, 'utf8')
  if (key.length !== 32 && key.length !== 16)
    throw new ChannelError({ kind: 'misconfigured', code: 'api-v3-key', message: 'The APIv3 key of WeChat Pay has 32 characters.' })
  if (algorithm !== 'AEAD_AES_256_GCM') throw unopened()
  const bytes = Buffer.from(ciphertext, 'base64')
  try {
    const decipher = createDecipheriv(key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm', key, Buffer.from(nonce, 'utf8'), { authTagLength: TAG })
    decipher.setAAD(Buffer.from(associatedData, 'utf8')).setAuthTag(bytes.subarray(-TAG))
    return decipher.update(bytes.subarray(0, -TAG), undefined, 'utf8') + decipher.final('utf8')
  } catch (error) {
    throw unopened(error)
  }
}

const unopened = (error?: unknown): ChannelError =>
  new ChannelError(
    { kind: 'unreadable', code: 'not-decrypted', message: 'The notice cannot be decrypted with this APIv3 key.' },
    error instanceof Error ? { cause: new Error(error.name) } : {},
  )
