import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Context, MiddlewareHandler } from 'hono'

export const faultKinds = [
  '429',
  '500',
  '502',
  '503',
  '504',
  'html',
  'empty',
  'truncated',
  'gbk',
  'bomb',
  'null-data',
  'timeout',
  'drip',
  'reset',
  'throttle200',
  'unauthorized',
  'late-write',
  'accept-then-drop',
] as const

/**
 * What goes wrong:
 * `502`, `504` come from a gateway in front of the shop · `empty` is a 200 without a body · `gbk` puts bytes of GBK into the real answer ·
 * `bomb` is a small gzip that unpacks to 64 MB · `null-data` says all is well and carries null where data belongs ·
 * `truncated` cuts the answer in half (with `clean`, under a content-length that agrees) · `timeout` never answers ·
 * `drip` sends a byte at a time · `reset` drops the connection before anything is done ·
 * `late-write` holds a write for `delayMs` and then applies it whether or not the caller still listens ·
 * `accept-then-drop` applies the request and drops the connection instead of answering.
 */
export type FaultKind = (typeof faultKinds)[number]

export interface Fault {
  readonly kind: FaultKind
  /** Every n-th matching request; 1 (each) by default. */
  readonly every?: number
  /** How often in all; without it, until cleared. */
  readonly times?: number
  /** Method, a part of the path, a part of the body (how GraphQL operations are told apart), only writes or only reads. */
  readonly match?: { readonly method?: string; readonly path?: string; readonly body?: string; readonly write?: boolean }
  /** Verbatim Retry-After; null sends none. */
  readonly retryAfter?: string | null
  /** Milliseconds to hold (`late-write`, `timeout`) or between bytes (`drip`). */
  readonly delayMs?: number
  readonly clean?: boolean
}

/** The canned answers are the channel's own. */
export interface FaultAnswers {
  readonly throttled: () => Response
  readonly broken: () => Response
  readonly unavailable: () => Response
  readonly html: () => Response
  readonly throttledAs200: () => Response
  readonly unauthorized: () => Response
  /** Null where data belongs, in the channel's own envelope of success; `{"data":null}` without it. */
  readonly nullData?: () => Response
}

export interface FaultPlan {
  set(fault: Fault): void
  clear(): void
  /** How often a kind really fired: the guard against a test whose faults never happened. */
  fired(kind?: FaultKind): number
  readonly middleware: MiddlewareHandler<FaultEnv>
}

export interface FaultEnv {
  Bindings: HttpBindings
  Variables: { fault: string | undefined; returned: readonly string[] | undefined }
}

interface Armed {
  readonly fault: Fault
  seen: number
  fired: number
}

/** Writes are anything but GET and HEAD; a GraphQL shop passes its own rule. */
export function createFaultPlan(answers: FaultAnswers, isWrite: (c: Context<FaultEnv>) => Promise<boolean> | boolean): FaultPlan {
  let armed: Armed[] = []
  const counts = new Map<FaultKind, number>()
  const choose = async (c: Context<FaultEnv>): Promise<Fault | undefined> => {
    for (const one of armed) {
      if (!(await applies(one.fault, c, isWrite))) continue
      one.seen += 1
      if (one.seen % (one.fault.every ?? 1) !== 0) continue
      one.fired += 1
      if (one.fired >= (one.fault.times ?? Infinity)) armed = armed.filter((each) => each !== one)
      counts.set(one.fault.kind, (counts.get(one.fault.kind) ?? 0) + 1)
      return one.fault
    }
    return undefined
  }
  return {
    set: (fault) => void armed.push({ fault, seen: 0, fired: 0 }),
    clear() {
      armed = []
    },
    fired: (kind) => (kind ? (counts.get(kind) ?? 0) : [...counts.values()].reduce((a, b) => a + b, 0)),
    middleware: async (c, next) => {
      const fault = await choose(c)
      if (!fault) return next()
      c.set('fault', fault.kind)
      return play({ fault, c, next, answers })
    },
  }
}

async function applies(fault: Fault, c: Context<FaultEnv>, isWrite: (c: Context<FaultEnv>) => Promise<boolean> | boolean): Promise<boolean> {
  const { method, path, body, write } = fault.match ?? {}
  if (method !== undefined && method.toUpperCase() !== c.req.method) return false
  if (path !== undefined && !c.req.path.includes(path)) return false
  if (body !== undefined && !(await c.req.text()).includes(body)) return false
  if (write !== undefined && write !== (await isWrite(c))) return false
  return fault.kind !== 'late-write' || (await isWrite(c))
}

interface Scene {
  readonly fault: Fault
  readonly c: Context<FaultEnv>
  readonly next: () => Promise<void>
  readonly answers: FaultAnswers
}

async function play({ fault, c, next, answers }: Scene): Promise<Response | void> {
  switch (fault.kind) {
    case '429':
      return withRetryAfter(answers.throttled(), fault, '2')
    case '500':
      return answers.broken()
    case '502':
      return gateway(502, '502 Bad Gateway')
    case '504':
      return gateway(504, '504 Gateway Time-out')
    case '503':
      return withRetryAfter(answers.unavailable(), fault, '5')
    case 'html':
      return answers.html()
    case 'empty':
      return new Response('', { headers: { 'content-type': 'application/json; charset=utf-8' } })
    case 'bomb':
      return new Response(bomb(), { headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })
    case 'null-data':
      return answers.nullData?.() ?? Response.json({ data: null })
    case 'gbk':
      await next()
      return inGbk(c)
    case 'throttle200':
      return answers.throttledAs200()
    case 'unauthorized':
      return answers.unauthorized()
    case 'timeout':
      return hang(c, fault.delayMs ?? 120_000)
    case 'reset':
      return drop(c)
    case 'truncated':
      await next()
      return truncate(c, fault.clean ?? false)
    case 'drip':
      await next()
      return drip(c, fault.delayMs ?? 200)
    case 'late-write':
      await c.req.text()
      await sleep(fault.delayMs ?? 15_000)
      return next()
    case 'accept-then-drop':
      await next()
      c.res = drop(c)
      return undefined
  }
}

const gateway = (status: number, title: string): Response =>
  new Response(`<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr><center>nginx</center></body></html>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

let packed: Uint8Array<ArrayBuffer> | undefined

/** 64 MB of blanks before an empty list, about 64 kB on the wire. Made once. */
function bomb(): Uint8Array<ArrayBuffer> {
  packed ??= new Uint8Array(gzipSync(Buffer.concat([Buffer.alloc(64_000_000, 0x20), Buffer.from('[]')]), { level: 1 }))
  return packed
}

/** The answer as it would be, with one more member whose text is in GBK (中国 = D6D0 B9FA), under a header that says UTF-8 or nothing. */
async function inGbk(c: Context<FaultEnv>): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer())
  const at = body.indexOf('{') + 1
  const member = Buffer.concat([Buffer.from('"note":"'), Buffer.from([0xd6, 0xd0, 0xb9, 0xfa]), Buffer.from('",')])
  const bytes = at === 0 ? Buffer.concat([body, member]) : Buffer.concat([body.subarray(0, at), member, body.subarray(at)])
  c.res = new Response(bytes, { status: c.res.status, headers: headersOf(c.res) })
}

function withRetryAfter(response: Response, fault: Fault, usual: string): Response {
  if (fault.retryAfter !== null) response.headers.set('retry-after', fault.retryAfter ?? usual)
  return response
}

function drop(c: Context<FaultEnv>): Response {
  c.env.incoming.socket.resetAndDestroy()
  return alreadySent()
}

async function hang(c: Context<FaultEnv>, ms: number): Promise<Response> {
  const { socket } = c.env.incoming
  await Promise.race([sleep(ms, undefined, { ref: false }), new Promise((resolve) => socket.once('close', resolve))])
  socket.destroy()
  return alreadySent()
}

async function truncate(c: Context<FaultEnv>, clean: boolean): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer())
  const half = body.subarray(0, Math.floor(body.length / 2))
  const { outgoing } = c.env
  outgoing.writeHead(c.res.status, { ...headersOf(c.res), 'content-length': clean ? half.length : body.length })
  outgoing.write(half, () => (clean ? outgoing.end() : outgoing.destroy()))
  c.res = alreadySent()
}

async function drip(c: Context<FaultEnv>, ms: number): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer())
  const { outgoing } = c.env
  outgoing.writeHead(c.res.status, { ...headersOf(c.res), 'content-length': body.length })
  let sent = 0
  const timer = setInterval(() => {
    if (outgoing.destroyed || sent >= body.length) {
      clearInterval(timer)
      outgoing.end()
      return
    }
    outgoing.write(body.subarray(sent, (sent += 1)))
  }, ms)
  timer.unref()
  c.res = alreadySent()
}

function headersOf(response: Response): Record<string, string> {
  const headers = Object.fromEntries(response.headers.entries())
  delete headers['content-length']
  delete headers['transfer-encoding']
  return headers
}

/** Tells the server that the socket has been dealt with by hand. */
function alreadySent(): Response {
  return new Response(null, { headers: RESPONSE_ALREADY_SENT.headers })
}
