import type { HttpRequest, HttpResponse, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { parseXml } from '../../src/kit/xml.ts'
import { SCOPES, type EbayCall } from './manifest.ts'

/** One REST answer: its text, since raw documents are slices of it, and the same parsed; undefined where there was no body. */
interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly doc: unknown
}

type Limit = 'fulfillment' | 'inventory' | 'trading' | 'notification'
type Wanted = Pick<HttpRequest, 'method' | 'accept' | 'headers' | 'expect'> & {
  readonly path: string
  readonly body?: unknown
  readonly limit: Limit
  /** A read by POST. */
  readonly idempotent?: boolean
  /** The app's own token instead of the seller's. */
  readonly token?: string
}

export const siteOf = (call: EbayCall): string => call.config.url.replace(/\/+$/, '')

/** A REST call in the seller's name. What eBay could not finish of a write may have happened all the same. */
export async function rest(call: EbayCall, wanted: Wanted): Promise<Answer> {
  const { path, body, limit, token, ...rest } = wanted
  const isRead = wanted.idempotent ?? wanted.method === 'GET'
  // The Post-Order API has a word of its own for the same token.
  const scheme = path.startsWith('/post-order/') ? 'IAF' : 'Bearer'
  const request = (value: string): HttpRequest => ({
    ...rest,
    url: `${siteOf(call)}${path}`,
    headers: { accept: 'application/json', ...wanted.headers, authorization: `${scheme} ${value}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    idempotent: isRead,
    limit,
  })
  try {
    const response = await (token === undefined ? signedIn(call, request) : call.http(request(token)))
    return { ...response, doc: response.body.trim() === '' ? undefined : parseJson(response.body) }
  } catch (error) {
    throw isRead ? error : doubted(error)
  }
}

/**
 * A call of the Trading API, whose XML stands under HTTP 200 whatever happened. Answers the root element.
 * `fields` is the inside of the request; texts in it have to be escaped (`xmlText`).
 */
export async function trading(call: EbayCall, name: string, fields: string, isWrite = false): Promise<unknown> {
  const xml = `<?xml version="1.0" encoding="utf-8"?><${name}Request xmlns="urn:ebay:apis:eBLBaseComponents">${fields}</${name}Request>`
  const request = (token: string): HttpRequest => ({
    method: 'POST',
    url: `${siteOf(call)}/ws/api.dll`,
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      'x-ebay-api-call-name': name,
      'x-ebay-api-siteid': call.config.siteId,
      'x-ebay-api-compatibility-level': '1423',
      'x-ebay-api-iaf-token': token,
    },
    body: xml,
    expect: 'xml',
    idempotent: !isWrite,
    limit: 'trading',
  })
  try {
    const root = field(await parseXml((await signedIn(call, request)).body), `${name}Response`)
    const ack = xmlValue(root, 'Ack')
    if (root === undefined || ack === undefined) throw unreadable(`${name} answered without an Ack.`)
    return root
  } catch (error) {
    throw isWrite ? doubted(error) : error
  }
}

export const xmlText = (text: string): string => text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

/** Children of an element by name; every one is a list in parsed XML. */
export function xmlAll(element: unknown, name: string): readonly unknown[] {
  const found = field(element, name)
  return Array.isArray(found) ? found : []
}

/** Text of the first child by a path of names; undefined when it is not there. */
export function xmlValue(element: unknown, ...path: readonly string[]): string | undefined {
  let at = element
  for (const name of path) at = xmlAll(at, name)[0]
  return typeof at === 'string' ? at : textField(at, '_')
}

/** The first token is asked for; one eBay refuses is renewed once. A refused call was not carried out. */
async function signedIn(call: EbayCall, request: (token: string) => HttpRequest): Promise<HttpResponse> {
  const stored = await call.tokens()
  const tokens = stored['token'] === undefined ? await call.renew(stored) : stored
  try {
    return await call.http(request(tokens['token'] ?? ''))
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized') throw error
    return call.http(request((await call.renew(tokens))['token'] ?? ''))
  }
}

/** An access token of the seller for two hours; the refresh token stays the same for its eighteen months. */
export async function refreshToken(call: EbayCall): Promise<Tokens> {
  const form = { grant_type: 'refresh_token', refresh_token: call.secrets.refreshToken, scope: SCOPES.join(' ') }
  const { token, seconds } = await grant(call, form)
  return { values: { token }, ...(seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}) }
}

/** A token of the app itself, for what belongs to no seller: destinations and public keys of notifications. */
export const appToken = async (call: EbayCall): Promise<string> => (await grant(call, { grant_type: 'client_credentials', scope: SCOPES[0] })).token

async function grant(call: EbayCall, form: Readonly<Record<string, string>>): Promise<{ readonly token: string; readonly seconds: number }> {
  const { clientId, clientSecret } = call.secrets
  const response = await call.http({
    method: 'POST',
    url: `${siteOf(call)}/identity/v1/oauth2/token`,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
    },
    body: new URLSearchParams(form).toString(),
    idempotent: true,
  })
  const doc = parseJson(response.body)
  const token = textField(doc, 'access_token') ?? ''
  if (token === '') throw unreadable('The answer of the token door holds no token.')
  const seconds = Number(textField(doc, 'expires_in') ?? 0)
  return { token, seconds: Number.isSafeInteger(seconds) ? seconds : 0 }
}
