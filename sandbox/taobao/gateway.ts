import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { accessApis, anonymousApis } from './api-access.ts'
import { itemApis } from './api-items.ts'
import { logisticsApis } from './api-logistics.ts'
import { tradeApis } from './api-trades.ts'
import type { Params } from './lists.ts'
import { expectedSignature } from './signature.ts'
import { answer, errorBody, fromStamp, render, TopError } from './wire.ts'
import type { TaobaoShop } from './words.ts'

/** One interface; throws TopError. `returned` names the records the answer carries, for the ledger. */
export type Api = (shop: TaobaoShop, params: Params) => { readonly doc: Readonly<Record<string, unknown>>; readonly returned?: readonly string[] }

const sessionApis: Readonly<Record<string, Api>> = { ...tradeApis, ...itemApis, ...logisticsApis, ...accessApis }

/** Ten minutes to either side. */
const SKEW_MS = 600_000

export async function handle(shop: TaobaoShop, c: Context<FaultEnv>): Promise<Response> {
  const requestId = shop.random.hex(12)
  try {
    const params = await parametersOf(c)
    const method = params.get('method') ?? ''
    const { doc, returned } = run(shop, params, method)
    c.set('returned', returned ?? [])
    const root = `${method.replace(/^taobao\./, '').replaceAll('.', '_')}_response`
    return answer(render({ [root]: { ...doc, request_id: requestId } }))
  } catch (error) {
    if (error instanceof TopError) return answer(errorBody(error, requestId))
    throw error
  }
}

/** Address and body together, whichever of the two a client prefers; some clients send the form in parts. */
export async function parametersOf(c: Context<FaultEnv>): Promise<Params> {
  const params = new Map<string, string>(new URL(c.req.url).searchParams)
  const type = c.req.header('content-type') ?? ''
  if (c.req.method !== 'POST') return params
  const body = await c.req.text()
  if (!type.includes('multipart/form-data')) {
    for (const [name, value] of new URLSearchParams(body)) params.set(name, value)
    return params
  }
  const form = await new Response(body, { headers: { 'content-type': type } }).formData()
  form.forEach((value, name) => void (typeof value === 'string' && params.set(name, value)))
  return params
}

function run(shop: TaobaoShop, params: Params, method: string): ReturnType<Api> {
  assertSigned(shop, params, method)
  const open = anonymousApis[method]
  if (open) return open(shop, params)
  const api = sessionApis[method]
  if (!api) throw new TopError(22, 'Invalid Method', 'isv.invalid-method', method)
  const session = params.get('session') ?? ''
  if (session === '') throw new TopError(26, 'Missing session')
  if (!shop.access.isLive(session)) throw new TopError(27, 'Invalid session', 'invalid-sessionkey', 'SessionKey非法或已过期')
  return api(shop, params)
}

function assertSigned(shop: TaobaoShop, params: Params, method: string): void {
  const missing = (code: number, what: string): TopError => new TopError(code, `Missing ${what}`)
  if (method === '') throw missing(21, 'method')
  if (!params.has('app_key')) throw missing(28, 'app key')
  if (params.get('app_key') !== shop.settings.appKey) throw new TopError(29, 'Invalid app Key', 'isv.appkey-not-exists')
  if (!params.has('v')) throw missing(32, 'version')
  if (params.get('v') !== '2.0') throw new TopError(33, 'Invalid version')
  if (params.get('format') !== 'json') throw new TopError(23, 'Invalid Format', 'isv.invalid-format', 'the sandbox answers in JSON only')
  const at = params.get('timestamp') ?? ''
  if (at === '') throw missing(30, 'timestamp')
  const ms = fromStamp(at)
  if (ms === undefined || Math.abs(ms - shop.clock.now()) > SKEW_MS) throw new TopError(31, 'Invalid timestamp', 'isv.invalid-timestamp')
  if (!params.has('sign')) throw missing(24, 'signature')
  if (params.get('sign') !== expectedSignature(params, shop.settings.appSecret)) throw new TopError(25, 'Invalid signature')
}
