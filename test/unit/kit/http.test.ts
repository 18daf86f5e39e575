import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { HttpRequest, HttpResponse } from '../../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../../src/core/fault.ts'
import { createHttp, type HttpOptions } from '../../../src/kit/http.ts'
import { memoryLimiter } from '../../../src/kit/limiter.ts'

const NOW = new Date('2026-11-22T06:00:00Z')
const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const connector: HttpOptions['connector'] = {
  manifest: {
    id: 'probe',
    title: { en: 'Probe', zh: '探针' },
    kind: 'custom',
    stability: 'experimental',
    api: { version: '1', docs: '' },
    config: z.object({}),
    secrets: z.object({}),
    limits: [],
    hosts: () => [],
    capabilities: {},
  },
}

async function serve(listener: RequestListener): Promise<{ readonly base: string; readonly host: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return addressOf(server.address())
}
async function serveRaw(onSocket: (socket: Socket) => void): Promise<{ readonly base: string; readonly host: string }> {
  const server = createTcpServer((socket) => {
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return addressOf(server.address())
}
const addressOf = (address: AddressInfo | string | null) => {
  if (address === null || typeof address === 'string') throw new Error('no port')
  return { base: `http://127.0.0.1:${address.port}`, host: `127.0.0.1:${address.port}` }
}

const call = (
  target: { readonly base: string; readonly host: string },
  request: Partial<HttpRequest> = {},
  options: Partial<HttpOptions> = {},
): Promise<HttpResponse> => {
  const http = createHttp({
    connector,
    connectionId: 'c_1',
    hosts: [target.base],
    limiter: memoryLimiter(() => Date.now()),
    allowPrivate: [target.host],
    now: () => NOW,
    signal: new AbortController().signal,
    ...options,
  })
  return http({ method: 'GET', url: `${target.base}/orders?secret=CANARY`, headers: { authorization: 'Bearer CANARY' }, ...request })
}
const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
  promise.then(
    () => {
      throw new Error('the call succeeded')
    },
    (error: unknown) => {
      if (!(error instanceof ChannelError)) throw error
      expect(JSON.stringify({ ...error.fault, stack: error.stack, cause: String(error.cause) })).not.toContain('CANARY')
      return error.fault
    },
  )
const json = { 'content-type': 'application/json' }

describe('what counts as an answer', () => {
  it('hands back the text as sent and decodes the declared charset', async () => {
    const target = await serve((_, response) =>
      response.writeHead(200, { 'content-type': 'application/json; charset=gbk' }).end(Buffer.from([0x22, 0xd6, 0xd0, 0x22])),
    )
    expect((await call(target)).body).toBe('"中"')
  })

  it.each([
    ['an HTML page with status 200', json, '<!DOCTYPE html><html></html>'],
    ['another media type', { 'content-type': 'text/html' }, '{"a":1}'],
    ['an empty body', json, ''],
    ['JSON cut off by the sender', json, '[{"id":1},{"id"'],
    ['warnings before the JSON', json, '<br />\n<b>Notice</b>: x in y\n[]'],
    ['a charset that is not the declared one', json, Buffer.from([0x22, 0xd6, 0xd0, 0x22])],
    ['an unknown charset', { 'content-type': 'application/json; charset=nope' }, '[]'],
  ])('calls %s unreadable', async (_, headers, body) => {
    const target = await serve((__, response) => response.writeHead(200, headers).end(body))
    expect((await faultOf(call(target))).kind).toBe('unreadable')
  })

  it('stops a decompression bomb at the cap', async () => {
    const bomb = gzipSync(Buffer.alloc(60_000_000, 0x20))
    const target = await serve((_, response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb))
    const before = process.memoryUsage().rss
    expect(await faultOf(call(target, { maxBytes: 1_000_000 }))).toMatchObject({ kind: 'unreadable', code: 'too-large' })
    expect(process.memoryUsage().rss - before).toBeLessThan(60_000_000)
  })

  it('never takes a broken-off body for a page', async () => {
    const target = await serveRaw((socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n[{"id":1}]')
        setTimeout(() => socket.destroy(), 20)
      }),
    )
    expect((await faultOf(call(target))).kind).toBe('transient')
  })
})

describe('status and classification', () => {
  it.each([
    [401, {}, { kind: 'unauthorized' }],
    [403, {}, { kind: 'unauthorized' }],
    [404, {}, { kind: 'missing' }],
    [400, {}, { kind: 'refused' }],
    [409, {}, { kind: 'refused' }],
    [422, {}, { kind: 'refused' }],
    [302, { location: 'http://169.254.169.254/' }, { kind: 'misconfigured' }],
    [429, { 'retry-after': '7' }, { kind: 'throttled', retryAfterMs: 7000 }],
    [429, { 'retry-after': 'Sun, 22 Nov 2026 06:00:30 GMT' }, { kind: 'throttled', retryAfterMs: 30_000 }],
    [429, { 'retry-after': '1000000000' }, { kind: 'throttled', retryAfterMs: 900_000 }],
    [429, { 'retry-after': '-5' }, { kind: 'throttled', retryAfterMs: 10_000 }],
    [429, {}, { kind: 'throttled', retryAfterMs: 10_000 }],
    [503, { 'retry-after': '3' }, { kind: 'throttled', retryAfterMs: 3000 }],
    [500, {}, { kind: 'transient' }],
  ])('reads %d %j', async (status, headers, expected) => {
    let calls = 0
    const target = await serve((_, response) => {
      calls++
      response.writeHead(status, headers).end('<html>CANARY</html>')
    })
    expect(await faultOf(call(target))).toMatchObject({ ...expected, status })
    expect(calls).toBe(1)
  })

  it('asks the connector first, also on success', async () => {
    const target = await serve((_, response) => response.writeHead(200, json).end('{"code":0,"sub":"isv.limit"}'))
    const classify = (status: number, body: string): Fault | undefined =>
      body.includes('isv.limit') ? { kind: 'throttled', message: `limited (${status})`, code: 'isv.limit' } : undefined
    expect(await faultOf(call(target, {}, { connector: { ...connector, classify } }))).toMatchObject({ kind: 'throttled', code: 'isv.limit' })
  })

  it('hands accepted statuses back', async () => {
    const target = await serve((_, response) => response.writeHead(404, json).end('{"code":"rest_no_route"}'))
    expect((await call(target, { accept: [404] })).status).toBe(404)
  })

  it('blocks the limit for as long as the channel said', async () => {
    const target = await serve((_, response) => response.writeHead(429, { 'retry-after': '7' }).end())
    const blocked: [string, number][] = []
    const limiter = { take: () => Promise.resolve(), block: (key: string, ms: number) => Promise.resolve(void blocked.push([key, ms])) }
    const limited = {
      ...connector,
      manifest: { ...connector.manifest, limits: [{ id: 'api', scope: 'connection' as const, calls: 1, perSeconds: 1 }] },
    }
    await faultOf(call(target, {}, { limiter, connector: limited }))
    expect(blocked).toEqual([['probe/api/c_1', 7000]])
  })
})

describe('repeating and doubt', () => {
  it.each([502, 503, 504])('repeats a GET after %d, at most twice', async (status) => {
    let calls = 0
    const target = await serve((_, response) => {
      calls++
      response.writeHead(calls < 3 ? status : 200, json).end('[]')
    })
    expect((await call(target)).body).toBe('[]')
    expect(calls).toBe(3)
  })

  it('repeats a GET after a reset', async () => {
    let calls = 0
    const target = await serve((request, response) => {
      if (++calls < 2) request.socket.resetAndDestroy()
      else response.writeHead(200, json).end('[]')
    })
    expect((await call(target)).status).toBe(200)
  })

  it.each([
    ['a reset after sending', 'reset'],
    ['500', '500'],
    ['502', '502'],
    ['504', '504'],
    ['an HTML page', 'html'],
    ['no answer', 'hang'],
    ['a body cut off', 'cut'],
  ])('sends a write once and calls it in doubt after %s', async (_, what) => {
    let calls = 0
    const target = await serve((request, response) => {
      calls++
      if (what === 'reset') request.socket.resetAndDestroy()
      if (what === 'html') response.writeHead(200, json).end('<html></html>')
      if (/^\d+$/.test(what)) response.writeHead(Number(what)).end()
      if (what === 'cut') {
        response.writeHead(200, { ...json, 'content-length': '100' }).write('{')
        setTimeout(() => request.socket.destroy(), 20)
      }
    })
    expect((await faultOf(call(target, { method: 'POST', body: '{}', timeoutMs: 300 }))).kind).toBe('in-doubt')
    expect(calls).toBe(1)
  })

  it('knows that a refused connection sent nothing', async () => {
    const target = await serve(() => undefined)
    for (const close of closers.splice(0)) close()
    expect((await faultOf(call(target, { method: 'POST', body: '{}' }))).kind).toBe('transient')
  })

  it('calls a write refused by 503 or 422 not applied', async () => {
    for (const [status, kind] of [
      [503, 'transient'],
      [422, 'refused'],
    ] as const) {
      const target = await serve((_, response) => response.writeHead(status).end())
      expect((await faultOf(call(target, { method: 'POST', body: '{}' }))).kind).toBe(kind)
    }
  })
})

describe('deadline', () => {
  it.each(['drip', 'hang', 'half-open'])('ends a call in time when the channel does %s', async (what) => {
    const target = await serveRaw((socket) => {
      if (what === 'half-open') return
      socket.once('data', () => {
        if (what === 'hang') return
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n[')
        const timer = setInterval(() => socket.write(' '), 50)
        socket.on('close', () => {
          clearInterval(timer)
        })
      })
    })
    const startedAt = performance.now()
    expect(await faultOf(call(target, { timeoutMs: 400 }))).toMatchObject({ kind: 'transient', code: 'timeout' })
    expect(performance.now() - startedAt).toBeLessThan(700)
  })

  it('is not eaten up by waiting for the rate limit', async () => {
    const target = await serve((_, response) => response.writeHead(200, json).end('[]'))
    const limiter = { take: () => new Promise<void>((resolve) => setTimeout(resolve, 300)), block: () => Promise.resolve() }
    const limited = { ...connector, manifest: { ...connector.manifest, limits: [{ id: 'api', scope: 'app' as const, calls: 1, perSeconds: 1 }] } }
    expect((await call(target, { timeoutMs: 200 }, { limiter, connector: limited })).status).toBe(200)
  })

  it('stops at once when the work is stopped', async () => {
    const target = await serve(() => undefined)
    const stop = new AbortController()
    setTimeout(() => {
      stop.abort()
    }, 50)
    expect(await faultOf(call(target, {}, { signal: stop.signal }))).toMatchObject({ kind: 'transient', code: 'stopped' })
  })
})

describe('where calls may go', () => {
  const url = (host: string): string => `http://${host}/`
  it.each([
    '127.0.0.1',
    'localhost',
    '2130706433',
    '0x7f000001',
    '0177.0.0.1',
    '127.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '0.0.0.0',
    '[::]',
    '169.254.169.254',
    '100.100.100.200',
    '[64:ff9b::7f00:1]',
    '[fd00::1]',
    '①②⑦.0.0.1',
    '127.0.0.1.',
    '10.0.0.1',
    '192.168.1.1',
    '172.16.0.1',
  ])('refuses the private address %s', async (host) => {
    const http = createHttp({
      connector,
      connectionId: 'c',
      hosts: [url(host)],
      limiter: memoryLimiter(() => 0),
      allowPrivate: [],
      now: () => NOW,
      signal: new AbortController().signal,
    })
    const fault = await faultOf(http({ method: 'GET', url: url(host), timeoutMs: 1500 }))
    expect(fault).toMatchObject({ kind: 'misconfigured', code: 'private-address' })
  })

  it.each([
    ['another host', 'http://example.org/'],
    ['a file', 'file:///etc/passwd'],
    ['a user name', 'http://a:b@127.0.0.1:1/'],
    ['another port', 'http://127.0.0.1:2/'],
    ['no URL', 'orders'],
  ])('refuses %s', async (_, target) => {
    expect((await faultOf(call({ base: 'http://127.0.0.1:1', host: '127.0.0.1:1' }, { url: target }))).code).toBe('address-refused')
  })

  it('refuses ports of other protocols', async () => {
    expect((await faultOf(call({ base: 'http://203.0.113.9:5432', host: 'x:1' }))).code).toBe('port-refused')
  })

  it('does not follow a redirect into the private network', async () => {
    let reached = 0
    const inner = await serve((_, response) => {
      reached++
      response.end()
    })
    const outer = await serve((_, response) => response.writeHead(307, { location: inner.base }).end())
    expect((await faultOf(call(outer))).kind).toBe('misconfigured')
    expect(reached).toBe(0)
  })
})
