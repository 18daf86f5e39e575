import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, faultOf, unreadable } from '../../src/kit/outcomes.ts'
import { asList, field, textField } from '../../src/kit/read.ts'
import type { WechatCall } from './manifest.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

type Parameters = Readonly<Record<string, unknown>>

/** A read: may be repeated. `path` stands below `/channels/ec/`. */
export const read = (call: WechatCall, path: string, parameters: Parameters): Promise<Answer> =>
  signedIn(call, { path, parameters, idempotent: true })

/** A write: one attempt. "System busy" may have come after it was done. */
export const write = (call: WechatCall, path: string, parameters: Parameters): Promise<Answer> =>
  signedIn(call, { path, parameters, idempotent: false }).catch((error: unknown) => {
    throw doubted(error, (code) => code === '-1')
  })

interface Request {
  readonly path: string
  readonly parameters: Parameters
  readonly idempotent: boolean
}

/** The first token is asked for; one the channel refuses is renewed once. A refused call was not carried out. */
async function signedIn(call: WechatCall, request: Request): Promise<Answer> {
  const stored = await call.tokens()
  const tokens = stored['token'] === undefined ? await call.renew(stored) : stored
  try {
    return await send(call, request, tokens['token'] ?? '')
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'unauthorized') throw error
    const renewed = await call.renew(tokens)
    return send(call, request, renewed['token'] ?? '')
  }
}

const base = ({ config }: WechatCall): string => config.url.replace(/\/+$/, '')

async function send(call: WechatCall, { path, parameters, idempotent }: Request, token: string): Promise<Answer> {
  const response = await call.http({
    method: 'POST',
    url: `${base(call)}/channels/ec/${path}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(parameters),
    idempotent,
    // The channel takes the token from the address and from nowhere else; put in here it stays out of what is handed around.
    sign: ({ url }) => ({ url: `${url}?access_token=${encodeURIComponent(token)}`, headers: {} }),
  })
  const doc = parseJson(response.body)
  if (textField(doc, 'errcode') !== '0') throw unreadable(`${path} answered neither success nor an error.`)
  return { body: response.body, doc }
}

/**
 * The shop's token by its secret. Asked plainly the channel hands out the one of now, so that nobody else's ends; forced, which it allows
 * twenty times a day, it makes a new one. That is only asked for when the plain answer is the very token that was refused.
 */
export async function refreshToken(call: WechatCall): Promise<Tokens> {
  const stored = (await call.tokens())['token']
  const plain = await ask(call, false)
  const answer = stored !== undefined && plain.token === stored ? await ask(call, true) : plain
  return { values: { token: answer.token }, expiresAt: new Date(call.now().getTime() + answer.seconds * 1000).toISOString() }
}

async function ask(call: WechatCall, force: boolean): Promise<{ readonly token: string; readonly seconds: number }> {
  const { appId, appSecret } = call.secrets
  const response = await call
    .http({
      method: 'POST',
      url: `${base(call)}/cgi-bin/stable_token`,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ grant_type: 'client_credential', appid: appId, secret: appSecret, ...(force ? { force_refresh: true } : {}) }),
      idempotent: !force,
    })
    .catch((error: unknown) => {
      const { kind, code } = faultOf(error)
      // A wrong secret comes under the number of a wrong token here.
      if (kind !== 'unauthorized') throw error
      const message = 'WeChat gave no token: check AppID and AppSecret, or the shop took the permission back.'
      throw new ChannelError({ kind: 'unauthorized', message, ...(code === undefined ? {} : { code }) }, { cause: error })
    })
  const doc = parseJson(response.body)
  const [token, seconds] = [textField(doc, 'access_token') ?? '', Number(textField(doc, 'expires_in') ?? Number.NaN)]
  if (token === '' || !Number.isSafeInteger(seconds)) throw unreadable('The answer of the token door holds no token.')
  return { token, seconds }
}

/** A list of ids in an answer: none when it is left out, but something else in its place is an answer nobody can read. */
export function idsIn(doc: unknown, name: string): readonly string[] {
  const value = field(doc, name)
  if (value !== undefined && !Array.isArray(value)) throw unreadable(`The answer has no list "${name}".`)
  return [...new Set(asList(value).map((id) => textField({ id }, 'id') ?? ''))]
}
