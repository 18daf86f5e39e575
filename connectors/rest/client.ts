import type { HttpRequest, HttpResponse, Tokens } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import { pickText } from '../../src/core/pick.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { parsedOrNothing } from '../../src/kit/read.ts'
import type { RestCall, RestConfig } from './manifest.ts'

export interface RestRequest {
  readonly method?: HttpRequest['method']
  /** Filled in already, below the base address. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly idempotent?: boolean
}

/** What a channel that says only "too many" is given. */
const BREATH_MS = 10_000

/** One signed call, its errors read as the settings say. A write whose answer nobody can read is in doubt. */
export async function send(call: RestCall, request: RestRequest): Promise<HttpResponse> {
  const idempotent = request.idempotent ?? (request.method ?? 'GET') === 'GET'
  return call.config.auth.type === 'oauth2' ? withToken(call, request, idempotent) : read(call, request, { idempotent, tokens: {} })
}

/** One attempt, its error named as the settings say before anybody decides by it whether the token has ended. */
async function read(call: RestCall, request: RestRequest, given: Given): Promise<HttpResponse> {
  try {
    const response = await once(call, request, given)
    const fault = faultInside(response.body, call.config)
    if (fault) throw new ChannelError({ ...fault, status: response.status })
    return response
  } catch (error) {
    throw renamed(error, call.config, given.idempotent)
  }
}

/** A call whose answer is parsed losslessly; an empty one (204) is no document. */
export async function sendJson(call: RestCall, request: RestRequest): Promise<{ readonly response: HttpResponse; readonly doc: unknown }> {
  const response = await send(call, request)
  const isWrite = (request.method ?? 'GET') !== 'GET'
  if (isWrite && response.body.trim() === '') return { response, doc: undefined }
  try {
    return { response, doc: parseJson(response.body) }
  } catch (error) {
    throw renamed(error, call.config, request.idempotent ?? !isWrite)
  }
}

/** The first token is bought before the first call; one the channel refuses is replaced once. */
async function withToken(call: RestCall, request: RestRequest, idempotent: boolean): Promise<HttpResponse> {
  const stored = await call.tokens()
  if (stored['token'] === undefined) await call.renew(stored)
  return withTokens(call, (tokens) => read(call, request, { idempotent, tokens }))
}

interface Given {
  readonly idempotent: boolean
  readonly tokens: Readonly<Record<string, string>>
}

function once(call: RestCall, request: RestRequest, given: Given): Promise<HttpResponse> {
  return call.http({
    method: request.method ?? 'GET',
    url: addressOf(call.config.url, request),
    headers: { accept: 'application/json', ...call.config.headers },
    ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
    idempotent: given.idempotent,
    ...(given.idempotent ? {} : { expect: 'any' as const }),
    timeoutMs: 60_000,
    // Credentials are put on last, so that they stand in nothing that is logged or handed around.
    sign: (unsigned) => signed(call, unsigned.url, given.tokens),
  })
}

export function addressOf(base: string, request: Pick<RestRequest, 'path' | 'query'>): string {
  const query = Object.entries(request.query ?? {}).map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  const address = `${base.replace(/\/+$/, '')}/${request.path.replace(/^\/+/, '')}`
  return query.length === 0 ? address : `${address}${address.includes('?') ? '&' : '?'}${query.join('&')}`
}

function signed(
  call: RestCall,
  url: string,
  tokens: Readonly<Record<string, string>>,
): { readonly url: string; readonly headers: Readonly<Record<string, string>> } {
  const { auth } = call.config
  const { username, password, token } = call.secrets
  switch (auth.type) {
    case 'none':
      return { url, headers: {} }
    case 'basic':
      return { url, headers: { authorization: `Basic ${base64(`${needed(username, 'username')}:${password ?? ''}`)}` } }
    case 'bearer':
      return { url, headers: { authorization: `Bearer ${needed(token, 'token')}` } }
    case 'header':
      return { url, headers: { [auth.name]: `${auth.prefix}${needed(token, 'token')}` } }
    case 'query':
      return {
        url: `${url}${url.includes('?') ? '&' : '?'}${encodeURIComponent(auth.name)}=${encodeURIComponent(needed(token, 'token'))}`,
        headers: {},
      }
    case 'oauth2':
      return { url, headers: { authorization: `Bearer ${tokens['token'] ?? ''}` } }
  }
}

/** Buys a token with the client's own credentials (RFC 6749 §4.4). A connection that signs in otherwise has none. */
export async function refreshToken(call: RestCall): Promise<Tokens> {
  const { auth } = call.config
  if (auth.type !== 'oauth2')
    throw new ChannelError({
      kind: 'unauthorized',
      code: 'no-token',
      message: 'This connection signs in without tokens: enter its credentials again.',
    })
  const [id, secret] = [needed(call.secrets.clientId, 'clientId'), needed(call.secrets.clientSecret, 'clientSecret')]
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(auth.scope === undefined ? {} : { scope: auth.scope }) })
  if (auth.clientIn === 'body') for (const [name, value] of Object.entries({ client_id: id, client_secret: secret })) form.set(name, value)
  const response = await call.http({
    method: 'POST',
    url: addressOf(call.config.url, { path: auth.path }),
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    idempotent: true,
    // The body holds the client's secret in one of the two ways, so it is made here.
    sign: ({ url }) => ({
      url,
      body: form.toString(),
      headers: auth.clientIn === 'basic' ? { authorization: `Basic ${base64(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`)}` } : {},
    }),
  })
  const doc = parseJson(response.body)
  const token = pickText(doc, '/access_token') ?? ''
  if (token === '') throw unreadable('The answer of the token address holds no access_token.')
  const seconds = Number(pickText(doc, '/expires_in') ?? Number.NaN)
  return { values: { token }, ...(seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}) }
}

function needed(secret: string | undefined, name: string): string {
  if (secret === undefined || secret === '')
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'credential-missing',
      message: `The credentials have no "${name}", which this way of signing in needs.`,
    })
  return secret
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** An error under 200, where the settings say that there are such. */
function faultInside(body: string, { errors }: RestConfig): Fault | undefined {
  if (!errors.inBody || !/^\s*\{/.test(body)) return undefined
  const code = pickText(parsedOrNothing(body), errors.code) ?? ''
  if (code === '' || errors.good.includes(code)) return undefined
  return { kind: 'refused', code: code.slice(0, 120), message: `The channel answered an error (${shownCode(code)}).` }
}

/** The fault by its own code where the settings know it. */
function renamed(error: unknown, { errors }: RestConfig, idempotent: boolean): unknown {
  if (!(error instanceof ChannelError)) return error
  const { fault } = error
  const kind = fault.code !== undefined && Object.hasOwn(errors.kinds, fault.code) ? errors.kinds[fault.code] : undefined
  if (!idempotent && fault.kind === 'unreadable') return new ChannelError({ ...fault, kind: 'in-doubt' }, { cause: error })
  if (kind === undefined || fault.kind === 'in-doubt') return error
  return new ChannelError({ ...fault, kind, ...(kind === 'throttled' ? { retryAfterMs: fault.retryAfterMs ?? BREATH_MS } : {}) }, { cause: error })
}

/** Places where error codes usually stand. */
const CODES = ['/code', '/error/code', '/errors/0/code', '/error_code', '/error', '/type'] as const

/** Keeps the code of an error document; what it means is the status table's business until the settings say otherwise. */
export function classify(status: number, body: string): Fault | undefined {
  if (status < 400 || status >= 500 || status === 408 || status === 425 || status === 429 || !/^\s*\{/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  const code = CODES.map((pointer) => pickText(doc, pointer) ?? '').find((text) => /^[\w.:-]{1,120}$/.test(text))
  if (code === undefined) return undefined
  const kind = status === 401 || status === 403 ? 'unauthorized' : status === 404 || status === 410 ? 'missing' : 'refused'
  return { kind, code, status, message: `The channel answered ${status} (${shownCode(code)}).` }
}

/** Codes are words; whatever looks otherwise may be somebody's data. */
const shownCode = (code: string): string => (/^[A-Za-z][\w.:-]{0,79}$|^\d{1,6}$/.test(code) ? code : 'its code is kept')
