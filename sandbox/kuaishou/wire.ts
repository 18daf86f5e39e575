import { createCipheriv, createHash, createHmac } from 'node:crypto'

/** How the platform writes: JSON under HTTP 200 whatever happened, times in milliseconds, money in fen, ids as numbers. */

/** The platform refuses, with a number and words. */
export class Refusal extends Error {
  readonly result: number
  readonly subCode: string
  constructor(result: number, message: string, subCode = '') {
    super(message)
    this.result = result
    this.subCode = subCode
  }
}

export const answer = (doc: unknown): Response => new Response(JSON.stringify(doc), { headers: { 'content-type': 'application/json;charset=UTF-8' } })

/** `beside`: of the few interfaces whose result does not stand under `data`. */
export const success = (requestId: string, data: unknown, beside: Readonly<Record<string, unknown>> = {}): Response =>
  answer({ result: 1, msg: 'SUCCESS', error_msg: 'SUCCESS', code: '1', sub_code: '1', sub_msg: 'SUCCESS', requestId, data, ...beside })

export const refusal = (requestId: string, { result, message, subCode }: Refusal): Response =>
  answer({ result, error_msg: message, ...(subCode === '' ? {} : { sub_code: subCode, sub_msg: message }), requestId, data: null })

/** Sorted `k=v` of everything but `sign`, with the sign secret behind it. */
export function signatureOf(params: URLSearchParams, secret: string): string {
  const names = [...params.keys()].filter((name) => name !== 'sign').sort()
  const text = `${names.map((name) => `${name}=${params.get(name) ?? ''}`).join('&')}&signSecret=${secret}`
  return params.get('signMethod') === 'HMAC_SHA256'
    ? createHmac('sha256', secret).update(text, 'utf8').digest('base64')
    : createHash('md5').update(text, 'utf8').digest('hex')
}

/** A message as it is sent: AES-CBC under the app's key with sixteen zeros before it, as Base64. */
export function encrypted(text: string, key: string): string {
  const bytes = Buffer.from(key, 'base64')
  const cipher = createCipheriv(`aes-${bytes.length * 8}-cbc`, bytes, Buffer.alloc(16))
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}
