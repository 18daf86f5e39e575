import type { Tokens } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { withTokens } from '../../src/kit/call.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted, unreadable } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { faultOfCode } from './faults.ts'
import type { ShopeeCall } from './manifest.ts'
import { signCall } from './signing.ts'

export interface Answer {
  /** The text as received; raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
  /** What stands under `response`, where most interfaces put it. */
  readonly response: unknown
}

type Values = Readonly<Record<string, string | number | boolean | readonly string[]>>

interface Request {
  readonly path: string
  readonly query?: Values
  readonly body?: Readonly<Record<string, unknown>>
  readonly limit?: string
}

/** A read by GET: may be repeated. */
export const read = (call: ShopeeCall, path: string, query: Values, limit?: string): Promise<Answer> =>
  asShop(call, { path, query, ...(limit === undefined ? {} : { limit }) }, true)

/** A read that takes its parameters as a body. */
export const ask = (call: ShopeeCall, path: string, body: Readonly<Record<string, unknown>>): Promise<Answer> => asShop(call, { path, body }, true)

/** A write: one attempt. What the services behind the gateway could not finish may have happened all the same. */
export const write = (call: ShopeeCall, path: string, body: Readonly<Record<string, unknown>>, limit?: string): Promise<Answer> =>
  asShop(call, { path, body, ...(limit === undefined ? {} : { limit }) }, false)

/** `response` as it has to be of a read. @throws ChannelError `unreadable` */
export function responseOf({ response }: Answer, path: string): unknown {
  if (typeof response !== 'object' || response === null) throw unreadable(`${path} answered without a response.`)
  return response
}

const asShop = (call: ShopeeCall, request: Request, idempotent: boolean): Promise<Answer> =>
  withTokens(call, async (tokens) => {
    const token = tokens['access']
    if (token === undefined) throw new ChannelError({ kind: 'unauthorized', code: 'no-token', message: 'There is no access token yet.' })
    try {
      return await send(call, request, { token, idempotent })
    } catch (error) {
      throw idempotent ? error : doubted(error)
    }
  })

async function send(
  call: ShopeeCall,
  { path, query = {}, body, limit }: Request,
  given: { readonly token?: string; readonly idempotent: boolean },
): Promise<Answer> {
  const { config, secrets } = call
  const response = await call.http({
    method: body === undefined ? 'GET' : 'POST',
    url: `${config.url.replace(/\/+$/, '')}/api/v2/${path}`,
    ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: jsonOf(body) }),
    idempotent: given.idempotent,
    ...(limit === undefined ? {} : { limit }),
    // Stamped when it leaves: a call may have waited for its turn, and a stamp is good for five minutes. Tokens stand in the
    // address; put in here they stay out of what is handed around.
    sign: ({ url }) => {
      const timestamp = String(Math.floor(call.now().getTime() / 1000))
      const own = given.token === undefined ? {} : { accessToken: given.token, shopId: config.shopId }
      const { signature } = signCall({ partnerId: config.partnerId, path: `/api/v2/${path}`, timestamp, ...own }, secrets.partnerKey)
      const all = new URLSearchParams({ partner_id: config.partnerId, timestamp, sign: signature })
      if (given.token !== undefined) all.set('access_token', given.token)
      if (given.token !== undefined) all.set('shop_id', config.shopId)
      for (const [name, value] of Object.entries(query)) for (const each of Array.isArray(value) ? value : [value]) all.append(name, String(each))
      return { url: `${url}?${all.toString()}`, headers: {} }
    },
  })
  const doc = parseJson(response.body)
  if (typeof doc !== 'object' || doc === null) throw unreadable(`${path} answered nothing that can be read.`)
  const code = (textField(doc, 'error') ?? '').trim()
  if (code !== '' && code !== '-') throw new ChannelError(faultOfCode(code, textField(doc, 'message') ?? '', response.status))
  return { body: response.body, doc, response: field(doc, 'response') }
}

/** Ids are numbers at the channel and texts here: marked by `int`, they go out digit by digit. */
const INT = '\u0001'
export const int = (id: string): string => `${INT}${id}`
const jsonOf = (body: unknown): string => JSON.stringify(body).replace(/"\\u0001(-?\d+)"/g, '$1')

/**
 * A new pair for the shop. A refresh token is good once: the answer holds the next one, which has to be kept. The first pair comes
 * by the refresh token of the settings, or by the code the seller's authorisation ended with.
 */
export async function refreshToken(call: ShopeeCall): Promise<Tokens> {
  const { config, secrets } = call
  const refresh = (await call.tokens())['refresh'] ?? secrets.refreshToken
  const common = { partner_id: int(config.partnerId), shop_id: int(config.shopId) }
  if (refresh === undefined && secrets.code === undefined)
    throw new ChannelError({ kind: 'unauthorized', code: 'no-refresh-token', message: 'There is no refresh token. Authorise the shop again.' })
  const request =
    refresh === undefined
      ? { path: 'auth/token/get', body: { code: secrets.code, ...common } }
      : { path: 'auth/access_token/get', body: { refresh_token: refresh, ...common } }
  // Spent by the first answer, whether it arrives or not.
  const { doc } = await send(call, request, { idempotent: false }).catch((error: unknown) => {
    throw asGrant(error)
  })
  const [access, next, lives] = [textField(doc, 'access_token'), textField(doc, 'refresh_token'), Number(textField(doc, 'expire_in'))]
  if (!access || !next) throw unreadable('The answer of the token door holds no tokens.')
  const shop = textField(doc, 'shop_id')
  if (shop !== undefined && shop !== config.shopId)
    throw new ChannelError({
      kind: 'misconfigured',
      code: 'other-shop',
      message: 'The authorisation is for another shop than the one in the settings.',
    })
  return {
    values: { access, refresh: next },
    ...(lives > 0 ? { expiresAt: new Date(call.now().getTime() + lives * 1000).toISOString() } : {}),
  }
}

/** "Wrong parameter" of the token door is about the token: a person has to authorise again. */
const asGrant = (error: unknown): unknown =>
  error instanceof ChannelError && (error.fault.kind === 'refused' || error.fault.kind === 'missing')
    ? new ChannelError({ ...error.fault, kind: 'unauthorized' }, { cause: error })
    : error
