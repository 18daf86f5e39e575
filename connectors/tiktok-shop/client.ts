import type { HttpRequest, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import type { TikTokCall } from './manifest.ts'
import { signCall } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** What stands under `data`, parsed losslessly. */
  readonly data: unknown
}

interface Request {
  readonly method: HttpRequest['method']
  /** From the first slash behind the host: "/order/202309/orders/search". */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  /** Of calls about the authorisation and not about one shop. */
  readonly withoutShop?: boolean
}

/** A read, whatever its method: may be repeated. @throws ChannelError `unreadable` when the answer carries no data */
export async function read(call: TikTokCall, request: Request): Promise<Answer> {
  const answer = await authorised(call, (token) => send(call, { request, token, idempotent: true }))
  if (typeof answer.data !== 'object' || answer.data === null) throw unreadable(`${request.path} answered without data.`)
  return answer
}

/** A write: one attempt. What the service behind the gateway could not finish may have happened all the same. */
export const write = (call: TikTokCall, request: Request): Promise<Answer> =>
  authorised(call, (token) =>
    send(call, { request, token, idempotent: false }).catch((error: unknown) => {
      throw doubted(error)
    }),
  )

/** Runs with the current access token, made first where there is none, and once more with a new one when it was refused. */
const authorised = (call: TikTokCall, run: (token: string) => Promise<Answer>): Promise<Answer> =>
  withTokens(call, async (tokens) => {
    const token = tokens['access'] ?? call.secrets.accessToken
    if (token !== undefined) return run(token)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
  })

const siteOf = (url: string): string => url.replace(/\/+$/, '')

async function send(call: TikTokCall, given: { readonly request: Request; readonly token: string; readonly idempotent: boolean }): Promise<Answer> {
  const { method, path, query = {}, body, withoutShop } = given.request
  const { config, secrets } = call
  const text = body === undefined ? '' : JSON.stringify(body)
  const response = await call.http({
    method,
    url: `${siteOf(config.url)}${path}`,
    headers: { 'x-tts-access-token': given.token, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: text }),
    idempotent: given.idempotent,
    // Stamped when it leaves: a call may have waited for its turn, and five minutes later it is too late.
    sign: ({ url }) => {
      const timestamp = String(Math.floor(call.now().getTime() / 1000))
      const named = { ...query, app_key: secrets.appKey, timestamp, ...(withoutShop === true ? {} : { shop_cipher: config.shopCipher }) }
      // A relay's own folder is no part of what is signed.
      const { signature } = signCall({ path, query: named, body: text }, secrets.appSecret)
      return { url: `${url}?${new URLSearchParams({ ...named, sign: signature }).toString()}`, headers: {} }
    },
  })
  return answered(response.body, path)
}

function answered(body: string, path: string): Answer {
  const doc = parseJson(body)
  // An answer without its code is nobody's success.
  if (textField(doc, 'code') !== '0') throw unreadable(`${path} answered without a code.`)
  return { body, data: field(doc, 'data') }
}

/** A new access token for the refresh token; the answer brings the refresh token of the next time. */
export async function refreshToken(call: TikTokCall): Promise<Tokens> {
  const { config, secrets } = call
  const refresh = (await call.tokens())['refresh'] ?? secrets.refreshToken
  const path = '/api/v2/token/refresh'
  const query = { app_key: secrets.appKey, app_secret: secrets.appSecret, refresh_token: refresh, grant_type: 'refresh_token' }
  const url = `${siteOf(config.authUrl)}${path}`
  // The parameters are put on last: what is logged is the address without them.
  const response = await call.http({ method: 'GET', url, sign: () => ({ url: `${url}?${new URLSearchParams(query).toString()}`, headers: {} }) })
  const { data } = answered(response.body, path)
  const [access, next] = [textField(data, 'access_token') ?? '', textField(data, 'refresh_token')]
  if (access === '') throw unreadable('The answer of the token door holds no token.')
  // Despite its name the second at which the token ends.
  const ends = Number(textField(data, 'access_token_expire_in') ?? Number.NaN)
  return {
    values: { access, refresh: next || refresh },
    ...(Number.isSafeInteger(ends) && ends > 1_500_000_000 ? { expiresAt: new Date(ends * 1000).toISOString() } : {}),
  }
}
