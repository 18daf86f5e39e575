import type { HttpResponse, Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { stampOf } from '../../src/kit/beijing-time.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { assertDone, errorCode, faultOfCode, WRONG_CLOCK } from './faults.ts'
import type { JdCall } from './manifest.ts'
import { signParameters } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** Name of the one member around everything: "jingdong_pop_order_enSearch_responce". */
  readonly root: string
  /** What stands under it, parsed losslessly. */
  readonly doc: unknown
}

/** Ids are given as text: the gateway reads numbers from it, and no digit can be lost. */
type Parameters = Readonly<Record<string, string | number | undefined>>

/** A read: may be repeated. */
export const read = (call: JdCall, method: string, parameters: Parameters): Promise<Answer> =>
  withTokens(call, (tokens) => send(call, { method, parameters, tokens, idempotent: true }))

/**
 * A write: one attempt, whose `result` has to say that it succeeded. What the service behind the gateway could not finish
 * may have happened all the same.
 */
export const write = (call: JdCall, method: string, parameters: Parameters, result?: string): Promise<Answer> =>
  withTokens(call, (tokens) =>
    send(call, { method, parameters, tokens, idempotent: false })
      .then((answer) => {
        assertDone(result === undefined ? answer.doc : field(answer.doc, result), method)
        return answer
      })
      .catch((error: unknown) => {
        throw doubted(error, (code) => ACCIDENTS.test(code))
      }),
  )
const ACCIDENTS = /^(?:1|43|6[5679]|78|9{6}|9{8})$/

/** How far the gateway's clock is from ours, once it found our time stamp wrong. */
const clocks = new WeakMap<JdCall, number>()

interface Request {
  readonly method: string
  readonly parameters: Parameters
  readonly tokens: Readonly<Record<string, string>>
  readonly idempotent: boolean
}

/**
 * The gateway takes stamps that are at most six minutes off. One it refuses for that was not carried out: it is sent once
 * more, stamped with the time the refusal itself shows.
 */
async function send(call: JdCall, request: Request): Promise<Answer> {
  const first = await post(call, request)
  if (errorCode(first.body) !== WRONG_CLOCK) return answerOf(first, request.method)
  const theirs = Date.parse(first.headers['date'] ?? '')
  if (Number.isNaN(theirs)) throw new ChannelError(faultOfCode(WRONG_CLOCK))
  clocks.set(call, theirs - call.now().getTime())
  const second = await post(call, request)
  if (errorCode(second.body) === WRONG_CLOCK) throw new ChannelError(faultOfCode(WRONG_CLOCK))
  return answerOf(second, request.method)
}

function post(call: JdCall, { method, parameters, tokens, idempotent }: Request): Promise<HttpResponse> {
  const { config, secrets } = call
  const given = {
    method,
    app_key: secrets.appKey,
    access_token: tokens['access'] ?? secrets.accessToken,
    v: '2.0',
    // Made once: the signature covers this very text.
    '360buy_param_json': JSON.stringify(Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined && value !== ''))),
  }
  return call.http({
    method: 'POST',
    url: config.url,
    headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' },
    idempotent,
    body: '',
    // A call that waited for its turn is stamped when it leaves.
    sign: ({ url }) => {
      const timestamp = stampOf(call.now().getTime() + (clocks.get(call) ?? 0))
      const { signature } = signParameters({ ...given, timestamp }, secrets.appSecret)
      return { url, headers: {}, body: new URLSearchParams({ ...given, timestamp, sign: signature }).toString() }
    },
  })
}

/** The one member around every answer, in the channel's spelling. */
const rootOf = (method: string): string => `${method.replaceAll('.', '_')}_responce`

function answerOf(response: HttpResponse, method: string): Answer {
  // Names of buyers and goods arrive with bare control characters in them, which no JSON may hold.
  // oxlint-disable-next-line no-control-regex
  const body = response.body.replace(/[\u0000-\u001f]/g, ' ')
  const root = rootOf(method)
  const doc = field(parseJson(body), root)
  if (typeof doc !== 'object' || doc === null) throw unreadable(`${method} answered without a result.`)
  const code = textField(doc, 'code') ?? '0'
  if (code !== '0') throw new ChannelError(faultOfCode(code))
  return { body, root, doc }
}

const refreshTokenOf = (call: JdCall, tokens: Readonly<Record<string, string>>): string | undefined => tokens['refresh'] ?? call.secrets.refreshToken

/** A new pair, as long as the old token has not ended (jos.jd.com/commondoc?listId=32): afterwards a person authorises the app again. */
export async function refreshToken(call: JdCall): Promise<Tokens> {
  const refresh = refreshTokenOf(call, await call.tokens())
  if (refresh === undefined) throw ended('19', 'The access token has ended and no refresh token was entered. Authorise the shop again.')
  const { appKey, appSecret } = call.secrets
  const query = new URLSearchParams({ app_key: appKey, app_secret: appSecret, grant_type: 'refresh_token', refresh_token: refresh })
  const { body } = await call.http({
    method: 'GET',
    url: `${call.config.authUrl}/refresh_token`,
    // Kept out of the address until it leaves.
    sign: ({ url }) => ({ url: `${url}?${query.toString()}`, headers: {} }),
  })
  const doc = parsedOrNothing(body)
  const access = textField(doc, 'access_token')
  if (access === undefined) {
    const code = textField(doc, 'code')
    if (code === undefined) throw unreadable('The answer to the renewal holds no token.')
    throw ended(code, 'JD did not renew the token: the authorisation was taken back or has run out. Authorise the shop again.')
  }
  const seconds = Number(textField(doc, 'expires_in') ?? Number.NaN)
  return {
    values: { access, refresh: textField(doc, 'refresh_token') ?? refresh },
    ...(Number.isSafeInteger(seconds) && seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}),
  }
}

const ended = (code: string, message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code, message })
