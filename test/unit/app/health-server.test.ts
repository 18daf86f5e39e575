import { expect, test } from 'vitest'
import { serveHealth } from '../../../src/app/services/health-server.ts'

test('says whether a process is alive and whether it does its work', async () => {
  let ready = false
  const server = await serveHealth({ host: '127.0.0.1', port: 0 }, () => ready)
  const ask = async (path: string): Promise<readonly [number, unknown]> => {
    const answer = await fetch(`${server.url}${path}`)
    return [answer.status, await answer.json()]
  }
  try {
    expect(await ask('/healthz')).toEqual([200, { status: 'ok' }])
    expect(await ask('/readyz')).toEqual([503, { status: 'not-ready' }])
    ready = true
    expect(await ask('/readyz?from=compose')).toEqual([200, { status: 'ready' }])
    expect(await ask('/')).toEqual([404, { status: 'not-found' }])
  } finally {
    await server.stop()
  }
  await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
})
