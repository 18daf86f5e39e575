import { IncomingMessage } from 'node:http'
import type { Context, Hono } from 'hono'
import type { Inbound } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import type { HookReply, HttpDeps } from './deps.ts'
import type { HubEnv } from './dispatch.ts'
import { hookConnections } from './hook-connections.ts'
import { Problem } from './problem.ts'
import { isHttps } from './principal.ts'
import { readBytes, readIncoming } from './read-body.ts'
import { securityHeaders } from './security-headers.ts'

/** Largest webhook body, bytes. Channels send single documents; what is larger is fetched instead. */
const MAX_HOOK_BYTES = 2 * 1024 * 1024
const TOKEN = /^[A-Za-z0-9_-]{16,100}$/
const CHANNEL = /^[a-z][a-z0-9-]{0,40}$/

/**
 * The door for webhooks, any method: the bytes as they came go to the sink, which verifies, stores and only then answers.
 * An unknown token and a removed connection are the same 404.
 */
export function mountHooks(app: Hono<HubEnv>, deps: HttpDeps): void {
  const connectionOf = hookConnections(deps)
  const always = { ...Object.fromEntries(securityHeaders(isHttps(deps))), 'cache-control': 'no-store' }
  const answer = async (c: Context<HubEnv>, take: (inbound: Inbound) => Promise<HookReply | undefined>): Promise<Response> => {
    const { incoming } = c.env ?? {}
    const body = incoming instanceof IncomingMessage ? await readIncoming(incoming, MAX_HOOK_BYTES) : await readBytes(c.req.raw, MAX_HOOK_BYTES)
    const reply = await take(inboundOf(c.req.raw, incoming, body, deps.settings.publicUrl)).catch((error: unknown) => {
      throw refusal(error)
    })
    if (!reply) throw nothingHere()
    // All headers at once: setting them one by one afterwards costs more than the answer.
    c.set('headed', true)
    return new Response(reply.body, {
      status: reply.status,
      headers: { ...always, 'content-type': reply.contentType ?? 'text/plain; charset=utf-8', 'x-request-id': c.get('traceId') },
    })
  }
  app.all('/hooks/:token', async (c) => {
    c.set('routePath', '/hooks/{token}')
    const token = c.req.param('token')
    const connection = TOKEN.test(token) ? await connectionOf(token) : undefined
    if (!connection) throw nothingHere()
    return answer(c, (inbound) => deps.hooks.accept(connection, inbound))
  })
  app.all('/hooks/apps/:channel', async (c) => {
    c.set('routePath', '/hooks/apps/{channel}')
    const channel = c.req.param('channel')
    if (!CHANNEL.test(channel)) throw nothingHere()
    return answer(c, (inbound) => deps.hooks.acceptForApp(channel, inbound))
  })
}

const nothingHere = (): Problem => new Problem(404, 'not-found', 'There is nothing at this address.')

function inboundOf(request: Request, incoming: unknown, body: Uint8Array, publicUrl: string | undefined): Inbound {
  const url = new URL(request.url)
  return {
    method: request.method,
    url: publicUrl === undefined ? url.href : `${publicUrl}${url.pathname}${url.search}`,
    headers: Object.fromEntries(incoming instanceof IncomingMessage ? headersOf(incoming.rawHeaders) : request.headers),
    query: Object.fromEntries(url.searchParams),
    body,
  }
}

/** As the web's own headers would have them, which are dear to make: names in lower case, values of one name joined. */
function headersOf(raw: readonly string[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name = '', value = ''] = [raw[i]?.toLowerCase(), raw[i + 1]]
    const before = found.get(name)
    found.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return found
}

/** What a channel did wrong is its 4xx; anything of ours is left to become a 5xx, so that it sends again. */
function refusal(error: unknown): unknown {
  if (!(error instanceof ChannelError)) return error
  if (error.fault.kind === 'unauthorized') return new Problem(401, 'signature-invalid', 'The signature does not fit.', { cause: error })
  if (error.fault.kind === 'unreadable' || error.fault.kind === 'refused')
    return new Problem(400, 'delivery-unreadable', 'The delivery cannot be read.', { cause: error })
  return error
}
