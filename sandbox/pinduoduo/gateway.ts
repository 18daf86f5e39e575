import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { isRecord, parseJson } from '../stage/json-input.ts'
import { openApis, sellerApis, type Result } from './apis.ts'
import type { Params } from './params.ts'
import { expectedSignature } from './signature.ts'
import { answer, errorBody, PddError, render } from './wire.ts'
import type { PddShop } from './words.ts'

/** Ten minutes to either side. */
const SKEW_MS = 600_000

export async function handle(shop: PddShop, c: Context<FaultEnv>): Promise<Response> {
  const requestId = `17${shop.random.hex(12)}`
  try {
    const { root, doc, returned } = run(shop, await parametersOf(c))
    c.set('returned', returned ?? [])
    return answer(render({ [root]: { ...doc, request_id: requestId } }))
  } catch (error) {
    if (error instanceof PddError) return answer(errorBody(error, requestId))
    throw error
  }
}

/** Address and body together; the body is a form or one JSON object, whichever a client prefers. */
export async function parametersOf(c: Context<FaultEnv>): Promise<Params> {
  const params = new Map<string, string>(new URL(c.req.url).searchParams)
  if (c.req.method !== 'POST') return params
  const body = await c.req.text()
  const document = (c.req.header('content-type') ?? '').includes('json') ? parseJson(body) : undefined
  const given = isRecord(document)
    ? Object.entries(document).map(([name, value]): [string, string] => [name, typeof value === 'string' ? value : JSON.stringify(value)])
    : [...new URLSearchParams(body)]
  for (const [name, value] of given) params.set(name, value)
  return params
}

function run(shop: PddShop, params: Params): Result {
  const type = params.get('type') ?? ''
  assertSigned(shop, params, type)
  const open = openApis[type]
  if (open) return open(shop, params)
  const api = sellerApis[type]
  if (!api) throw new PddError(10017, 'type不正确', '10017')
  const token = params.get('access_token') ?? ''
  if (token === '') throw new PddError(10001, '公共参数错误:access_token')
  if (!shop.access.isLive(token)) throw new PddError(10019, 'access_token已过期', '10019')
  return api(shop, params)
}

function assertSigned(shop: PddShop, params: Params, type: string): void {
  if (type === '') throw new PddError(10001, '公共参数错误:type')
  if (params.get('client_id') !== shop.settings.clientId) throw new PddError(10016, 'client下线或者clientId不正确', '10016')
  if ((params.get('data_type') ?? 'JSON') !== 'JSON') throw new PddError(10001, '公共参数错误:data_type')
  const at = Number(params.get('timestamp') ?? Number.NaN) * 1000
  if (!(Math.abs(at - shop.clock.now()) <= SKEW_MS)) throw new PddError(10001, '公共参数错误:timestamp')
  if (params.get('sign') !== expectedSignature(params, shop.settings.clientSecret)) throw new PddError(20004, '签名sign校验失败', '20004')
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>nginx</center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

const WRITES = /(?:"type":"|type=)pdd\.(?:goods\.quantity\.update|logistics\.online\.send|order\.upload\.extra\.logistics|refund\.agree)\b/

export const isWrite = async (c: Context<FaultEnv>): Promise<boolean> => WRITES.test(await c.req.text())

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
export const pddFaults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, '拼多多开放平台'),
  throttledAs200: () => answer(errorBody(new PddError(70031, '调用过于频繁，请调整调用频率', '70031'), 'fault')),
  unauthorized: () => answer(errorBody(new PddError(10019, 'access_token已过期', '10019'), 'fault')),
}
