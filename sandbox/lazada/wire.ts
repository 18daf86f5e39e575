import { createHmac } from 'node:crypto'

/** How the gateway writes: JSON under HTTP 200 whatever happened, `code` "0" where all is well. */

/** A refusal of the platform or of the service behind it. */
export class Refusal extends Error {
  readonly code: string
  readonly type: 'SYSTEM' | 'ISV' | 'ISP'
  /** Further members of the answer. */
  readonly more: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, type: 'SYSTEM' | 'ISV' | 'ISP' = 'ISV', more: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.code = code
    this.type = type
    this.more = more
  }
}

const REQUEST_ID = '0ba2887315178178017221014'

export const answer = (doc: Readonly<Record<string, unknown>>): Response =>
  new Response(JSON.stringify({ code: '0', request_id: REQUEST_ID, ...doc }), { headers: { 'content-type': 'application/json;charset=UTF-8' } })

export const refusalAnswer = ({ code, type, message, more }: Refusal): Response => answer({ code, type, message, ...more })

/** What the gateway itself would put under `sign`. */
export function expectedSignature(path: string, parameters: ReadonlyMap<string, string>, secret: string): string {
  const hmac = createHmac('sha256', secret).update(path, 'utf8')
  for (const name of [...parameters.keys()].sort()) if (name !== 'sign') hmac.update(name, 'utf8').update(parameters.get(name) ?? '', 'utf8')
  return hmac.digest('hex').toUpperCase()
}

export const expectedAuthorization = (appKey: string, body: string, secret: string): string =>
  createHmac('sha256', secret).update(appKey, 'utf8').update(body, 'utf8').digest('hex')

/** "2018-02-10 16:00:00 +0800", by the clock of the country. */
export function stamp(ms: number, offset: string): string {
  const minutes = (offset.startsWith('-') ? -1 : 1) * (Number(offset.slice(1, 3)) * 60 + Number(offset.slice(3)))
  return `${new Date(ms + minutes * 60_000).toISOString().slice(0, 19).replace('T', ' ')} ${offset}`
}

/** "YYYY-MM-DDTHH:mm:ss±HH:MM"; a refusal for anything else. */
export function fromStamp(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:?\d\d$/.test(text) ? Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2')) : Number.NaN
  if (Number.isNaN(ms)) throw new Refusal('17', `E017: "${text}" Invalid Date Format`)
  return ms
}
