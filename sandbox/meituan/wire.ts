import { createHash } from 'node:crypto'

/** The gateway's own signature: the address without query, every parameter by name, the secret. */
export function signatureOf(url: string, parameters: ReadonlyMap<string, string>, secret: string): string {
  const names = [...parameters.keys()].filter((name) => name !== 'sig').sort()
  const text = names.map((name) => `${name}=${parameters.get(name) ?? ''}`).join('&')
  return createHash('md5').update(`${url}?${text}${secret}`, 'utf8').digest('hex')
}

export class MeituanError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const MARK = '\u0001'
/** A whole number of any length; `answer` writes it without quotes. */
export const long = (digits: string): string => MARK + digits

export const answer = (doc: unknown): Response =>
  new Response(JSON.stringify(doc).replace(/"\\u0001(\d+)"/g, '$1'), { headers: { 'content-type': 'application/json;charset=utf-8' } })

export const refusal = (code: number, msg: string): Response => answer({ data: 'ng', error: { code, msg } })

export const yuan = (minor: number): number => minor / 100
export const seconds = (ms: number | undefined): number => (ms === undefined ? 0 : Math.floor(ms / 1000))
/** "20261122" by the clock in Beijing. */
export const dayOf = (ms: number): string => new Date(ms + 28_800_000).toISOString().slice(0, 10).replaceAll('-', '')
