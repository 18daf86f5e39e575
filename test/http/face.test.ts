import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import { allRoutes } from '../../src/http/routes/index.ts'
import { serveApp } from '../../src/http/serve.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let dir: string
beforeAll(async () => {
  app = await hubApp()
  dir = await mkdtemp(join(tmpdir(), 'console-'))
  await mkdir(join(dir, 'assets'))
  await writeFile(join(dir, 'index.html'), '<!doctype html><title>hub</title>')
  await writeFile(join(dir, 'assets', 'app-1a2b3c4d.js'), 'export const one = 1\n'.repeat(100))
})
afterAll(async () => {
  await app.close()
  await rm(dir, { recursive: true, force: true })
})

describe('the API document', () => {
  it('is OpenAPI 3.1, names every route once and every scope', async () => {
    const { json } = await app.call('GET', '/openapi.json')
    expect(json.openapi).toBe('3.1.0')
    const operations = Object.entries<Record<string, { operationId: string; description?: string }>>(json.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    )
    expect(operations).toHaveLength(allRoutes.length)
    expect(new Set(operations.map(({ operation }) => operation.operationId)).size).toBe(allRoutes.length)
    expect(json.paths['/v1/orders'].get.parameters.find((one: { name: string }) => one.name === 'limit').schema).toEqual({
      type: 'integer',
      minimum: 1,
      maximum: 200,
    })
    expect(json.paths['/v1/orders/{id}'].get.parameters[0]).toMatchObject({ name: 'id', in: 'path', required: true })
    expect(json.paths['/v1/stock'].post.requestBody.content['application/json'].schema).toMatchObject({
      type: 'object',
      required: ['items'],
      additionalProperties: false,
    })
  })

  it('is shown without any other host', async () => {
    const page = await app.call('GET', '/docs')
    expect(page.text).not.toMatch(/https?:\/\//)
    for (const path of ['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js', '/docs/start.js'])
      expect((await app.call('GET', path)).status).toBe(200)
  })
})

describe('every answer', () => {
  it('carries the security headers and a trace id, problems too', async () => {
    for (const path of ['/healthz', '/v1/orders', '/nothing', '/docs']) {
      const { headers } = await app.call('GET', path)
      expect(headers.get('content-security-policy')).toContain("script-src 'self';")
      expect([headers.get('x-content-type-options'), headers.get('x-frame-options'), headers.get('referrer-policy')]).toEqual([
        'nosniff',
        'DENY',
        'no-referrer',
      ])
      expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{32}$/)
    }
    const traced = await app.call('GET', '/v1/orders', { headers: { traceparent: '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01' } })
    expect(traced.json.trace_id).toBe('0123456789abcdef0123456789abcdef')
  })
})

describe('health and metrics', () => {
  it('say whether the database is there and migrated', async () => {
    expect((await app.call('GET', '/readyz')).json).toEqual({ status: 'ready' })
    const {
      rows: [last],
    } = await app.hub.pool.query(`delete from migrations where name = (select max(name) from migrations) returning name, timestamp`)
    expect((await app.call('GET', '/readyz')).json).toMatchObject({ status: 503, code: 'migrations-pending' })
    await app.hub.pool.query('insert into migrations (name, timestamp) values ($1, $2)', [last.name, last.timestamp])
  })

  it('are counted by route, and kept from strangers behind a proxy', async () => {
    await app.call('GET', '/v1/orders')
    const { text } = await app.call('GET', '/metrics')
    expect(text).toContain('hub_http_request_seconds_count{method="GET",route="/v1/orders",status="401"}')
    expect(text).toContain('hub_backlog{what="inbox"} 0')
    expect((await app.call('GET', '/metrics', { headers: { 'x-forwarded-for': '203.0.113.9' } })).status).toBe(401)
  })
})

describe('the console', () => {
  it('is served with its assets for ever, compressed, and its page for every address of its own', async () => {
    const served = createApp({ ...app.deps, console: { dir } })
    const get = (path: string, headers: Record<string, string> = {}) => served.request(`http://hub.test${path}`, { headers })
    const asset = await get('/assets/app-1a2b3c4d.js', { 'accept-encoding': 'gzip' })
    expect([asset.headers.get('cache-control'), asset.headers.get('content-encoding'), asset.headers.get('content-type')]).toEqual([
      'public, max-age=31536000, immutable',
      'gzip',
      'text/javascript; charset=utf-8',
    ])
    expect((await asset.arrayBuffer()).byteLength).toBeLessThan(500)
    for (const path of ['/', '/orders', '/orders/12'])
      expect([path, (await get(path)).status, (await get(path)).headers.get('cache-control')]).toEqual([path, 200, 'no-cache'])
    for (const path of ['/v1/none', '/assets/none.js', '/..%2f..%2fetc%2fpasswd.txt', '/hooks/short'])
      expect([path, (await get(path)).status]).toEqual([path, 404])
  })
})

describe('the server', () => {
  it('cuts off who sends headers too slowly, and stops when asked', async () => {
    const server = await serveApp(createApp(app.deps), { host: '127.0.0.1', port: 0 })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    const socket = connect(server.port, '127.0.0.1')
    const started = Date.now()
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n')
    socket.resume()
    await new Promise((resolve) => socket.once('close', resolve))
    expect(Date.now() - started).toBeLessThan(15_000)
    await server.stop()
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
  }, 30_000)
})
