/** How the gateway writes: numbers of 64 bits without quotes, times in UTC+8 without a zone, money in yuan. */

const MARK = '\u0001'

/** A whole number of any length; `render` writes it without quotes. */
export const int = (digits: string): string => MARK + digits

export const render = (doc: unknown): string => JSON.stringify(doc).replace(/"\\u0001(\d+)"/g, '$1')

export const stamp = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')

/** Undefined when it is no time of the gateway's form. */
export function fromStamp(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)) return undefined
  const ms = Date.parse(`${text.replace(' ', 'T')}Z`) - 28_800_000
  return Number.isNaN(ms) ? undefined : ms
}

export const yuan = (minor: number): string => {
  const text = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

/** An error of the gateway or of the service behind it; goes out under HTTP 200. */
export class TopError extends Error {
  readonly code: number
  readonly subCode: string
  readonly subMessage: string
  constructor(code: number, message: string, subCode = '', subMessage = '') {
    super(message)
    this.code = code
    this.subCode = subCode
    this.subMessage = subMessage
  }
}

export const refuse = (subCode: string, subMessage: string): TopError => new TopError(15, 'Remote service error', subCode, subMessage)

export function errorBody(error: TopError, requestId: string): string {
  return JSON.stringify({
    error_response: {
      code: error.code,
      msg: error.message,
      ...(error.subCode === '' ? {} : { sub_code: error.subCode, sub_msg: error.subMessage }),
      request_id: requestId,
    },
  })
}

/** The gateway calls its JSON a script. */
export const answer = (body: string): Response => new Response(body, { headers: { 'content-type': 'text/javascript;charset=UTF-8' } })
