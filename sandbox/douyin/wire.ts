/** How the gateway writes: numbers of 64 bits without quotes, times in seconds, money in fen, every answer in one envelope. */

const MARK = '\u0001'

/** A whole number of any length; `render` writes it without quotes. */
export const int = (digits: string): string => MARK + digits

export const render = (doc: unknown): string => JSON.stringify(doc).replace(/"\\u0001(\d+)"/g, '$1')

/** Seconds since 1970; 0 for never. */
export const seconds = (ms: number | undefined): number => (ms === undefined ? 0 : Math.floor(ms / 1000))

/** An error of the gateway or of the service behind it; goes out under HTTP 200. */
export class DouyinError extends Error {
  readonly code: number
  readonly subCode: string
  readonly subMessage: string
  constructor(code: number, message: string, subCode: string, subMessage: string) {
    super(message)
    this.code = code
    this.subCode = subCode
    this.subMessage = subMessage
  }
}

export const platform = (code: number, subCode: string, subMessage: string): DouyinError =>
  new DouyinError(code, code === 40001 ? '缺少必选参数' : code === 40003 ? '非法的参数' : '平台处理失败', subCode, subMessage)
export const missing = (no: string, why: string): DouyinError => new DouyinError(40002, '缺少必选参数', `isv.missing-parameter:${no}`, why)
export const invalid = (no: string, why: string): DouyinError => new DouyinError(40004, '非法的参数', `isv.parameter-invalid:${no}`, why)
export const failed = (no: string, why: string): DouyinError => new DouyinError(50002, '业务处理失败', `isv.business-failed:${no}`, why)

export const errorBody = ({ code, message, subCode, subMessage }: DouyinError, logId: string, old = false): string =>
  JSON.stringify({
    code,
    data: null,
    ...(old ? { err_no: code, message } : {}),
    log_id: logId,
    msg: message,
    sub_code: subCode,
    sub_msg: subMessage,
  })

export const answer = (body: string): Response => new Response(body, { headers: { 'content-type': 'application/json; charset=utf-8' } })
