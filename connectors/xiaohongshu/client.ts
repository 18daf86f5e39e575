import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import type { XhsCall } from './manifest.ts'
import { sign } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  /** Where in it `data` stands. */
  readonly root: string
  /** What the service answered, parsed losslessly. */
  readonly data: unknown
}

type Params = Readonly<Record<string, unknown>>

/** A read: may be repeated. @throws ChannelError `unreadable` when the answer carries no data */
export async function read(call: XhsCall, method: string, params: Params): Promise<Answer> {
  const answer = await authorised(call, (token) => send(call, { method, params, token, idempotent: true }))
  if (typeof answer.data !== 'object' || answer.data === null) throw unreadable(`${method} answered without data.`)
  return answer
}

/** A write: one attempt. What the services behind the gateway could not finish may have happened all the same. */
export const write = (call: XhsCall, method: string, params: Params): Promise<Answer> =>
  authorised(call, (token) =>
    send(call, { method, params, token, idempotent: false }).catch((error: unknown) => {
      throw doubted(error)
    }),
  )

const authorised = (call: XhsCall, run: (token: string) => Promise<Answer>): Promise<Answer> =>
  withTokens(call, async (tokens) => {
    const token = tokens['access'] ?? call.secrets.accessToken
    if (token !== undefined) return run(token)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
  })

interface Request {
  readonly method: string
  readonly params: Params
  readonly token?: string
  readonly idempotent: boolean
}

/** Everything goes in one flat JSON object, stamped and signed when it leaves: a call may have waited for its turn. */
async function send(call: XhsCall, { method, params, token, idempotent }: Request): Promise<Answer> {
  const { config, secrets } = call
  const response = await call.http({
    method: 'POST',
    url: config.url,
    headers: { 'content-type': 'application/json;charset=utf-8' },
    // Known before it is stamped, for who looks at a call.
    body: JSON.stringify({ method, ...params }),
    idempotent,
    sign: ({ url }) => {
      const system = { method, appId: secrets.appId, timestamp: String(Math.floor(call.now().getTime() / 1000)), version: '2.0' }
      const { signature } = sign(system, secrets.appSecret)
      return {
        url,
        headers: {},
        body: JSON.stringify({ ...system, sign: signature, ...(token === undefined ? {} : { accessToken: token }), ...params }),
      }
    },
  })
  const doc = parseJson(response.body)
  if (field(doc, 'success') !== true) throw unreadable(`${method} answered neither success nor an error.`)
  const data = field(doc, 'data')
  // After-sales and the newer stock calls hand through the whole answer of a service.
  const isWrapped = typeof field(data, 'success') === 'boolean' && field(data, 'data') !== undefined
  return { body: response.body, root: isWrapped ? '/data/data' : '/data', data: isWrapped ? field(data, 'data') : data }
}

/** The same pair comes back while the access token has half an hour left, otherwise a new one. */
export async function refreshToken(call: XhsCall): Promise<Tokens> {
  const refresh = (await call.tokens())['refresh'] ?? call.secrets.refreshToken
  const { data } = await send(call, { method: 'oauth.refreshToken', params: { refreshToken: refresh }, idempotent: false })
  const [access, next, ends] = [textField(data, 'accessToken'), textField(data, 'refreshToken'), Number(textField(data, 'accessTokenExpiresAt'))]
  if (!access) throw unreadable('The answer of the token door holds no token.')
  return {
    values: { access, refresh: next === undefined || next === '' ? refresh : next },
    ...(ends > 0 ? { expiresAt: new Date(ends).toISOString() } : {}),
  }
}
