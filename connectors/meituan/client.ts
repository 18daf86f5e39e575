import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { isAccident } from './faults.ts'
import type { MeituanCall } from './manifest.ts'
import { signParameters } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

type Parameters = Readonly<Record<string, string | number | undefined>>

interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly parameters: Parameters
  readonly idempotent: boolean
}

/** A read: may be repeated. */
export const read = (call: MeituanCall, path: string, parameters: Parameters): Promise<Answer> =>
  withTokens(call, (tokens) => send(call, { method: 'GET', path, parameters, idempotent: true }, tokens))

/** A write, one attempt. Steps of an order are GETs at this channel, everything with a body is a POST. */
export const write = (call: MeituanCall, method: 'GET' | 'POST', path: string, parameters: Parameters, isBatch = false): Promise<Answer> =>
  withTokens(call, (tokens) =>
    send(call, { method, path, parameters, idempotent: false }, tokens)
      .then((answer) => {
        // A refusal was found by `classify`; what says neither yes nor no may have happened.
        const [data, result] = [textField(answer.doc, 'data'), textField(answer.doc, 'result_code')]
        // Of several things some may have failed (2) or all (3): who wrote several looks at each.
        const isTold = result === '1' || (result === undefined ? data === 'ok' : isBatch)
        if (!isTold) throw unreadable(`${path} does not say whether it succeeded.`)
        return answer
      })
      .catch((error: unknown) => {
        throw doubted(error, isAccident)
      }),
  )

async function send(call: MeituanCall, request: Request, tokens: Readonly<Record<string, string>>): Promise<Answer> {
  const { config, secrets } = call
  const access = tokens['access'] ?? secrets.accessToken
  const business = Object.fromEntries(
    Object.entries(request.parameters).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]])),
  )
  const { body } = await call.http({
    method: request.method,
    url: `${config.url}/${request.path}`,
    idempotent: request.idempotent,
    ...(request.method === 'POST' ? { headers: { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8' }, body: '' } : {}),
    // A call that waited for its turn is stamped when it leaves; nothing of it stands in an address before that.
    sign: ({ url }) => {
      const system = {
        app_id: secrets.appId,
        timestamp: String(Math.floor(call.now().getTime() / 1000)),
        ...(access ? { access_token: access } : {}),
      }
      const { signature } = signParameters(url, { ...system, ...business }, secrets.appSecret)
      const isPost = request.method === 'POST'
      const query = new URLSearchParams({ ...system, ...(isPost ? {} : business), sig: signature })
      return { url: `${url}?${query.toString()}`, headers: {}, ...(isPost ? { body: new URLSearchParams(business).toString() } : {}) }
    },
  })
  const doc = parseJson(body)
  if (typeof doc !== 'object' || doc === null) throw unreadable(`${request.path} answered without a document.`)
  return { body, doc }
}

/** `data` of an answer, which some interfaces wrap into a list of one. */
export function dataOf({ doc }: Answer, path: string): unknown {
  const data = field(doc, 'data')
  const one: unknown = Array.isArray(data) ? data[0] : data
  if (typeof one !== 'object' || one === null) throw unreadable(`${path} answered without data.`)
  return one
}

/** A new pair for an app of a service provider (open-shangou.meituan.com/home/guide/medical/10686). */
export async function refreshToken(call: MeituanCall): Promise<Tokens> {
  const refresh = (await call.tokens())['refresh'] ?? call.secrets.refreshToken
  if (refresh === undefined)
    throw ended('no-refresh-token', 'Meituan refused the call and no refresh token was entered: check the secret, or authorise the shop again.')
  const request: Request = {
    method: 'POST',
    path: 'oauth/token',
    parameters: { grant_type: 'refresh_token', refresh_token: refresh },
    idempotent: true,
  }
  const { body } = await send({ ...call, secrets: { ...call.secrets, accessToken: undefined } }, request, {})
  const doc = parsedOrNothing(body)
  const access = textField(doc, 'access_token')
  if (access === undefined || access === '')
    throw ended(textField(doc, 'status') ?? 'no-token', 'Meituan did not renew the token. Authorise the shop again.')
  const seconds = Number(textField(doc, 'expires_in') ?? Number.NaN)
  return {
    values: { access, refresh: textField(doc, 'refresh_token') ?? refresh },
    ...(Number.isSafeInteger(seconds) && seconds > 0 ? { expiresAt: new Date(call.now().getTime() + seconds * 1000).toISOString() } : {}),
  }
}

const ended = (code: string, message: string): ChannelError => new ChannelError({ kind: 'unauthorized', code, message })
