import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import type { YouzanCall } from './manifest.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** Name of the member that holds the result: "data", of old interfaces "response". */
  readonly root: string
  readonly doc: unknown
}

interface Request {
  /** Interface and version, as they stand in the address: "youzan.trade.get/4.0.2". */
  readonly api: string
  readonly parameters: Readonly<Record<string, unknown>>
  readonly limit?: string
}

/** A read: may be repeated. */
export const read = (call: YouzanCall, api: string, parameters: Request['parameters'], limit?: string): Promise<Answer> =>
  signedIn(call, { api, parameters, ...(limit === undefined ? {} : { limit }) }, true)

/** A write: one attempt. What the services behind the gateway could not finish may have happened all the same. */
export const write = (call: YouzanCall, api: string, parameters: Request['parameters'], limit?: string): Promise<Answer> =>
  signedIn(call, { api, parameters, ...(limit === undefined ? {} : { limit }) }, false).catch((error: unknown) => {
    throw doubted(error)
  })

/** The first token is asked for; one the channel refuses is renewed once. A refused call was not carried out. */
async function signedIn(call: YouzanCall, request: Request, idempotent: boolean): Promise<Answer> {
  const stored = await call.tokens()
  const tokens = stored['token'] === undefined ? await call.renew(stored) : stored
  try {
    return await send(call, { request, token: tokens['token'] ?? '', idempotent })
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized') throw error
    const renewed = await call.renew(tokens)
    return send(call, { request, token: renewed['token'] ?? '', idempotent })
  }
}

async function send(call: YouzanCall, given: { readonly request: Request; readonly token: string; readonly idempotent: boolean }): Promise<Answer> {
  const { api, parameters, limit } = given.request
  const response = await call.http({
    method: 'POST',
    url: `${call.config.url.replace(/\/+$/, '')}/api/${api}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
    idempotent: given.idempotent,
    ...(limit === undefined ? {} : { limit }),
    // The gateway takes the token from the address and from nowhere else; put in here it stays out of what is handed around.
    sign: ({ url }) => ({ url: `${url}?access_token=${encodeURIComponent(given.token)}`, headers: {} }),
  })
  const doc = parseJson(response.body)
  const root = field(doc, 'response') === undefined ? 'data' : 'response'
  if (root === 'data' && (field(doc, 'success') !== true || textField(doc, 'code') !== '200'))
    throw unreadable(`${api} answered neither success nor an error.`)
  const inner = field(doc, root)
  if (typeof inner !== 'object' || inner === null) throw unreadable(`${api} answered without a result.`)
  return { body: response.body, root, doc: inner }
}

/**
 * A token of the shop. Apps of one's own ask with their secret: `refresh` false hands out the one of now, so that nobody
 * else's ends, and true makes a new one in its stead. Apps of the market spend their refresh token for a new pair.
 */
export async function refreshToken(call: YouzanCall): Promise<Tokens> {
  const { clientId, clientSecret } = call.secrets
  const stored = await call.tokens()
  const refresh = stored['refresh'] ?? call.secrets.refreshToken
  const grant =
    refresh === undefined
      ? { authorize_type: 'silent', grant_id: call.config.kdtId, refresh: stored['token'] !== undefined }
      : { authorize_type: 'refresh_token', refresh_token: refresh }
  const response = await call.http({
    method: 'POST',
    url: `${call.config.url.replace(/\/+$/, '')}/auth/token`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_id: clientId, client_secret: clientSecret, ...grant }),
    // A refresh token is spent by the first answer, whether it arrives or not.
    idempotent: refresh === undefined,
  })
  const data = field(parseJson(response.body), 'data')
  const token = textField(data, 'access_token') ?? ''
  if (token === '') throw unreadable('The answer of the token door holds no token.')
  const next = textField(data, 'refresh_token')
  // The instant it ends, in milliseconds, whatever the name suggests.
  const ends = Number(textField(data, 'expires') ?? Number.NaN)
  return {
    values: { token, ...(refresh === undefined ? {} : { refresh: next ?? refresh }) },
    ...(Number.isSafeInteger(ends) && ends > 0 ? { expiresAt: new Date(ends).toISOString() } : {}),
  }
}
