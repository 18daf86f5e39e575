import { createHmac } from 'node:crypto'
import type { JsonRecord } from '../stage/json-input.ts'
import { toDecimal } from '../stage/decimal.ts'

/** How TikTok Shop answers: `{code, data, message, request_id}`, refusals under 4xx or 200. */

export class TikTokError extends Error {
  readonly code: number
  readonly status: number
  constructor(code: number, message: string, status = 200) {
    super(message)
    this.code = code
    this.status = status
  }
}

const REQUEST_ID = '202203070749000101890810281E8C70B7'

export const json = (doc: unknown, status = 200): Response =>
  new Response(JSON.stringify(doc), { status, headers: { 'content-type': 'application/json; charset=utf-8' } })

export const success = (data: JsonRecord | null): Response => json({ code: 0, data, message: 'Success', request_id: REQUEST_ID })

export const refusal = ({ code, message, status }: TikTokError): Response => json({ code, message, request_id: REQUEST_ID }, status)

export const seconds = (ms: number): number => Math.floor(ms / 1000)

/** An amount of minor units as the channel writes it. */
export const decimal = (minor: number): string => toDecimal(minor, 2)

/** What belongs into `sign`: everything of the query but it and the token, by name, then the body as it came. */
export function expectedSignature(path: string, query: URLSearchParams, body: string, secret: string): string {
  const hmac = createHmac('sha256', secret).update(secret).update(path)
  const names = [...new Set(query.keys())].filter((name) => name !== 'sign' && name !== 'access_token').sort()
  for (const name of names) hmac.update(name).update(query.get(name) ?? '')
  return hmac.update(body).update(secret).digest('hex')
}

/** The header of a delivery. */
export const deliverySignature = (appKey: string, body: string, secret: string): string =>
  createHmac('sha256', secret).update(appKey).update(body).digest('hex')
