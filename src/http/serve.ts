import { type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { RequestError, getRequestListener } from '@hono/node-server'
import type { Hono } from 'hono'
import type { HubEnv } from './dispatch.ts'
import { Problem, problemResponse, toProblem } from './problem.ts'
import { newTraceId } from './trace.ts'

export interface RunningServer {
  readonly url: string
  readonly port: number
  /** Ends idle connections at once, lets running requests finish for at most ten seconds. */
  stop(): Promise<void>
}

const GRACE_MS = 10_000
const LAST_REQUESTS_MS = 500

/** Listens; port 0 takes a free one. Slow senders are cut off, so that they cannot hold the door (slowloris). */
export async function serveApp(
  app: Hono<HubEnv>,
  at: { readonly host: string; readonly port: number; readonly requestTimeoutMs?: number },
): Promise<RunningServer> {
  const requestTimeout = at.requestTimeoutMs ?? 120_000
  const options = {
    headersTimeout: Math.min(10_000, requestTimeout),
    requestTimeout,
    keepAliveTimeout: 15_000,
    connectionsCheckingInterval: 2_000,
    // A missing Host is refused by the listener, as a problem document like everything else.
    requireHostHeader: false,
  }
  const listener = getRequestListener(app.fetch, { errorHandler: (error) => refusal(error instanceof RequestError ? MALFORMED : toProblem(error)) })
  const ending = new Ending()
  const server = createServer(options, (request, response) => {
    ending.watch(response)
    void listener(request, response)
  })
  server.on('clientError', (error: Error, socket: Duplex) => void refuseOnWire(error, socket))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, resolve)
  })
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  const { port } = address
  return { url: `http://${at.host.includes(':') ? `[${at.host}]` : at.host}:${port}`, port, stop: () => stopServer(server, ending) }
}

const MALFORMED = new Problem(400, 'request-malformed', 'This is not a well-formed HTTP request.')
/** By the code of Node's parser; everything else it stumbles over is malformed. */
const REFUSALS: Readonly<Record<string, Problem>> = {
  HPE_HEADER_OVERFLOW: new Problem(431, 'headers-too-large', 'The header fields are larger than 16 kB.'),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'request-timeout', 'The request did not arrive in time.'),
}
const REASONS: Readonly<Record<number, string>> = { 400: 'Bad Request', 408: 'Request Timeout', 431: 'Request Header Fields Too Large' }

const refusal = (problem: Problem): Response => problemResponse(problem, { path: '', traceId: newTraceId() })

/** What Node's parser refuses never becomes a request: the answer is written to the socket as it is. */
async function refuseOnWire(error: Error, socket: Duplex): Promise<void> {
  if (!socket.writable || ('code' in error && error.code === 'ECONNRESET')) return void socket.destroy()
  const problem = ('code' in error && REFUSALS[String(error.code)]) || MALFORMED
  const body = await refusal(problem).text()
  const head = [
    `HTTP/1.1 ${problem.status} ${REASONS[problem.status] ?? 'Bad Request'}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'connection: close',
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

/**
 * A server that stops still answers what is under way, but on no connection a second time: a busy client would keep its
 * connections for ever otherwise, and lose what is in flight when they are cut at last.
 */
class Ending {
  readonly #open = new Set<ServerResponse>()
  #begun = false

  watch(response: ServerResponse): void {
    if (this.#begun) response.shouldKeepAlive = false
    this.#open.add(response)
    response.once('close', () => this.#open.delete(response))
  }

  get busy(): boolean {
    return this.#open.size > 0
  }

  begin(): void {
    this.#begun = true
    for (const response of this.#open) response.shouldKeepAlive = false
  }
}

async function stopServer(server: Server, ending: Ending): Promise<void> {
  ending.begin()
  // On a connection that looks idle a request may lie unread: closing it at once would cut that request off.
  if (ending.busy) await sleep(LAST_REQUESTS_MS)
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => server.closeAllConnections(), GRACE_MS)
    server.close((error) => {
      clearTimeout(timer)
      if (error) reject(error)
      else resolve()
    })
    server.closeIdleConnections()
  })
}
