import type { HttpRequest, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import type { LoyverseCall } from './manifest.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

interface Request {
  readonly method: HttpRequest['method']
  /** Below /v1.0, with its query. */
  readonly path: string
  readonly body?: unknown
}

/** A read: may be repeated. */
export const read = (call: LoyverseCall, path: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> => {
  const text = new URLSearchParams(query).toString()
  return signedIn(call, { method: 'GET', path: text === '' ? path : `${path}?${text}` }, true)
}

/** A write: one attempt. An accident behind the channel's door says nothing about what was done. */
export const write = (call: LoyverseCall, request: Request): Promise<Answer> =>
  signedIn(call, request, false).catch((error: unknown) => {
    throw doubted(error)
  })

export const hasGrant = ({ secrets }: LoyverseCall): boolean =>
  secrets.clientId !== undefined && secrets.clientSecret !== undefined && secrets.refreshToken !== undefined

/** With the token bought by the seller's grant, renewed once when it is refused, or with the personal one. */
async function signedIn(call: LoyverseCall, request: Request, idempotent: boolean): Promise<Answer> {
  if (!hasGrant(call)) {
    const { accessToken } = call.secrets
    if (accessToken === undefined)
      throw new ChannelError({
        kind: 'misconfigured',
        code: 'no-token',
        message: 'Enter a personal access token, or client id, secret and refresh token.',
      })
    return send(call, { request, token: accessToken, idempotent })
  }
  return withTokens(call, ({ accessToken }) => {
    if (accessToken === undefined) throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
    return send(call, { request, token: accessToken, idempotent })
  })
}

const siteOf = (call: LoyverseCall): string => call.config.url.replace(/\/+$/, '')

async function send(call: LoyverseCall, given: { readonly request: Request; readonly token: string; readonly idempotent: boolean }): Promise<Answer> {
  const { method, path, body } = given.request
  const response = await call.http({
    method,
    url: `${siteOf(call)}/v1.0/${path}`,
    headers: {
      authorization: `Bearer ${given.token}`,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    idempotent: given.idempotent,
  })
  const doc = parseJson(response.body)
  if (typeof doc !== 'object' || doc === null || Array.isArray(doc)) throw unreadable('The answer is not one of Loyverse’s.')
  return { body: response.body, doc }
}

/** OAuth 2: the refresh token buys a new pair. */
export async function refreshToken(call: LoyverseCall): Promise<Tokens> {
  const { clientId, clientSecret } = call.secrets
  const refresh = (await call.tokens())['refreshToken'] ?? call.secrets.refreshToken
  if (clientId === undefined || clientSecret === undefined || refresh === undefined)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-refresh-token', message: 'The access token was refused. Enter a new one.' })
  const form = { grant_type: 'refresh_token', client_id: clientId, client_secret: clientSecret, refresh_token: refresh }
  const response = await call.http({
    method: 'POST',
    url: `${siteOf(call)}/oauth/token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams(form).toString(),
    // The pair before is spent by it.
    idempotent: false,
  })
  const doc = parseJson(response.body)
  const accessToken = textField(doc, 'access_token') ?? ''
  if (accessToken === '') throw unreadable('The answer of the token door holds no token.')
  const seconds = Number(textField(doc, 'expires_in') ?? Number.NaN)
  return {
    values: { accessToken, refreshToken: textField(doc, 'refresh_token') ?? refresh },
    ...(Number.isSafeInteger(seconds) && seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}),
  }
}
