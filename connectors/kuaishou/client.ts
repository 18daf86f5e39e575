import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { int64Json, type Param } from '../../src/kit/int64-json.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import type { KuaishouCall } from './manifest.ts'
import { sign } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** What stands under `data`, parsed losslessly. */
  readonly data: unknown
  /** The answer itself, for interfaces that put their result beside `data`. */
  readonly doc: unknown
}

interface Request {
  /** With dots; the same with slashes is the path. */
  readonly method: string
  readonly param: Param
}

/** A read: may be repeated. @throws ChannelError `unreadable` when the answer carries no data */
export async function read(call: KuaishouCall, method: string, param: Param): Promise<Answer> {
  const answer = await authorised(call, (token) => send(call, { method, param }, { token, verb: 'GET' }))
  if (typeof answer.data !== 'object' || answer.data === null) throw unreadable(`${method} answered without data.`)
  return answer
}

/** A question that is asked by POST: changes nothing, may be repeated. */
export const ask = (call: KuaishouCall, method: string, param: Param): Promise<Answer> =>
  authorised(call, (token) => send(call, { method, param }, { token, verb: 'POST', idempotent: true }))

/** A write: one attempt. What the services behind the gateway could not finish may have happened all the same. */
export const write = (call: KuaishouCall, method: string, param: Param): Promise<Answer> =>
  authorised(call, (token) =>
    send(call, { method, param }, { token, verb: 'POST' }).catch((error: unknown) => {
      throw doubted(error)
    }),
  )

const authorised = (call: KuaishouCall, run: (token: string) => Promise<Answer>): Promise<Answer> =>
  withTokens(call, async (tokens) => {
    const token = tokens['access'] ?? call.secrets.accessToken
    if (token !== undefined) return run(token)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
  })

interface Way {
  readonly token: string
  readonly verb: 'GET' | 'POST'
  readonly idempotent?: true
}

/** Parameters of the system stand in the address, as the vendor asks; what a write says stands in its body. */
async function send(call: KuaishouCall, { method, param }: Request, how: Way): Promise<Answer> {
  const { config, secrets } = call
  const text = int64Json(param)
  const isWrite = how.verb === 'POST'
  const response = await call.http({
    method: how.verb,
    url: `${config.url.replace(/\/+$/, '')}/${method.replaceAll('.', '/')}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    ...(how.idempotent ? { idempotent: true } : {}),
    ...(isWrite ? { body: new URLSearchParams({ param: text }).toString() } : {}),
    // Stamped when it leaves: a call may have waited for its turn. Put in here the token stays out of what is handed around.
    sign: ({ url }) => {
      const system = {
        access_token: how.token,
        appkey: secrets.appKey,
        method,
        signMethod: config.signMethod,
        timestamp: String(call.now().getTime()),
        version: '1',
      }
      const { signature } = sign({ ...system, param: text }, secrets.signSecret)
      const query = new URLSearchParams({ ...system, ...(isWrite ? {} : { param: text }), sign: signature })
      return { url: `${url}?${query.toString()}`, headers: {} }
    },
  })
  const doc = parseJson(response.body)
  if (textField(doc, 'result') !== '1') throw unreadable(`${method} answered neither success nor an error.`)
  return { body: response.body, data: field(doc, 'data'), doc }
}

/** A new access token. Each refresh token is spent by the first answer, whether it arrives or not, and hands out its successor. */
export async function refreshToken(call: KuaishouCall): Promise<Tokens> {
  const { appKey, appSecret } = call.secrets
  const refresh = (await call.tokens())['refresh'] ?? call.secrets.refreshToken
  const response = await call.http({
    method: 'POST',
    url: `${call.config.url.replace(/\/+$/, '')}/oauth2/refresh_token`,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ app_id: appKey, app_secret: appSecret, grant_type: 'refresh_token', refresh_token: refresh }).toString(),
    idempotent: false,
  })
  const doc = parseJson(response.body)
  const [access, next, lives] = [textField(doc, 'access_token'), textField(doc, 'refresh_token'), Number(textField(doc, 'expires_in'))]
  if (!access) throw unreadable('The answer of the token door holds no token.')
  return {
    values: { access, refresh: next === undefined || next === '' ? refresh : next },
    ...(lives > 0 ? { expiresAt: new Date(call.now().getTime() + lives * 1000).toISOString() } : {}),
  }
}
