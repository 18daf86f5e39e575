import { randomBytes } from 'node:crypto'
import type { HttpRequest, HttpResponse } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { field, textField } from '../../src/kit/read.ts'
import { signOAuth1 } from '../../src/kit/sign.ts'
import type { WooCall } from './manifest.ts'
import { plainWords } from '../../src/kit/vendor-words.ts'

type Query = Readonly<Record<string, string | number | boolean | undefined>>

/** Namespaces below /wp-json; the plugin's answers to the same keys. */
export type Namespace = 'wc/v3' | 'wc-shipment-tracking/v3' | ''

export interface WooRequest {
  readonly method?: HttpRequest['method']
  readonly path: string
  readonly namespace?: Namespace
  readonly query?: Query
  readonly body?: unknown
  readonly idempotent?: boolean
  readonly accept?: readonly number[]
  readonly timeoutMs?: number
}

/** One signed call. http://… is signed by OAuth 1.0a, https://… uses Basic, as WooCommerce itself demands. */
export async function send(call: WooCall, request: WooRequest): Promise<HttpResponse> {
  const url = addressOf(call, request)
  const oauth = call.config.auth === 'oauth1' || (call.config.auth === 'auto' && url.startsWith('http:'))
  if (!oauth && url.startsWith('http:') && !LOOPBACK.test(url)) {
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'basic-over-http',
      message: 'Basic would send the keys in clear over http. Use https, or OAuth.',
    })
  }
  return call.http({
    method: request.method ?? 'GET',
    url,
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    ...(request.idempotent === undefined ? {} : { idempotent: request.idempotent }),
    ...(request.accept === undefined ? {} : { accept: request.accept }),
    timeoutMs: request.timeoutMs ?? 60_000,
    maxBytes: 50_000_000,
    sign: (unsigned) => (oauth ? { url: oauthUrl(call, unsigned.method, unsigned.url), headers: {} } : { url: unsigned.url, headers: basic(call) }),
  })
}

/** A call whose answer is parsed losslessly. */
export async function sendJson(call: WooCall, request: WooRequest): Promise<{ readonly response: HttpResponse; readonly doc: unknown }> {
  const response = await send(call, request)
  return { response, doc: parseJson(response.body) }
}

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/

/**
 * Arrays travel as comma lists ("include=1,2"): WordPress reads them, and the signature check of WooCommerce encodes
 * bracketed names in a way of its own.
 */
function addressOf(call: WooCall, request: WooRequest): string {
  // People paste the address of the API as often as that of the site.
  const base = call.config.url.replace(/\/wp-json(?:\/.*)?$/, '').replace(/\/+$/, '')
  const namespace = request.namespace ?? 'wc/v3'
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`],
  )
  const path = `${base}/wp-json/${[namespace, request.path].filter((part) => part !== '').join('/')}`
  return query.length === 0 ? path : `${path}?${query.join('&')}`
}

const basic = (call: WooCall): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${call.secrets.consumerKey}:${call.secrets.consumerSecret}`, 'utf8').toString('base64')}`,
})

/** A nonce is good once and a timestamp for 15 minutes, so every attempt is signed anew. */
const oauthUrl = (call: WooCall, method: string, url: string): string =>
  signOAuth1({
    method,
    url,
    consumerKey: call.secrets.consumerKey,
    consumerSecret: call.secrets.consumerSecret,
    algorithm: 'sha256',
    nonce: randomBytes(16).toString('hex'),
    timestampSeconds: Math.floor(call.now().getTime() / 1000),
  })

/** Reads WordPress' error object `{code, message, data: {status}}`; anything else is left to the status table. */
export function classify(status: number, body: string): Fault | undefined {
  if (status < 400) return disguised(status, body)
  const doc = errorObject(body)
  if (doc === undefined) return status === 403 && body.includes('<') ? firewall(status) : undefined
  const code = textField(doc, 'code') ?? ''
  if (code === '') return undefined
  const fault = (kind: Fault['kind'], message: string): Fault => ({ kind, code, status, message })
  if (code.startsWith('woocommerce_rest_cannot_') && status === 401) {
    return fault(
      'unauthorized',
      'The shop did not see the keys: its server may drop the Authorization header. Choose OAuth, or let the header through.',
    )
  }
  if (status === 401 || status === 403) return fault('unauthorized', `The shop refused the keys (${said(doc)}).`)
  if (code === 'rest_no_route') return fault('missing', 'The shop has no such function: a plugin is not active, or a feature is off.')
  if (code.endsWith('_invalid_id')) return fault('missing', 'The shop does not know this id.')
  return status < 500 && status !== 429 ? fault('refused', `The shop refused it: ${said(doc)}.`) : undefined
}

/** Some plugins and caches answer an error object under 200; its own status then counts. */
function disguised(status: number, body: string): Fault | undefined {
  const doc = /^\s*\{\s*"code"\s*:/.test(body.slice(0, 80)) ? errorObject(body) : undefined
  const told = Number(textField(field(doc, 'data'), 'status') ?? Number.NaN)
  if (!(told >= 400)) return undefined
  const code = textField(doc, 'code') ?? ''
  const kind =
    told === 429 ? 'throttled' : told === 401 || told === 403 ? 'unauthorized' : told === 404 ? 'missing' : told >= 500 ? 'transient' : 'refused'
  return { kind, code, status, message: `The shop answered an error: ${said(doc)}.`, ...(kind === 'throttled' ? { retryAfterMs: 10_000 } : {}) }
}

function errorObject(body: string): unknown {
  if (!/^\s*\{/.test(body)) return undefined
  try {
    return parseJson(body)
  } catch {
    return undefined
  }
}

const firewall = (status: number): Fault => ({
  kind: 'misconfigured',
  code: 'firewall',
  status,
  message: 'A firewall in front of the shop refused the call. Let the hub through by its address.',
})

/** The shop's own words, without what could be personal. */
export function said(doc: unknown): string {
  const message = plainWords(textField(doc, 'message') ?? '')
  return `${textField(doc, 'code') ?? 'error'}: ${message.slice(0, 140).replace(/[.\s]+$/, '')}`
}

/** An item of a batch answer carries its own error inside a 200. */
export function itemFault(item: unknown): Fault | undefined {
  const error = field(item, 'error')
  if (typeof error !== 'object' || error === null) return undefined
  const code = textField(error, 'code') ?? 'unknown'
  return { kind: code.endsWith('_invalid_id') ? 'missing' : 'refused', code, message: `The shop refused it: ${said(error)}.` }
}

/** Undefined instead of an error where "not there" is an answer. */
export async function optional<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise
  } catch (error) {
    if (error instanceof ChannelError && error.fault.kind === 'missing') return undefined
    throw error
  }
}
