import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { answer, DouyinError, errorBody, platform } from './wire.ts'

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>TLB</center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8' },
  })

/** A proxy in front of the gateway, and the gateway's own refusals under HTTP 200. */
export const douyinFaults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, '抖店开放平台'),
  throttledAs200: () => answer(errorBody(new DouyinError(60000, '触发限流，请稍后重试', 'isv.traffic-limited', '请求太频繁，请稍后重试'), 'fault')),
  unauthorized: () => answer(errorBody(platform(40003, 'isv.access-token-expired', 'access_token已过期'), 'fault')),
  nullData: () => answer(JSON.stringify({ code: 10000, data: null, log_id: 'fault', msg: 'success' })),
}

/** Everything is a POST; what changes something is known by its name. */
export const isWrite = (c: Context<FaultEnv>): boolean => /\/(?:logisticsAdd\w*|syncStock\w*|operate)$/.test(c.req.path)
