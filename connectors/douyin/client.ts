import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, faultOf, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { isAccident } from './faults.ts'
import type { DouyinCall } from './manifest.ts'
import { int64, paramJson, type Param } from './param-json.ts'
import { signCall } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** What stands under `data`, parsed losslessly. */
  readonly data: unknown
}

type Parameters = Readonly<Record<string, Param | undefined>>

/** A read: may be repeated. @throws ChannelError `unreadable` when the answer carries no data */
export async function read(call: DouyinCall, method: string, parameters: Parameters): Promise<Answer> {
  const answer = await authorised(call, (token) => send(call, { method, parameters, token, idempotent: true }))
  if (typeof answer.data !== 'object' || answer.data === null) throw unreadable(`${method} answered without data.`)
  return answer
}

/** A write: one attempt. What the service behind the gateway could not finish may have happened all the same. */
export const write = (call: DouyinCall, method: string, parameters: Parameters): Promise<Answer> =>
  authorised(call, (token) =>
    send(call, { method, parameters, token, idempotent: false }).catch((error: unknown) => {
      throw doubted(error, isAccident)
    }),
  )

/** Runs with the current access token, made first where there is none, and once more with a new one when it was refused. */
const authorised = (call: DouyinCall, run: (token: string) => Promise<Answer>): Promise<Answer> =>
  withTokens(call, async (tokens) => {
    const token = tokens['access'] ?? call.secrets.accessToken
    if (token !== undefined) return run(token)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
  })

interface Request {
  readonly method: string
  readonly parameters: Parameters
  readonly token: string | undefined
  readonly idempotent: boolean
}

async function send(call: DouyinCall, { method, parameters, token, idempotent }: Request): Promise<Answer> {
  const { config, secrets } = call
  const body = paramJson(parameters)
  const response = await call.http({
    method: 'POST',
    url: `${config.url.replace(/\/+$/, '')}/${method.replaceAll('.', '/')}`,
    // Without it the gateway answers some interfaces with codes of before 2021.
    headers: { 'content-type': 'application/json', 'x-open-no-old-err-code': '1' },
    body,
    idempotent,
    // Stamped when it leaves: a call may have waited for its turn.
    sign: ({ url }) => {
      const timestamp = String(Math.floor(call.now().getTime() / 1000))
      const { signature } = signCall(
        { appKey: secrets.appKey, method, paramJson: body, timestamp, version: '2' },
        secrets.appSecret,
        config.signMethod,
      )
      const query = { app_key: secrets.appKey, method, timestamp, v: '2', sign_method: config.signMethod, sign: signature }
      return { url: `${url}?${new URLSearchParams({ ...query, ...(token === undefined ? {} : { access_token: token }) }).toString()}`, headers: {} }
    },
  })
  const doc = parseJson(response.body)
  // An answer without its code is nobody's success.
  if (textField(doc, 'code') !== '10000') throw unreadable(`${method} answered without a code.`)
  return { body: response.body, data: field(doc, 'data') }
}

/**
 * A new access token: with the refresh token where there is one, and else, or when that has ended too, by the app's own right to
 * its own shop (only apps made for one's own shops have it).
 */
export async function refreshToken(call: DouyinCall): Promise<Tokens> {
  const { config } = call
  const refresh = (await call.tokens())['refresh'] ?? call.secrets.refreshToken
  const own = config.appType === 'self'
  if (refresh !== undefined) {
    try {
      const renewed = await ask(call, 'token.refresh', { grant_type: 'refresh_token', refresh_token: refresh })
      // An answer that names no new one leaves this one good; the one of the settings may have been spent long ago.
      return { ...renewed, values: { refresh, ...renewed.values } }
    } catch (error) {
      if (!own || faultOf(error).kind !== 'unauthorized') throw error
    }
  }
  if (own) return ask(call, 'token.create', { grant_type: 'authorization_self', code: '', shop_id: int64(config.shopId) })
  throw new ChannelError({
    kind: 'unauthorized',
    code: 'no-refresh-token',
    message: 'The token has ended and cannot be renewed. Authorise the shop again.',
  })
}

async function ask(call: DouyinCall, method: string, parameters: Parameters): Promise<Tokens> {
  const { data } = await send(call, { method, parameters, token: undefined, idempotent: true })
  const [access, refresh, lives] = [textField(data, 'access_token'), textField(data, 'refresh_token'), Number(textField(data, 'expires_in'))]
  if (!access) throw unreadable(`The answer to ${method} holds no token.`)
  const shop = textField(data, 'shop_id')
  if (shop !== undefined && shop !== call.config.shopId)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'other-shop',
      message: 'The authorisation is for another shop than the one in the settings.',
    })
  return {
    values: { access, ...(refresh ? { refresh } : {}) },
    ...(lives > 0 ? { expiresAt: new Date(call.now().getTime() + lives * 1000).toISOString() } : {}),
  }
}
