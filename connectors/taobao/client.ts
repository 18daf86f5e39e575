import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { stampOf } from '../../src/kit/beijing-time.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, faultOf, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import type { TopCall } from './manifest.ts'
import { signParameters } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** Name of the one member around everything: "trades_sold_increment_get_response". */
  readonly root: string
  /** What stands under it, parsed losslessly. */
  readonly doc: unknown
}

type Parameters = Readonly<Record<string, string | number | boolean | undefined>>

/** A read: may be repeated. */
export const read = (call: TopCall, method: string, parameters: Parameters): Promise<Answer> =>
  inSession(call, (session) => send(call, { method, parameters, session, idempotent: true }))

/** A write: one attempt. What the service behind the gateway could not finish may have happened all the same. */
export const write = (call: TopCall, method: string, parameters: Parameters): Promise<Answer> =>
  inSession(call, (session) =>
    send(call, { method, parameters, session, idempotent: false }).catch((error: unknown) => {
      throw doubted(error, (code) => /(?:^15|:isp\.)/.test(code))
    }),
  )

/** A call that needs no seller: the clock, renewing a token. */
export const anonymous = (call: TopCall, method: string, parameters: Parameters = {}): Promise<Answer> =>
  send(call, { method, parameters, session: undefined, idempotent: true })

/** Runs with the current session and, where the app may renew it, once more with a new one. A refused call was not executed. */
async function inSession(call: TopCall, run: (session: string) => Promise<Answer>): Promise<Answer> {
  const tokens = await call.tokens()
  try {
    return await run(tokens['session'] ?? call.secrets.sessionKey)
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized' || refreshTokenOf(call, tokens) === undefined) throw error
    const renewed = await call.renew(tokens)
    return run(renewed['session'] ?? call.secrets.sessionKey)
  }
}

const refreshTokenOf = (call: TopCall, tokens: Readonly<Record<string, string>>): string | undefined => tokens['refresh'] ?? call.secrets.refreshToken

interface Request {
  readonly method: string
  readonly parameters: Parameters
  readonly session: string | undefined
  readonly idempotent: boolean
}

async function send(call: TopCall, request: Request): Promise<Answer> {
  const { config, secrets } = call
  const given: Record<string, string> = {
    method: request.method,
    app_key: secrets.appKey,
    v: '2.0',
    format: 'json',
    sign_method: config.signMethod,
    ...(request.session === undefined ? {} : { session: request.session }),
  }
  for (const [name, value] of Object.entries(request.parameters)) if (value !== undefined && value !== '') given[name] = String(value)
  const response = await call.http({
    method: 'POST',
    url: config.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
    body: new URLSearchParams(given).toString(),
    idempotent: request.idempotent,
    // The gateway stamps its JSON as JavaScript and takes time and signature from the address as well: a call that waited
    // for its turn is stamped when it leaves.
    sign: ({ url }) => {
      const timestamp = stampOf(call.now().getTime())
      const { signature } = signParameters({ ...given, timestamp }, secrets.appSecret)
      const separator = url.includes('?') ? '&' : '?'
      return { url: `${url}${separator}${new URLSearchParams({ timestamp, sign: signature }).toString()}`, headers: {} }
    },
  })
  const root = `${request.method.replace(/^taobao\./, '').replaceAll('.', '_')}_response`
  const inner = field(parseJson(response.body), root)
  if (typeof inner !== 'object' || inner === null) throw unreadable(`${request.method} answered without a result.`)
  return { body: response.body, root, doc: inner }
}

/** A new session for apps of the service market; every other kind is authorised again by a person. */
export async function refreshToken(call: TopCall): Promise<Tokens> {
  const refresh = refreshTokenOf(call, await call.tokens())
  if (refresh === undefined) {
    throw new ChannelError({
      kind: 'unauthorized',
      code: '27',
      message: 'The session has ended and this app cannot renew it. Authorise the shop again.',
    })
  }
  const { doc } = await anonymous(call, 'taobao.top.auth.token.refresh', { refresh_token: refresh }).catch((error: unknown) => {
    const { kind, code } = faultOf(error)
    if (kind !== 'refused') throw error
    const message = 'The channel did not renew the session: the authorisation was taken back or has run out. Authorise the shop again.'
    throw new ChannelError({ kind: 'unauthorized', message, ...(code === undefined ? {} : { code }) }, { cause: error })
  })
  const result = parseJson(textField(doc, 'token_result') ?? 'null')
  const session = textField(result, 'access_token')
  if (session === undefined) throw unreadable('The answer to the renewal holds no session.')
  const expires = Number(textField(result, 'expire_time') ?? Number.NaN)
  return {
    values: { session, refresh: textField(result, 'refresh_token') ?? refresh },
    ...(Number.isSafeInteger(expires) && expires > 0 ? { expiresAt: new Date(expires).toISOString() } : {}),
  }
}
