import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it } from 'vitest'
import type { Fault } from '../../../src/core/fault.ts'
import { call, closeServers, connector, faultOf, json, serve, serveRaw } from './probe.ts'

afterEach(closeServers)

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
    const bomb = gzipSync(Buffer.alloc(200_000_000, 0x20))
    const target = await serve((_, response) => response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(bomb))
    const before = process.memoryUsage().rss
    expect(await faultOf(call(target, { maxBytes: 1_000_000 }))).toMatchObject({ kind: 'unreadable', code: 'too-large' })
    expect(process.memoryUsage().rss - before).toBeLessThan(120_000_000)
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
    closeServers()
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
    expect(performance.now() - startedAt).toBeLessThan(2000)
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
