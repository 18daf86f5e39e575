/** How eBay writes: ISO times with milliseconds, money as decimal texts with their currency, errors in a list; the Trading API in XML under HTTP 200. */

export const stamp = (ms: number): string => new Date(ms).toISOString()

export function cents(minor: number): string {
  const text = String(Math.abs(minor)).padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${text.slice(0, -2)}.${text.slice(-2)}`
}

export const usd = (minor: number): { readonly value: string; readonly currency: string } => ({ value: cents(minor), currency: 'USD' })

/** A REST call is refused. */
export class RestError extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 429 | 500
  readonly errorId: number
  readonly domain: string
  constructor(status: RestError['status'], errorId: number, message: string, domain = 'API_FULFILLMENT') {
    super(message)
    this.status = status
    this.errorId = errorId
    this.domain = domain
  }
}

export const errorOf = ({ errorId, domain, message }: RestError): Readonly<Record<string, unknown>> => ({
  errorId,
  domain,
  category: errorId === 30500 ? 'APPLICATION' : 'REQUEST',
  message,
  longMessage: message,
})

export const refusal = (error: RestError): Response => Response.json({ errors: [errorOf(error)] }, { status: error.status })

export const invalidToken = (): RestError => new RestError(401, 1001, 'Invalid access token', 'OAuth')

/** A call of the Trading API is refused as a whole. */
export class TradingError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

const escaped = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
const unescaped = (text: string): string =>
  text
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')

/** An element; children are written already, texts are not. */
export const element = (name: string, inside: string): string => `<${name}>${inside}</${name}>`
export const text = (name: string, value: string | number): string => element(name, escaped(String(value)))

/** The insides of every element of this name, outermost first. */
export const insides = (xml: string, name: string): readonly string[] =>
  [...xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, 'g'))].map(([, inside = '']) => inside)

export function valueOf(xml: string, name: string): string | undefined {
  const [inside] = insides(xml, name)
  return inside === undefined ? undefined : unescaped(inside).trim()
}

export const tradingError = ({ code, message }: TradingError): string =>
  element(
    'Errors',
    text('ShortMessage', message) + text('ErrorCode', code) + text('SeverityCode', 'Error') + text('ErrorClassification', 'RequestError'),
  )

export const tradingAnswer = (call: string, ack: string, inside: string, now: number): Response =>
  new Response(
    `<?xml version="1.0" encoding="UTF-8"?><${call}Response xmlns="urn:ebay:apis:eBLBaseComponents">${text('Timestamp', stamp(now))}${text('Ack', ack)}${text('Version', 1451)}${inside}</${call}Response>`,
    { headers: { 'content-type': 'text/xml;charset=utf-8' } },
  )
