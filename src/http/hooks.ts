import { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import type { Inbound } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { HttpDeps } from './deps.ts'
import type { HubEnv } from './dispatch.ts'
import { hookConnections } from './hook-connections.ts'
import { Problem } from './problem.ts'
import { readBytes, readIncoming } from './read-body.ts'

/** Largest webhook body, bytes. Channels send single documents; what is larger is fetched instead. */
const MAX_HOOK_BYTES = 2 * 1024 * 1024
const TOKEN = /^[A-Za-z0-9_-]{16,100}$/

/**
 * The door for webhooks, any method: the bytes as they came go to the sink, which verifies, stores and only then answers.
 * An unknown token and a removed connection are the same 404.
 */
export function mountHooks(app: Hono<HubEnv>, deps: HttpDeps): void {
  const connectionOf = hookConnections(deps)
  app.all('/hooks/:token', async (c) => {
    c.set('routePath', '/hooks/{token}')
    const token = c.req.param('token')
    const connection = TOKEN.test(token) ? await connectionOf(token) : undefined
    if (!connection) throw new Problem(404, 'not-found', 'There is nothing at this address.')
    const { incoming } = c.env ?? {}
    const body = incoming instanceof IncomingMessage ? await readIncoming(incoming, MAX_HOOK_BYTES) : await readBytes(c.req.raw, MAX_HOOK_BYTES)
    try {
      const reply = await deps.hooks.accept(connection, inboundOf(c.req.raw, body, deps.settings.publicUrl))
      return new Response(reply.body, {
        status: reply.status,
        headers: { 'content-type': reply.contentType ?? 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
      })
    } catch (error) {
      throw refusal(error)
    }
  })
}

function inboundOf(request: Request, body: Uint8Array, publicUrl: string | undefined): Inbound {
  const url = new URL(request.url)
  return {
    method: request.method,
    url: publicUrl === undefined ? url.href : `${publicUrl}${url.pathname}${url.search}`,
    headers: Object.fromEntries(request.headers),
    query: Object.fromEntries(url.searchParams),
    body,
  }
}

/** What a channel did wrong is its 4xx; anything of ours is left to become a 5xx, so that it sends again. */
function refusal(error: unknown): unknown {
  if (!(error instanceof ChannelError)) return error
  if (error.fault.kind === 'unauthorized') return new Problem(401, 'signature-invalid', 'The signature does not fit.', { cause: error })
  if (error.fault.kind === 'unreadable' || error.fault.kind === 'refused')
    return new Problem(400, 'delivery-unreadable', 'The delivery cannot be read.', { cause: error })
  return error
}
