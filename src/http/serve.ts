import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import type { Hono } from 'hono'
import type { HubEnv } from './dispatch.ts'

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Ends idle connections at once, lets running requests finish for at most ten seconds. */
  stop(): Promise<void>
}

const GRACE_MS = 10_000

/** Listens; port 0 takes a free one. Slow senders are cut off, so that they cannot hold the door (slowloris). */
export async function serveApp(app: Hono<HubEnv>, at: { readonly host: string; readonly port: number }): Promise<RunningServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { headersTimeout: 10_000, requestTimeout: 120_000, keepAliveTimeout: 15_000, connectionsCheckingInterval: 2_000 },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const { port } = address
  return { url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`, port, stop: () => stopServer(server) }
}

function stopServer(server: ReturnType<typeof createAdaptorServer>): Promise<void> {
  return new Promise((resolve, reject) => {
    const closeAll = 'closeAllConnections' in server ? () => server.closeAllConnections() : () => undefined
    const timer = setTimeout(closeAll, GRACE_MS)
    server.close((error) => {
      clearTimeout(timer)
      if (error) reject(error)
      else resolve()
    })
    if ('closeIdleConnections' in server) server.closeIdleConnections()
  })
}
