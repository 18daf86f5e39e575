import { createHash } from 'node:crypto'

/** How the gateway writes: ids of orders as text, of everything else as numbers of 64 bits, times in UTC+8 without a zone, money in yuan. */

const MARK = '\u0001'

/** A whole number of any length; `render` writes it without quotes. */
export const long = (digits: string): string => MARK + digits
export const render = (doc: unknown): string => JSON.stringify(doc).replace(/"\\u0001(\d+)"/g, '$1')

const OFFSET_MS = 8 * 3_600_000
/** What the channel writes where there is no time. */
export const NO_TIME = '0001-01-01 00:00:00'
export const stamp = (ms: number | undefined): string =>
  ms === undefined ? NO_TIME : new Date(ms + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')

/** "2025-06-01 10:00:00", also with milliseconds and a zone behind it; undefined when it is no time of this form. */
export function fromStamp(text: string): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d(?:\.\d{3})?)(\+0800)?$/.exec(text)
  const ms = match ? Date.parse(`${match[1] ?? ''}T${match[2] ?? ''}Z`) - OFFSET_MS : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

export function yuan(minor: number): string {
  const text = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

/** What the gateway itself would put under `sign`. */
export function expectedSignature(parameters: ReadonlyMap<string, string>, secret: string): string {
  const hash = createHash('md5').update(secret, 'utf8')
  for (const name of [...parameters.keys()].sort()) {
    const value = parameters.get(name) ?? ''
    if (name !== 'sign' && value !== '') hash.update(name, 'utf8').update(value, 'utf8')
  }
  return hash.update(secret, 'utf8').digest('hex').toUpperCase()
}

/** An error of the gateway or of the service behind it; goes out under HTTP 200. */
export class JosError extends Error {
  readonly code: string
  readonly english: string
  constructor(code: string, message: string, english = message) {
    super(message)
    this.code = code
    this.english = english
  }
}

export const invalid = (name: string): JosError =>
  new JosError('61', `参数[${name}]值不合法，请参照帮助文档确认！`, `parameter [${name}] is not valid`)

export const answer = (body: string): Response => new Response(body, { headers: { 'content-type': 'application/json;charset=utf-8' } })

export const errorAnswer = ({ code, message, english }: JosError): Response =>
  answer(JSON.stringify({ error_response: { code, zh_desc: message, en_desc: english } }))
