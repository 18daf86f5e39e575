import { request } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Inbound } from '../../src/core/connector.ts'
import { createApp } from '../../src/http/app.ts'
import { type RunningServer, serveApp } from '../../src/http/serve.ts'
import { hubApp, type HubApp } from './hub-app.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const delivered: Inbound[] = []
let app: HubApp
let server: RunningServer
let token: string

beforeAll(async () => {
  app = await hubApp({
    hooks: {
      acceptForApp: () => Promise.resolve(undefined),
      accept: async (_connection, inbound) => {
        delivered.push(inbound)
        return { status: 200, body: 'ok' }
      },
    },
  })
  token = 'h'.repeat(32)
  await app.hub.pool.query('update connections set webhook_token = $1', [token])
  server = await serveApp(createApp(app.deps), { host: '127.0.0.1', port: 0 })
})
afterAll(async () => {
  await server.stop()
  await app.close()
})

/** Header lines as they go over the wire. */
const send = (headers: readonly string[]): Promise<{ readonly status: number | undefined; readonly headers: Readonly<Record<string, unknown>> }> =>
  new Promise((resolve, reject) => {
    const asked = request(`${server.url}/hooks/${token}?topic=a`, { method: 'POST', headers: [...headers, 'Content-Length', '2'] }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve({ status: answer.statusCode, headers: answer.headers }))
    })
    asked.once('error', reject)
    asked.end('{}')
  })

it('hands a connector the headers as the web reads them: names in lower case, lines of one name joined', async () => {
  const lines = ['X-Topic', 'a', 'x-topic', 'b', 'X-Signature', 'AbC=', '__proto__', 'x', 'Host', 'hub.test']
  expect((await send(lines)).status).toBe(200)
  const headers = delivered.at(-1)?.headers ?? {}
  expect(headers['x-topic']).toBe('a, b')
  expect(headers['x-signature']).toBe('AbC=')
  expect(Object.keys(headers)).toContain('__proto__')
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype)
  expect(delivered.at(-1)).toMatchObject({ method: 'POST', query: { topic: 'a' } })
})

it('answers a delivery with every header that other answers have', async () => {
  const { headers } = await send(['traceparent', `00-${TRACE}-00f067aa0ba902b7-01`, 'Host', 'hub.test'])
  expect(headers).toMatchObject({
    'x-request-id': TRACE,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'x-frame-options': 'DENY',
  })
  const other = await app.fetch('/v1/nothing')
  const expected = [...other.headers.keys()].filter((name) => !['content-type', 'www-authenticate'].includes(name))
  expect(Object.keys(headers)).toEqual(expect.arrayContaining(expected))
  expect((await send(['Host', 'hub.test'])).headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/)
})
