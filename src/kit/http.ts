import type { AgentOptions } from 'node:http'
import axios, { AxiosError, type AxiosResponse } from 'axios'
import pRetry from 'p-retry'
import type { AnyConnector, Http, HttpRequest, HttpResponse, Limit } from '../core/connector.ts'
import { ChannelError, type Fault } from '../core/fault.ts'
import { createAgents, type Agents } from './agents.ts'
import type { ChannelClock } from './channel-clock.ts'
import { readBody, readLoosely } from './http-body.ts'
import { faultOfSilence, faultOfStatus, faultOfWrite, retryAfterMs } from './http-faults.ts'
import type { Limiter } from './limiter.ts'

/** One line per attempt, for the log: no query, no headers, no body. */
export interface HttpLog {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface HttpOptions {
  /** Who is called, how fast, and how it says that something went wrong. */
  readonly connector: Pick<AnyConnector, 'classify'> & { readonly manifest: Pick<AnyConnector['manifest'], 'id' | 'limits'> }
  readonly connectionId: string
  /** Base URLs this connection may call (`manifest.hosts(config)`); anything else is refused before a socket is opened. */
  readonly hosts: readonly string[]
  readonly limiter: Limiter
  /** `host:port` pairs that may be private. */
  readonly allowPrivate: readonly string[]
  readonly log?: HttpLog
  readonly now: () => Date
  readonly signal: AbortSignal
  /** Shared connection pools; made for this client alone when absent. */
  readonly agents?: Agents
  readonly agentOptions?: AgentOptions
  /** Learns from every answer how far the clocks are apart. */
  readonly clock?: ChannelClock
}

const DEFAULT_TIMEOUT_MS = 30_000
const DEFAULT_MAX_BYTES = 20_000_000
const EXTRA_TRIES = 2
/** Faults of a moment: the same call a blink later usually works. Everything longer is the scheduler's business. */
const BLINKS: ReadonlySet<string> = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE'])

/**
 * The one door to channels. Paces by the declared limits, keeps one total deadline per call (a dripping answer cannot
 * outlast it), caps sizes after decompression, follows no redirect, uses no proxy, refuses private addresses, repeats
 * only idempotent calls and only after faults of a moment, and throws nothing but ChannelError without secrets.
 */
export function createHttp(options: HttpOptions): Http {
  const agents =
    options.agents ?? createAgents({ allowPrivate: options.allowPrivate, ...(options.agentOptions ? { options: options.agentOptions } : {}) })
  const origins = new Set(options.hosts.map(originOf))
  return async (request) => {
    const url = checkedUrl(request.url, origins)
    const where = `${request.method} ${url.host}${url.pathname}`
    const idempotent = request.idempotent ?? request.method === 'GET'
    // Time spent waiting for a free slot of the rate limit does not count.
    const budget = { leftMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS }
    const blinks = new WeakSet<Error>()
    const attempt = async (attemptNumber: number): Promise<HttpResponse> => {
      const call: AttemptInput = { options, agents, request, where, idempotent, budget, attemptNumber }
      const result = await attemptOnce(call)
      if ('response' in result) return result.response
      const error = new ChannelError(result.fault)
      if (result.blink) blinks.add(error)
      throw error
    }
    return pRetry(attempt, {
      retries: idempotent ? EXTRA_TRIES : 0,
      minTimeout: 150,
      maxTimeout: 600,
      randomize: true,
      shouldRetry: ({ error }) => blinks.has(error) && budget.leftMs > 0 && !options.signal.aborted,
    })
  }
}

interface AttemptInput {
  readonly options: HttpOptions
  readonly agents: Agents
  readonly request: HttpRequest
  readonly where: string
  readonly idempotent: boolean
  readonly budget: { leftMs: number }
  readonly attemptNumber: number
}
type AttemptResult = { readonly response: HttpResponse } | { readonly fault: Fault; readonly blink: boolean }

async function attemptOnce(call: AttemptInput): Promise<AttemptResult> {
  const { options, request } = call
  const limit = limitOf(options, request)
  if (limit) await options.limiter.take(limit.key, request.cost ?? 1, limit.rate)
  const startedAt = performance.now()
  const sentAt = options.now()
  const stopwatch = startStopwatch(options.signal, call.budget.leftMs)
  const sent = await send(call, stopwatch).finally(stopwatch.clear)
  call.budget.leftMs -= performance.now() - startedAt
  const status = 'fault' in sent ? undefined : sent.status
  if (!('fault' in sent)) options.clock?.heard(flatHeaders(sent)['date'], sentAt)
  const fields = {
    connector: options.connector.manifest.id,
    connectionId: options.connectionId,
    call: call.where,
    status,
    attempt: call.attemptNumber,
  }
  options.log?.debug({ ...fields, ms: Math.round(performance.now() - startedAt) }, 'Called the channel.')
  if ('fault' in sent) return sent
  const result = judge(call, sent)
  if ('fault' in result && result.fault.kind === 'throttled' && limit) await options.limiter.block(limit.key, result.fault.retryAfterMs ?? 0)
  return result
}

interface Stopwatch {
  readonly signal: AbortSignal
  readonly expired: () => boolean
  readonly clear: () => void
}

/** Ends a call after `ms` or with the caller's signal. Cleared afterwards: nothing of a finished call stays behind a long-lived signal. */
function startStopwatch(stop: AbortSignal, ms: number): Stopwatch {
  const controller = new AbortController()
  let expired = false
  const abort = (): void => controller.abort()
  const timer = setTimeout(
    () => {
      expired = true
      abort()
    },
    Math.max(1, Math.ceil(ms)),
  )
  stop.addEventListener('abort', abort, { once: true })
  if (stop.aborted) abort()
  return {
    signal: controller.signal,
    expired: () => expired,
    clear: () => {
      clearTimeout(timer)
      stop.removeEventListener('abort', abort)
    },
  }
}

/** One HTTP exchange; what went wrong without an answer comes back as a fault. */
async function send(call: AttemptInput, stopwatch: Stopwatch): Promise<AxiosResponse<Buffer> | { readonly fault: Fault; readonly blink: boolean }> {
  const { request, options, where, idempotent } = call
  const signed = request.sign?.({ method: request.method, url: request.url, body: request.body ?? '' })
  const url = signed?.url ?? request.url
  const body = signed?.body ?? request.body
  const pair = call.agents.for(new URL(url))
  if (!pair)
    return {
      blink: false,
      fault: { kind: 'misconfigured', code: 'port-refused', message: `${where} was not called: nothing web-like listens on this port.` },
    }
  const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES
  try {
    return await axios.request<Buffer>({
      url,
      method: request.method,
      ...(body === undefined ? {} : { data: Buffer.from(body, 'utf8') }),
      headers: {
        accept: '*/*',
        'user-agent': 'ChannelHub/0.1',
        ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...request.headers,
        ...signed?.headers,
      },
      ...pair,
      adapter: 'http',
      proxy: false,
      maxRedirects: 0,
      responseType: 'arraybuffer',
      transformRequest: [(data: unknown) => data],
      transformResponse: [(data: unknown) => data],
      validateStatus: () => true,
      maxContentLength: maxBytes,
      maxBodyLength: maxBytes,
      signal: stopwatch.signal,
    })
  } catch (error) {
    const code = error instanceof AxiosError ? (error.code ?? 'UNKNOWN') : 'UNKNOWN'
    const message = error instanceof Error ? error.message : ''
    const fault = faultOfSilence({ code, message, idempotent, where, deadline: stopwatch.expired(), stopped: options.signal.aborted })
    return { fault, blink: BLINKS.has(fault.code ?? '') || fault.code === 'cut-off' }
  }
}

/** Reads an answer: accepted statuses first, then the connector's own view, then the status table, then the form of the body. */
function judge(call: AttemptInput, answer: AxiosResponse<Buffer>): AttemptResult {
  const { request, options, where, idempotent } = call
  const headers = flatHeaders(answer)
  const contentType = headers['content-type'] ?? ''
  const retryAfter = retryAfterMs(headers['retry-after'], options.now())
  const failed = (fault: Fault): AttemptResult => {
    const blink =
      (answer.status === 502 || answer.status === 504 || (answer.status === 503 && retryAfter === undefined)) && fault.kind === 'transient'
    return { fault: idempotent ? fault : faultOfWrite(fault), blink }
  }
  const loose = (): string => readLoosely(answer.data, contentType)
  if (request.accept?.includes(answer.status)) return { response: { status: answer.status, headers, body: loose() } }
  const own = options.connector.classify?.(answer.status, loose(), headers)
  if (own)
    return failed({ status: answer.status, ...(own.kind === 'throttled' && retryAfter !== undefined ? { retryAfterMs: retryAfter } : {}), ...own })
  const fault = faultOfStatus(answer.status, retryAfter, where)
  if (fault) return failed(fault)
  try {
    return { response: { status: answer.status, headers, body: readBody(answer.data, contentType, request.expect ?? 'json') } }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return failed({ ...error.fault, status: answer.status, message: `${where}: ${error.message}` })
  }
}

function limitOf(options: HttpOptions, request: HttpRequest): { readonly key: string; readonly rate: Limit } | undefined {
  const { limits, id } = options.connector.manifest
  const rate = request.limit === undefined ? limits[0] : limits.find((limit) => limit.id === request.limit)
  if (!rate) return undefined
  return { key: `${id}/${rate.id}/${rate.scope === 'app' ? 'app' : options.connectionId}`, rate }
}

/** A setting may hold a full URL or just `host[:port]`. */
const originOf = (host: string): string => new URL(host.includes('://') ? host : `https://${host}`).origin

function checkedUrl(text: string, origins: ReadonlySet<string>): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const refuse = (why: string): never => {
    throw new ChannelError({ kind: 'misconfigured', code: 'address-refused', message: `The address was not called: ${why}.` })
  }
  if (!url) return refuse('it is not a URL')
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return refuse('only http and https are spoken')
  if (url.username !== '' || url.password !== '') return refuse('it carries a user name')
  if (!origins.has(url.origin)) return refuse(`${url.host} does not belong to this connection`)
  return url
}

const flatHeaders = (answer: AxiosResponse): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(answer.headers).flatMap(([name, value]: [string, unknown]) => {
      if (Array.isArray(value)) return [[name.toLowerCase(), value.join(', ')]]
      return typeof value === 'string' || typeof value === 'number' ? [[name.toLowerCase(), String(value)]] : []
    }),
  )
