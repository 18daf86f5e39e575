import type { HttpResponse, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { endpointOf, type AmazonCall } from './manifest.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

export interface Request {
  readonly limit: string
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly method?: 'GET' | 'POST' | 'PATCH'
  readonly body?: unknown
  /** A token for personal data, in the place of the connection's own. */
  readonly restricted?: string | undefined
}

/** A read: may be repeated. */
export async function read(call: AmazonCall, request: Request): Promise<Answer> {
  const { body } = await signedIn(call, request, true)
  return { body, doc: parseJson(body) }
}

/** A write: one attempt. */
export const write = (call: AmazonCall, request: Request): Promise<HttpResponse> => signedIn(call, request, false)

/** The first token is asked for; one the channel refuses is renewed once. A refused call was not carried out. */
async function signedIn(call: AmazonCall, request: Request, idempotent: boolean): Promise<HttpResponse> {
  if (request.restricted !== undefined) return send(call, request, { token: request.restricted, idempotent })
  const stored = await call.tokens()
  const tokens = stored['token'] === undefined ? await call.renew(stored) : stored
  try {
    return await send(call, request, { token: tokens['token'] ?? '', idempotent })
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized') throw error
    const renewed = await call.renew(tokens)
    return send(call, request, { token: renewed['token'] ?? '', idempotent })
  }
}

function send(call: AmazonCall, request: Request, given: { readonly token: string; readonly idempotent: boolean }): Promise<HttpResponse> {
  const { limit, path, query = {}, method = 'GET', body } = request
  const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]))
  return call.http({
    method,
    limit,
    url: `${endpointOf(call.config)}${path}${asked.length === 0 ? '' : `?${asked.join('&')}`}`,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    idempotent: given.idempotent,
    // Shipments are confirmed by 204 and no body.
    ...(limit === 'confirmShipment' ? { expect: 'any' as const } : {}),
    sign: ({ url }) => ({ url, headers: { 'x-amz-access-token': given.token } }),
  })
}

const ORDERS = '/orders/v0/orders'
const RESTRICTED = [
  { method: 'GET', path: ORDERS, dataElements: ['buyerInfo', 'shippingAddress'] },
  { method: 'GET', path: `${ORDERS}/{orderId}`, dataElements: ['buyerInfo', 'shippingAddress'] },
  { method: 'GET', path: `${ORDERS}/{orderId}/orderItems`, dataElements: ['buyerInfo'] },
]

/** Of the older interface: a token of an hour that shows buyers, addresses and gift wraps. Undefined where nobody wants to see them. */
export async function restrictedToken(call: AmazonCall): Promise<string | undefined> {
  if (!call.config.personalData) return undefined
  const request = { limit: 'restrictedDataToken', path: '/tokens/2021-03-01/restrictedDataToken', method: 'POST' } as const
  const { body } = await signedIn(call, { ...request, body: { restrictedResources: RESTRICTED } }, true)
  const token = textField(parseJson(body), 'restrictedDataToken') ?? ''
  if (token === '') throw unreadable('The answer holds no token for personal data.')
  return token
}

/** Login with Amazon: the refresh token stays, the access token lives an hour. */
export async function refreshToken(call: AmazonCall): Promise<Tokens> {
  const { clientId, clientSecret } = call.secrets
  const form = { grant_type: 'refresh_token', refresh_token: call.secrets.refreshToken, client_id: clientId, client_secret: clientSecret }
  const response = await call.http({
    method: 'POST',
    limit: 'token',
    url: `${call.config.loginUrl.replace(/\/+$/, '')}/auth/o2/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
    body: new URLSearchParams(form).toString(),
    idempotent: true,
  })
  const doc = parseJson(response.body)
  const token = textField(doc, 'access_token') ?? ''
  if (token === '') throw unreadable('The answer of the login holds no token.')
  const seconds = Number(field(doc, 'expires_in'))
  const expires = Number.isFinite(seconds) && seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}
  return { values: { token }, ...expires }
}
