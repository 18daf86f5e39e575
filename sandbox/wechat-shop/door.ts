import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { asFlag, asRecord, parseJson } from '../stage/json-input.ts'
import type { Market } from '../stage/market/index.ts'

/** What shops and mini-programs have in common: the token, how errors look, and what stands in front of the gateway. */

/** An error of the channel; goes out under HTTP 200. */
export class WechatError extends Error {
  readonly code: number
  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/** Errors go out under HTTP 200. */
export async function answering(run: () => Promise<Response>): Promise<Response> {
  try {
    return await run()
  } catch (error) {
    if (error instanceof WechatError) return refusal(error.code, error.message)
    throw error
  }
}

const refusal = (code: number, message: string): Response => Response.json({ errcode: code, errmsg: `${message} rid: 6743fa01-0c1d-sandbox` })

/** The token of now with what is left of its life; forced, or when there is none, a new one. */
export async function token(market: Market, app: { readonly appId: string; readonly appSecret: string }, c: Context<FaultEnv>): Promise<Response> {
  const input = asRecord(parseJson(await c.req.text()))
  if (input['grant_type'] !== 'client_credential') throw new WechatError(40002, 'invalid grant_type')
  if (input['appid'] !== app.appId) throw new WechatError(40013, 'invalid appid')
  if (input['secret'] !== app.appSecret) throw new WechatError(40125, 'invalid appsecret')
  const pair = (asFlag(input['force_refresh']) === true ? undefined : market.access.current()) ?? market.access.issue()
  if (!pair) throw new WechatError(40001, 'invalid credential')
  return Response.json({ access_token: pair.token, expires_in: Math.floor((pair.endsAt - market.clock.now()) / 1000) })
}

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
export const wechatFaults = (page: string): FaultAnswers => ({
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Unavailable'),
  html: () => html(200, page),
  throttledAs200: () => refusal(45011, 'api minute-quota reach limit must slower retry next minute'),
  unauthorized: () => refusal(40001, 'invalid credential, access_token is invalid or not latest'),
  nullData: () =>
    Response.json({
      errcode: 0,
      errmsg: 'ok',
      order_id_list: null,
      order: null,
      data: null,
      product_ids: null,
      after_sale_order_id_list: null,
      order_list: null,
    }),
})
