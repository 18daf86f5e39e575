/** How the gateway writes: ids and yuan as bare numbers, times in UTC+8 without a zone. */

const MARK = '\u0001'

/** A number of any length or with decimals; `render` writes it without quotes. */
export const bare = (digits: string): string => MARK + digits

export const render = (doc: unknown): string => JSON.stringify(doc).replace(/"\\u0001(-?[\d.]+)"/g, '$1')

export const stamp = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')

export const stampOrNothing = (ms: number | undefined): string => (ms === undefined ? '' : stamp(ms))

/** Yuan with two decimals as a bare number. */
export const yuan = (minor: number): string => bare(plainYuan(minor))

export const plainYuan = (minor: number): string => {
  const text = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

/** An error of the gateway or of the service behind it; goes out under HTTP 200. */
export class PddError extends Error {
  readonly code: number
  readonly subCode: string | null
  readonly subMessage: string
  constructor(code: number, message: string, subCode: string | null = null, subMessage = '') {
    super(message)
    this.code = code
    this.subCode = subCode
    this.subMessage = subMessage
  }
}

/** The service behind the gateway says no. */
export const refuse = (subCode: string, why: string): PddError => new PddError(50001, '业务服务错误', subCode, why)

export const errorBody = (error: PddError, requestId: string): string =>
  JSON.stringify({
    error_response: { error_msg: error.message, sub_msg: error.subMessage, sub_code: error.subCode, error_code: error.code, request_id: requestId },
  })

export const answer = (body: string): Response => new Response(body, { headers: { 'content-type': 'application/json;charset=UTF-8' } })
