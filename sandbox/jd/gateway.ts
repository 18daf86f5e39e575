import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { asRecord, parseJson } from '../stage/json-input.ts'
import { goodsApis } from './api-goods.ts'
import { orderApis } from './api-orders.ts'
import { answer, errorAnswer, expectedSignature, fromStamp, JosError, render } from './wire.ts'
import type { JdShop } from './words.ts'

/** The members of `360buy_param_json`, numbers and texts alike as text. */
export type Params = Readonly<Record<string, string | undefined>>

/** One interface; throws JosError. `returned` names the records the answer carries, for the ledger. */
export type Api = (shop: JdShop, params: Params) => { readonly doc: Readonly<Record<string, unknown>>; readonly returned?: readonly string[] }

const apis: Readonly<Record<string, Api>> = { ...orderApis, ...goodsApis }

/** Six minutes to either side. */
const SKEW_MS = 360_000

export async function handle(shop: JdShop, c: Context<FaultEnv>): Promise<Response> {
  try {
    const given = await parametersOf(c)
    const method = given.get('method') ?? ''
    assertSigned(shop, given)
    const api = apis[method]
    if (!api) throw new JosError('15', '不存在的方法名', 'Invalid Method')
    const { doc, returned } = api(shop, paramsOf(given.get('360buy_param_json') ?? '{}'))
    c.set('returned', returned ?? [])
    return answer(render({ [`${method.replaceAll('.', '_')}_responce`]: { code: '0', ...doc } }))
  } catch (error) {
    if (error instanceof JosError) return errorAnswer(error)
    throw error
  }
}

/** Address and form together, whichever of the two a client prefers. */
export async function parametersOf(c: Context<FaultEnv>): Promise<ReadonlyMap<string, string>> {
  const given = new Map<string, string>(new URL(c.req.url).searchParams)
  if (c.req.method === 'POST') for (const [name, value] of new URLSearchParams(await c.req.text())) given.set(name, value)
  return given
}

function paramsOf(text: string): Params {
  const doc = parseJson(text)
  if (doc === undefined) throw new JosError('63', 'json格式不合法')
  return Object.fromEntries(
    Object.entries(asRecord(doc)).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [])),
  )
}

function assertSigned(shop: JdShop, given: ReadonlyMap<string, string>): void {
  const need = (name: string, code: string, message: string): string => {
    const value = given.get(name) ?? ''
    if (value === '') throw new JosError(code, message, `Missing ${name}`)
    return value
  }
  need('method', '14', '缺少方法名参数')
  if (need('v', '4', '缺少版本参数') !== '2.0') throw new JosError('5', '不支持的版本号', 'Unsupported Version')
  const at = fromStamp(need('timestamp', '7', '缺少时间戳参数'))
  if (at === undefined || Math.abs(at - shop.clock.now()) > SKEW_MS) throw new JosError('8', '非法的时间戳参数', 'Invalid Timestamp')
  if (need('app_key', '20', '缺少app_key参数') !== shop.settings.appKey) throw new JosError('21', '无效app_key', 'Invalid app_key')
  if (need('sign', '11', '缺少签名参数') !== expectedSignature(given, shop.settings.appSecret))
    throw new JosError('12', '无效签名', 'Invalid Signature')
  const token = need('access_token', '18', '缺少access_token参数')
  if (!shop.access.isLive(token)) throw new JosError('19', 'token已过期或者不存在，请重新授权访问', 'Invalid access_token')
}

/** `open-oauth.jd.com/oauth2/refresh_token`: its errors look unlike those of the gateway. */
export function renew(shop: JdShop, c: Context<FaultEnv>): Response {
  const refuse = (code: number, msg: string): Response => answer(JSON.stringify({ code, msg, requestId: shop.random.hex(16) }))
  const query = new URL(c.req.url).searchParams
  if (query.get('grant_type') !== 'refresh_token') return refuse(100, 'grant_type is not supported')
  if (query.get('app_key') !== shop.settings.appKey || query.get('app_secret') !== shop.settings.appSecret)
    return refuse(101, 'app_key or app_secret is wrong')
  const tokens = shop.access.renew(query.get('refresh_token') ?? '')
  if (!tokens) return refuse(10_000, 'refresh_token is invalid or expired')
  const seconds = Math.floor((tokens.endsAt - shop.clock.now()) / 1000)
  return answer(
    JSON.stringify({
      access_token: tokens.token,
      expires_in: seconds,
      refresh_token: tokens.refresh,
      scope: 'snsapi_base',
      open_id: 'sandbox-open-id',
      uid: '1',
      time: shop.clock.now(),
      token_type: 'bearer',
      code: 0,
    }),
  )
}
