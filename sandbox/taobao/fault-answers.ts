import type { Context } from 'hono'
import type { FaultAnswers, FaultEnv } from '../stage/faults.ts'
import { answer, errorBody, TopError } from './wire.ts'

const html = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><h1>${title}</h1><hr/>Powered by Tengine</body></html>`, {
    status,
    headers: { 'content-type': 'text/html;charset=UTF-8' },
  })

const WRITES = /\bmethod=[\w.]*(?:\.update|\.send|\.confirm)\b/

export const isWrite = async (c: Context<FaultEnv>): Promise<boolean> => WRITES.test(decodeURIComponent(await c.req.text()))

/** A proxy in front of the gateway, the service behind it, and the gateway's own refusals under HTTP 200. */
export const taobaoFaults: FaultAnswers = {
  throttled: () => html(429, '429 Too Many Requests'),
  broken: () => html(500, '500 Internal Server Error'),
  unavailable: () => html(503, '503 Service Temporarily Unavailable'),
  html: () => html(200, '登录 - 淘宝开放平台'),
  throttledAs200: () =>
    answer(
      errorBody(new TopError(7, 'App Call Limited', 'accesscontrol.limited-by-app-access-count', 'This ban will last for 1 more seconds'), 'fault'),
    ),
  unauthorized: () => answer(errorBody(new TopError(27, 'Invalid session', 'invalid-sessionkey', 'SessionKey非法或已过期'), 'fault')),
}
