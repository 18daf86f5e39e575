import type { HttpResponse, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { faultOfAnswer, PARTIAL } from './faults.ts'
import { gatewayOf, type LazadaCall } from './manifest.ts'
import { signCall } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

type Parameters = Readonly<Record<string, string | number | undefined>>

interface Request {
  /** "/orders/get": what is signed, whatever host it goes to. */
  readonly path: string
  readonly parameters: Parameters
  /** Business parameters of a POST go in a form. */
  readonly method?: 'GET' | 'POST'
  readonly limit?: string
}

/** A read: may be repeated. */
export const read = (call: LazadaCall, path: string, parameters: Parameters): Promise<Answer> =>
  withTokens(call, (tokens) => send(call, { path, parameters }, { tokens, idempotent: true }))

/** A write: one attempt. What the services behind the gateway could not finish may have happened all the same. */
export const write = (call: LazadaCall, request: Request): Promise<Answer> =>
  withTokens(call, (tokens) => send(call, { method: 'POST', ...request }, { tokens, idempotent: false })).catch((error: unknown) => {
    throw doubted(error)
  })

interface Manner {
  readonly tokens: Readonly<Record<string, string>>
  readonly idempotent: boolean
}

async function send(call: LazadaCall, request: Request, { tokens, idempotent }: Manner): Promise<Answer> {
  const { path, parameters, method = 'GET', limit } = request
  const response = await call.http({
    method,
    url: gatewayOf(call.config) + path,
    idempotent,
    ...(limit === undefined ? {} : { limit }),
    ...(method === 'POST' ? { headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }, body: '' } : {}),
    // A call that waited for its turn is stamped when it leaves; token and signature stay out of what is handed around.
    sign: ({ url }) => {
      const given = texts(parameters)
      const common = commonOf(call, { access_token: tokens['access'] ?? call.secrets.accessToken })
      const { signature } = signCall(path, { ...given, ...common }, call.secrets.appSecret)
      const query = new URLSearchParams({ ...(method === 'GET' ? given : {}), ...common, sign: signature })
      return { url: `${url}?${query.toString()}`, headers: {}, ...(method === 'POST' ? { body: new URLSearchParams(given).toString() } : {}) }
    },
  })
  return answerOf(response, path)
}

const commonOf = (call: LazadaCall, more: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  app_key: call.secrets.appKey,
  sign_method: 'sha256',
  timestamp: String(call.now().getTime()),
  ...more,
})

const texts = (parameters: Parameters): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])))

function answerOf({ body }: HttpResponse, path: string): Answer {
  const doc = parseJson(body)
  const code = textField(doc, 'code')
  if (code === undefined) throw unreadable(`${path} answered neither success nor an error.`)
  if (code !== '0' && code !== PARTIAL) throw new ChannelError(faultOfAnswer(doc))
  return { body, doc }
}

/** The member an answer keeps its result in; null where data belongs is no answer. */
export function resultOf({ doc }: Answer, name: 'data' | 'result', path: string): unknown {
  if (textField(doc, 'code') !== '0') throw new ChannelError(faultOfAnswer(doc))
  const result = field(doc, name)
  if (typeof result !== 'object' || result === null) throw unreadable(`${path} answered without a result.`)
  return result
}

/** A new pair for the refresh token, as long as that one lives (`/auth/token/refresh` of the token door). */
export async function refreshToken(call: LazadaCall): Promise<Tokens> {
  const path = '/auth/token/refresh'
  const refresh = (await call.tokens())['refresh'] ?? call.secrets.refreshToken
  if (refresh === undefined)
    throw ended('IllegalAccessToken', 'The access token has ended and no refresh token was entered. Authorise the shop again.')
  const { body } = await call.http({
    method: 'GET',
    url: call.config.authUrl.replace(/\/+$/, '') + path,
    // A refresh token may be spent by the first answer, whether it arrives or not.
    idempotent: false,
    sign: ({ url }) => {
      const common = commonOf(call, { refresh_token: refresh })
      const { signature } = signCall(path, common, call.secrets.appSecret)
      return { url: `${url}?${new URLSearchParams({ ...common, sign: signature }).toString()}`, headers: {} }
    },
  })
  const doc = parsedOrNothing(body)
  const access = textField(doc, 'access_token') ?? ''
  if (access === '') throw unreadable('The answer of the token door holds no token.')
  const seconds = Number(textField(doc, 'expires_in') ?? Number.NaN)
  return {
    values: { access, refresh: textField(doc, 'refresh_token') ?? refresh },
    ...(Number.isSafeInteger(seconds) && seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}),
  }
}

const ended = (code: string, message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code, message })
