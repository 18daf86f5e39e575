import type { Context } from 'hono'
import type { FaultEnv } from '../stage/faults.ts'
import { asRecord, asText, parseJson, type JsonRecord } from '../stage/json-input.ts'
import type { Tokens } from '../stage/market/access.ts'
import { logisticsApis } from './api-logistics.ts'
import { orderApis } from './api-orders.ts'
import { productApis } from './api-products.ts'
import { expectedSignature, isSorted } from './signature.ts'
import type { DouyinShop } from './words.ts'
import { answer, DouyinError, errorBody, platform, render, seconds } from './wire.ts'

/** One interface; throws DouyinError. `returned` names the records the answer carries, for the ledger. */
export type Api = (shop: DouyinShop, input: JsonRecord) => { readonly data: unknown; readonly returned?: readonly string[] }

const apis: Readonly<Record<string, Api>> = { ...orderApis, ...logisticsApis, ...productApis }

/** Ten minutes to either side. */
const SKEW_MS = 600_000

export async function handle(shop: DouyinShop, c: Context<FaultEnv>): Promise<Response> {
  const logId = `2025${shop.random.hex(16)}`
  try {
    const { data, returned } = run(shop, { path: c.req.path, query: new URL(c.req.url).searchParams, body: await c.req.text() })
    c.set('returned', returned ?? [])
    // Who does not ask for the newer form alone gets the older one with it.
    const old = c.req.header('x-open-no-old-err-code') === '1' ? {} : { err_no: 0, message: 'success' }
    return answer(render({ code: 10000, data, ...old, log_id: logId, msg: 'success', sub_code: '', sub_msg: '' }))
  } catch (error) {
    if (error instanceof DouyinError) return answer(errorBody(error, logId, c.req.header('x-open-no-old-err-code') !== '1'))
    throw error
  }
}

interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  readonly body: string
}

function run(shop: DouyinShop, asked: Asked): ReturnType<Api> {
  const method = asked.query.get('method') ?? ''
  // Two slashes are as good as one: a client of the vendor's own joins address and path with both.
  if (!asked.path.replaceAll(/\/+/g, '/').endsWith(`/${method.replaceAll('.', '/')}`))
    throw platform(70000, 'isp.api-service-off', 'API不存在或API已下线')
  const input = signed(shop, asked)
  if (method === 'token.create') return token(shop, createToken(shop, input))
  if (method === 'token.refresh') return token(shop, refreshToken(shop, input))
  const api = apis[method]
  if (!api) throw platform(70000, 'isp.api-service-off', 'API不存在或API已下线')
  const access = asked.query.get('access_token') ?? ''
  if (access === '') throw platform(40001, 'isv.access-token-missing', '认证失败，access_token不能为空')
  if (!shop.access.isLive(access)) throw platform(40003, 'isv.access-token-expired', 'access_token已过期')
  return api(shop, input)
}

function signed(shop: DouyinShop, asked: Asked): JsonRecord {
  const { query, body } = asked
  if (!query.has('app_key')) throw platform(40001, 'isv.app-id-missing', '认证失败，app_key不存在')
  if (query.get('app_key') !== shop.settings.appKey) throw platform(40003, 'isv.app-id-invalid', '认证失败，app_key格式不正确，应为19位纯数字')
  const at = millisecondsOf(query.get('timestamp') ?? '')
  if (at === undefined) throw platform(40003, 'isv.timestamp-format-error', '时间戳格式错误')
  if (Math.abs(at - shop.clock.now()) > SKEW_MS) throw platform(40003, 'isv.timestamp-invalid', '时间戳不合法')
  if (!query.has('sign')) throw platform(40001, 'isv.signature-missing', '获取签名失败，请根据文档确保参数拼装正确')
  const input = parseJson(body)
  if (typeof input !== 'object' || input === null) throw platform(40003, 'isv.parameter-format-invalid', '业务参数json解析失败')
  if (query.get('sign') !== expectedSignature(asked, shop.settings.appSecret) || !isSorted(input))
    throw platform(40003, 'isv.signature-invalid', '签名校验失败')
  // Ids beyond what a JavaScript number holds are taken as the text they are.
  return asRecord(parseJson(body.replace(/:(\d{16,})(?=[,}\]])/g, ':"$1"')))
}

/** Seconds, or the time of day in Beijing as older clients write it. */
function millisecondsOf(stamp: string): number | undefined {
  if (/^\d{10}$/.test(stamp)) return Number(stamp) * 1000
  const ms = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(stamp) ? Date.parse(`${stamp.replace(' ', 'T')}+08:00`) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

function createToken(shop: DouyinShop, input: JsonRecord): Tokens {
  const grant = asText(input['grant_type']) ?? ''
  if (grant !== 'authorization_self') throw platform(50001, 'dop.token-generate-failed:grant-type-invalid', '生成token失败，grant_type参数取值不正确')
  const made = asText(input['shop_id']) === shop.settings.shopId ? shop.access.issue() : undefined
  if (!made) throw platform(50001, 'dop.token-generate-failed:no-authorization', '生成token失败，店铺授权已失效，请重新引导商家完成店铺授权')
  return made
}

function refreshToken(shop: DouyinShop, input: JsonRecord): Tokens {
  const made = shop.access.renew(asText(input['refresh_token']) ?? '')
  if (!made) throw platform(50001, 'dop.token-generate-failed:token-invalid', '生成token失败，token不存在')
  return made
}

function token(shop: DouyinShop, made: Tokens): ReturnType<Api> {
  return {
    data: {
      access_token: made.token,
      refresh_token: made.refresh,
      expires_in: seconds(made.endsAt - shop.clock.now()),
      scope: 'SCOPE',
      shop_id: shop.settings.shopId,
      shop_name: shop.settings.name,
      authority_id: '',
    },
  }
}
