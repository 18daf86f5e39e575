import type { Call, Tokens } from '../core/connector.ts'
import { ChannelError, type Fault, type FaultKind } from '../core/fault.ts'
import { parseJson } from './json.ts'
import { doubted, faultOf, unreadable } from './outcomes.ts'
import { asList, field, parsedOrNothing, textField } from './read.ts'

/** What shops and mini-programs of WeChat have in common: api.weixin.qq.com, its token and its error numbers. */
type WechatCall = Call<{ readonly url: string }, { readonly appId: string; readonly appSecret: string }>

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

type Parameters = Readonly<Record<string, unknown>>

/** A read: may be repeated. `path` stands behind the host: "channels/ec/order/get". */
export const readWechat = (call: WechatCall, path: string, parameters: Parameters): Promise<Answer> =>
  signedIn(call, { path, parameters, idempotent: true })

/** A write: one attempt. "System busy" may have come after it was done. */
export const writeWechat = (call: WechatCall, path: string, parameters: Parameters): Promise<Answer> =>
  signedIn(call, { path, parameters, idempotent: false }).catch((error: unknown) => {
    throw doubted(error, (code) => BUSY.has(code))
  })

const BUSY: ReadonlySet<string> = new Set(['-1', '268485228'])

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
    url: `${base(call)}/${path}`,
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
 * The app's token by its secret. Asked plainly the channel hands out the one of now, so that nobody else's ends; forced, which it allows
 * twenty times a day, it makes a new one. That is only asked for when the plain answer is the very token that was refused.
 */
export async function refreshWechatToken(call: WechatCall): Promise<Tokens> {
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
      const message = 'WeChat gave no token: check AppID and AppSecret, or the permission was taken back.'
      throw new ChannelError({ kind: 'unauthorized', message, ...(code === undefined ? {} : { code }) }, { cause: error })
    })
  const doc = parseJson(response.body)
  const [token, seconds] = [textField(doc, 'access_token') ?? '', Number(textField(doc, 'expires_in') ?? Number.NaN)]
  if (token === '' || !Number.isSafeInteger(seconds)) throw unreadable('The answer of the token door holds no token.')
  return { token, seconds }
}

/** A list in an answer: empty when it is left out, but something else in its place is an answer nobody can read. */
export function listIn(doc: unknown, name: string): readonly unknown[] {
  const value = field(doc, name)
  if (value !== undefined && !Array.isArray(value)) throw unreadable(`The answer has no list "${name}".`)
  return asList(value)
}

/** A list of ids, each once. */
export const idsIn = (doc: unknown, name: string): readonly string[] => [...new Set(listIn(doc, name).map((id) => textField({ id }, 'id') ?? ''))]

/** `errcode` of the common table (developers.weixin.qq.com/doc/store/API/basics/commErrCode.html). */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['-1', 'transient'],
  ['40001', 'unauthorized'],
  ['40014', 'unauthorized'],
  ['41001', 'unauthorized'],
  ['42001', 'unauthorized'],
  ['40002', 'misconfigured'],
  ['40013', 'misconfigured'],
  ['40125', 'misconfigured'],
  ['40164', 'misconfigured'],
  ['41002', 'misconfigured'],
  ['41004', 'misconfigured'],
  ['45035', 'misconfigured'],
  ['48001', 'misconfigured'],
  ['48004', 'misconfigured'],
  ['50002', 'misconfigured'],
  ['61004', 'misconfigured'],
  ['61007', 'misconfigured'],
  ['45009', 'throttled'],
  ['45011', 'throttled'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['40001', 'the token is not the latest one, or the AppSecret is wrong'],
  ['40013', 'the AppID is wrong'],
  ['40125', 'the AppSecret is wrong'],
  ['40164', 'this machine is not on the list of allowed IPs'],
  ['42001', 'the token has ended'],
  ['45009', 'the calls of this day are used up'],
  ['45011', 'too many calls this minute'],
  ['45035', 'this machine is not on the list of allowed IPs'],
  ['48001', 'the app lacks the permission for this interface'],
  ['48004', 'the interface is forbidden for this app'],
  ['61004', 'this machine is not on the list of allowed IPs'],
])

/** Too many calls of a minute end with it; of a day, with midnight: a quarter of an hour between looks. */
const WAIT_MS: ReadonlyMap<string, number> = new Map([
  ['45009', 15 * 60_000],
  ['45011', 60_000],
])
const USUAL_WAIT_MS = 10_000
/** Errors are short; documents are not worth parsing twice. */
const LONGEST_ERROR = 4000

/**
 * Reads errors, which come under HTTP 200 as `{"errcode":…,"errmsg":…}`; 0 is none. A machine off the list of allowed IPs may get a bare 403.
 * `own` holds what the numbers of one kind of app mean; any other refuses this one request.
 */
export const classifyWechat =
  (own: ReadonlyMap<string, FaultKind>) =>
  (status: number, body: string): Fault | undefined => {
    if (status === 403)
      return { kind: 'misconfigured', status, code: '403', message: 'WeChat answered 403: this machine is not on the list of allowed IPs.' }
    if (body.length > LONGEST_ERROR || !/"errcode"/.test(body)) return undefined
    const code = textField(parsedOrNothing(body), 'errcode')
    if (code === undefined || code === '0') return undefined
    const kind = own.get(code) ?? CODES.get(code) ?? 'refused'
    const why = EXPLAINED.get(code)
    return {
      kind,
      status,
      code,
      message: `WeChat answered ${code}${why === undefined ? '' : `: ${why}`}.`,
      ...(kind === 'throttled' ? { retryAfterMs: WAIT_MS.get(code) ?? USUAL_WAIT_MS } : {}),
    }
  }
