import { afterEach, describe, expect, it } from 'vitest'
import { createHttp } from '../../../src/kit/http.ts'
import { memoryLimiter } from '../../../src/kit/limiter.ts'
import { call, closeServers, connector, faultOf, NOW, serve } from './probe.ts'

afterEach(closeServers)

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
