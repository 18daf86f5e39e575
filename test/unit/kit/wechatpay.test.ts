import { createCipheriv, generateKeyPairSync, sign } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { ChannelError } from '../../../src/core/fault.ts'
import { isPayNotice, openPayResource, payNoticeText } from '../../../src/kit/wechatpay.ts'

/** Of the channel's own Go client: a signed and encrypted notice with a platform certificate, under a test key of 16 bytes. */
const vector = z
  .object({ headers: z.record(z.string(), z.string()), body: z.string(), certificate: z.string(), apiV3Key: z.string(), plaintext: z.string() })
  .parse(JSON.parse(readFileSync(new URL('wechatpay-vector.json', import.meta.url), 'utf8')))
const resourceOf = (body: string) => {
  const { resource } = z.object({ resource: z.record(z.string(), z.string()) }).parse(JSON.parse(body))
  const of = (name: string): string => resource[name] ?? ''
  return { algorithm: of('algorithm'), ciphertext: of('ciphertext'), associatedData: of('associated_data'), nonce: of('nonce') }
}
const text = payNoticeText(vector.headers['Wechatpay-Timestamp'] ?? '', vector.headers['Wechatpay-Nonce'] ?? '', vector.body)
const signature = vector.headers['Wechatpay-Signature'] ?? ''

it('knows the channel’s signature, by certificate or public key, and no other', () => {
  expect(isPayNotice({ text, signature, keys: vector.certificate })).toBe(true)
  for (const forged of ['', signature.slice(4), `A${signature.slice(1)}`, `${signature}AAAA`, 'WECHATPAY/SIGNTEST/x', `${signature}, ${signature}`])
    expect(isPayNotice({ text, signature: forged, keys: vector.certificate })).toBe(false)
  expect(isPayNotice({ text: `${text} `, signature, keys: vector.certificate })).toBe(false)
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const key = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  expect(
    isPayNotice({ text, signature: sign('sha256', Buffer.from(text), privateKey).toString('base64'), keys: `${vector.certificate}\n${key}` }),
  ).toBe(true)
  expect(isPayNotice({ text, signature, keys: key })).toBe(false)
  expect(isPayNotice({ text, signature, keys: `${vector.certificate}\n${key}`.replaceAll('\n', '\r\n') })).toBe(true)
  for (const keys of ['no key', '', `${key} `, key.slice(0, 60)]) expect(() => isPayNotice({ text, signature, keys })).toThrow(ChannelError)
})

it('opens what a notice is about, and nothing that was changed or is of another key', () => {
  const resource = resourceOf(vector.body)
  expect(openPayResource(resource, vector.apiV3Key)).toBe(vector.plaintext)
  const key = 'k'.repeat(32)
  const cipher = createCipheriv('aes-256-gcm', key, '123456789012').setAAD(Buffer.from('transaction'))
  const ciphertext = Buffer.concat([cipher.update('{"a":"中"}', 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
  const own = { algorithm: 'AEAD_AES_256_GCM', ciphertext, associatedData: 'transaction', nonce: '123456789012' }
  expect(openPayResource(own, key)).toBe('{"a":"中"}')
  for (const [wrong, by] of [
    [{ ...own, associatedData: '' }, key],
    [{ ...own, nonce: '1' }, key],
    [{ ...own, ciphertext: '' }, key],
    [{ ...own, ciphertext: ciphertext.slice(4) }, key],
    [{ ...own, algorithm: 'AES' }, key],
    [own, 'x'.repeat(32)],
    [own, 'short'],
  ] as const)
    expect(() => openPayResource(wrong, by)).toThrow(ChannelError)
})
