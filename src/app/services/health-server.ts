import { createServer } from 'node:http'

export interface HealthServer {
  readonly url: string
  stop(): Promise<void>
}

/**
 * `/healthz` and `/readyz` of a process that has no API, such as a worker: 200 while it does its work, else 503.
 * @param at port 0 takes a free one.
 */
export async function serveHealth(at: { readonly host: string; readonly port: number }, isReady: () => boolean): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0]
    const status = path === '/healthz' ? 200 : path === '/readyz' ? (isReady() ? 200 : 503) : 404
    const word = { 200: path === '/readyz' ? 'ready' : 'ok', 503: 'not-ready', 404: 'not-found' }[status]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ status: word }))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The health server has no port.')
  return {
    url: `http://${at.host}:${address.port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
