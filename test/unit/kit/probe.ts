import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net'
import { expect } from 'vitest'
import type { HttpRequest, HttpResponse } from '../../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../../src/core/fault.ts'
import { createHttp, type HttpOptions } from '../../../src/kit/http.ts'
import { memoryLimiter } from '../../../src/kit/limiter.ts'

export const NOW = new Date('2026-11-22T06:00:00Z')
const closers: (() => void)[] = []
/** Stops every server started through `serve` and `serveRaw`. */
export function closeServers(): void {
  for (const close of closers.splice(0)) close()
}

export const connector: HttpOptions['connector'] = { manifest: { id: 'probe', limits: [] } }

export async function serve(listener: RequestListener): Promise<{ readonly base: string; readonly host: string }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return addressOf(server.address())
}
export async function serveRaw(onSocket: (socket: Socket) => void): Promise<{ readonly base: string; readonly host: string }> {
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

export const call = (
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
export const faultOf = (promise: Promise<unknown>): Promise<Fault> =>
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
export const json = { 'content-type': 'application/json' }
