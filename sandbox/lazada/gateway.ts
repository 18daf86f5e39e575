import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { goodsApis } from './api-goods.ts'
import { orderApis } from './api-orders.ts'
import { answer, expectedSignature, Refusal, refusalAnswer } from './wire.ts'
import type { LazadaShop } from './words.ts'

export type Params = Readonly<Record<string, string | undefined>>

/** One interface; throws Refusal. `returned` names the records the answer carries, for the ledger. */
export type Api = (shop: LazadaShop, params: Params) => { readonly doc: Readonly<Record<string, unknown>>; readonly returned?: readonly string[] }

const apis = { ...orderApis, ...goodsApis }
/** "with less than 7200s difference from UTC time" */
const SKEW_MS = 7_200_000

export async function gateway(shop: LazadaShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const path = c.req.path.slice(c.req.path.indexOf('/rest/') + 5)
    const given = await parametersOf(c)
    assertSigned(shop, path, given)
    if (path === '/auth/token/refresh') return renew(shop, given)
    const found = apis[path]
    if (!found) throw new Refusal('InvalidApiPath', 'The specified API path is invalid')
    if (!shop.access.isLive(given.get('access_token') ?? ''))
      throw new Refusal('IllegalAccessToken', 'The specified access token is invalid or expired')
    if (found.method !== 'ANY' && found.method !== c.req.method)
      throw new Refusal('UnsupportedHTTPMethod', 'The specified HTTP method is not supported')
    const { doc, returned } = found.api(shop, Object.fromEntries(given))
    c.set('returned', returned ?? [])
    return answer(doc)
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer(error)
    throw error
  }
}

/** Address and form together, whichever of the two a client prefers. */
async function parametersOf(c: Context<FaultEnv>): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>(new URL(c.req.url).searchParams)
  const isForm = (c.req.header('content-type') ?? '').includes('application/x-www-form-urlencoded')
  if (c.req.method === 'POST' && isForm) for (const [name, value] of new URLSearchParams(await c.req.text())) given.set(name, value)
  return given
}

function assertSigned(shop: LazadaShop, path: string, given: ReadonlyMap<string, string>): void {
  for (const name of ['app_key', 'timestamp', 'sign_method', 'sign']) {
    if ((given.get(name) ?? '') === '')
      throw new Refusal('MissingParameter', `The input parameter "${name}" that is mandatory for processing this request is not supplied`)
  }
  if (given.get('app_key') !== shop.settings.appKey) throw new Refusal('InvalidAppKey', 'The specified App Key is invalid')
  const at = Number(given.get('timestamp'))
  if (!Number.isInteger(at) || Math.abs(at - shop.clock.now()) > SKEW_MS)
    throw new Refusal('IllegalTimestamp', 'The specified timestamp is out of range')
  if (given.get('sign_method') !== 'sha256') throw new Refusal('InvalidSignMethod', 'The specified sign method is invalid')
  if (given.get('sign') !== expectedSignature(path, given, shop.settings.appSecret))
    throw new Refusal('IncompleteSignature', 'The request signature does not conform to platform standards')
}

/** The token door: its answers carry the tokens beside the code. */
function renew(shop: LazadaShop, given: ReadonlyMap<string, string>): Response {
  const tokens = shop.access.renew(given.get('refresh_token') ?? '')
  if (!tokens) throw new Refusal('IllegalRefreshToken', 'The specified refresh token is invalid or expired')
  return answer({
    access_token: tokens.token,
    refresh_token: tokens.refresh,
    expires_in: Math.floor((tokens.endsAt - shop.clock.now()) / 1000),
    refresh_expires_in: 180 * 86_400,
    country: shop.settings.country,
    account: 'seller@example.com',
    account_platform: 'seller_center',
    country_user_info: [{ country: shop.settings.country, user_id: '10101', seller_id: shop.settings.sellerId, short_code: 'SG10001' }],
  })
}
