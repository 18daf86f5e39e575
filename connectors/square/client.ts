import type { HttpRequest, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import type { SquareCall } from './manifest.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

interface Request {
  readonly method: HttpRequest['method']
  /** Below /v2, with its query. */
  readonly path: string
  readonly body?: unknown
}

/** A read, whatever its method: may be repeated. */
export const read = (call: SquareCall, request: Request): Promise<Answer> => signedIn(call, request, true)

/** A write: one attempt. An accident behind Square's door says nothing about what was done. */
export const write = (call: SquareCall, request: Request): Promise<Answer> =>
  signedIn(call, request, false).catch((error: unknown) => {
    throw doubted(error, (code) => code !== '' && code !== 'SERVICE_UNAVAILABLE')
  })

const canRenew = ({ secrets }: SquareCall): boolean => secrets.clientId !== undefined && secrets.refreshToken !== undefined

/** With the personal token of the settings, or one bought with the refresh token and renewed once when it is refused. */
async function signedIn(call: SquareCall, request: Request, idempotent: boolean): Promise<Answer> {
  if (!canRenew(call)) {
    const { accessToken } = call.secrets
    if (accessToken === undefined)
      throw new ChannelError({
        kind: 'misconfigured',
        code: 'no-token',
        message: 'Enter an access token, or application id, secret and refresh token.',
      })
    return send(call, { request, token: accessToken, idempotent })
  }
  return withTokens(
    call,
    ({ accessToken }) => {
      if (accessToken === undefined) throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
      return send(call, { request, token: accessToken, idempotent })
    },
    // A scope that was not granted is no matter of the token's age.
    ({ status }) => status !== 403,
  )
}

const siteOf = (call: SquareCall): string => call.config.url.replace(/\/+$/, '')

async function send(call: SquareCall, given: { readonly request: Request; readonly token: string; readonly idempotent: boolean }): Promise<Answer> {
  const { method, path, body } = given.request
  const response = await call.http({
    method,
    url: `${siteOf(call)}/v2/${path}`,
    headers: {
      authorization: `Bearer ${given.token}`,
      'square-version': call.config.apiVersion,
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    idempotent: given.idempotent,
    timeoutMs: 60_000,
    maxBytes: 50_000_000,
  })
  return { body: response.body, doc: parseJson(response.body) }
}

/** Code flow: the refresh token stays the same and may be used any number of times; the access token lives thirty days. */
export async function refreshToken(call: SquareCall): Promise<Tokens> {
  const { clientId, clientSecret } = call.secrets
  const refresh = (await call.tokens())['refreshToken'] ?? call.secrets.refreshToken
  if (clientId === undefined || refresh === undefined)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-refresh-token', message: 'The access token was refused. Enter a new one.' })
  const response = await call.http({
    method: 'POST',
    url: `${siteOf(call)}/oauth2/token`,
    headers: { 'content-type': 'application/json', 'square-version': call.config.apiVersion },
    body: JSON.stringify({
      client_id: clientId,
      ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
      grant_type: 'refresh_token',
      refresh_token: refresh,
    }),
    // Without a secret it is the PKCE flow, whose refresh tokens are spent by their first use.
    idempotent: clientSecret !== undefined,
  })
  const doc = parseJson(response.body)
  const accessToken = textField(doc, 'access_token') ?? ''
  if (accessToken === '') throw unreadable('The answer of the token door holds no token.')
  const ends = Date.parse(textField(doc, 'expires_at') ?? '')
  return {
    values: { accessToken, refreshToken: textField(doc, 'refresh_token') ?? refresh },
    ...(Number.isNaN(ends) ? {} : { expiresAt: new Date(ends).toISOString() }),
  }
}
