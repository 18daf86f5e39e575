/** How the cloud writes: JSON under HTTP 200 whatever happened, times in UTC+8 without a zone, money of orders in yuan and of items in fen. */

/** An instant as documents show it; what never came is the beginning of all times or nothing, as the field has it. */
export const stamp = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')
export const NEVER = '1970-01-01 08:00:00'

/** Undefined when it is no time of the cloud's form. */
export function fromStamp(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`) - 28_800_000
  return Number.isNaN(ms) ? undefined : ms
}

export function yuan(minor: number): string {
  const text = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

/** The gateway refuses before any service is asked. */
export class GatewayError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** A service behind the gateway, or the door that hands out tokens, refuses. */
export class ServiceError extends Error {
  readonly code: number
  /** What the service still sends beside the error. */
  readonly data: unknown
  constructor(code: number, message: string, data: unknown = null) {
    super(message)
    this.code = code
    this.data = data
  }
}

const answer = (doc: unknown): Response => new Response(JSON.stringify(doc), { headers: { 'content-type': 'application/json;charset=UTF-8' } })

export const success = (traceId: string, data: unknown): Response =>
  answer({ trace_id: traceId, code: 200, data, success: true, message: 'successful' })

export const gatewayRefusal = (traceId: string, code: number, message: string): Response =>
  answer({ gw_err_resp: { trace_id: traceId, err_msg: message, err_code: code } })

export const serviceRefusal = (traceId: string, { code, message, data }: ServiceError): Response =>
  answer({ trace_id: traceId, code, data, success: false, message })

/** The token door has no traces. */
export const tokenAnswer = (data: unknown): Response => answer({ success: true, code: 200, data, message: null })
export const tokenRefusal = (code: number, message: string): Response => answer({ success: false, code, data: null, message })
