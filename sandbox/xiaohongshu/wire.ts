import { createHash } from 'node:crypto'

/** How the platform writes: JSON under HTTP 200 whatever happened, times in milliseconds, money in fen but for after-sales. */

/** The platform refuses, with a number and words. */
export class Refusal extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

export const answer = (doc: unknown): Response => new Response(JSON.stringify(doc), { headers: { 'content-type': 'application/json;charset=UTF-8' } })

/** Services of the newer family hand through their own answer. */
export const success = (data: unknown, isWrapped: boolean): Response =>
  answer({ error_code: 0, error_msg: '', success: true, data: isWrapped ? { code: 0, msg: 'success', success: true, data } : data })

export const refusal = ({ code, message }: Refusal): Response => answer({ error_code: code, error_msg: message, success: false, data: null })

/** Only these four are signed. */
export const signatureOf = (
  given: { readonly method: string; readonly appId: string; readonly timestamp: string; readonly version: string },
  secret: string,
): string =>
  createHash('md5')
    .update(`${given.method}?appId=${given.appId}&timestamp=${given.timestamp}&version=${given.version}${secret}`, 'utf8')
    .digest('hex')

/** After-sales are told in yuan. */
export const yuan = (fen: number): number => fen / 100
