import { wordFlaw, wordNoAnswer, wordRefusal } from '../i18n/refusal.ts'
import type { RefusalParams } from '../i18n/refusal.ts'

/** A refusal or failure the hub explained as an RFC 9457 problem document. `message` and the fields' are in the language the console has when they are shown. */
export class HubProblem extends Error {
  readonly status: number
  readonly code: string
  readonly traceId: string | undefined
  readonly fields: readonly FieldProblem[]
  /** Seconds to wait, where the hub said so. */
  readonly retryAfter: number | undefined

  constructor(status: number, body: ProblemBody, retryAfter?: number) {
    const detail = body.detail ?? body.title ?? `HTTP ${status}`
    super(detail)
    this.name = 'HubProblem'
    this.status = status
    this.code = body.code ?? body.type ?? String(status)
    this.traceId = body.trace_id
    this.fields = (body.errors ?? []).map((field): FieldProblem => ({
      ...field,
      get message() {
        return wordFlaw(field)
      },
    }))
    this.retryAfter = retryAfter
    const refusal = { code: this.code, params: body.params, detail, fields: body.errors ?? [] }
    Object.defineProperty(this, 'message', { get: () => wordRefusal(refusal) })
  }
}

export interface FieldProblem {
  readonly pointer?: string
  readonly code?: string
  readonly message: string
  readonly params?: RefusalParams
}

interface ProblemBody {
  readonly type?: string
  readonly title?: string
  readonly detail?: string
  readonly code?: string
  readonly trace_id?: string
  readonly params?: RefusalParams
  readonly errors?: readonly FieldProblem[]
}

export type Query = Readonly<Record<string, string | number | boolean | undefined>>

interface Options {
  readonly query?: Query | undefined
  readonly body?: unknown
  readonly form?: FormData
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal | undefined
}

type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE'

const address = (path: string, query: Query | undefined): string => {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) if (value !== undefined && value !== '') params.set(name, String(value))
  const text = params.toString()
  return text === '' ? path : `${path}?${text}`
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const problemOf = (response: Response, text: string): HubProblem => {
  const body = parse(text)
  const wait = Number(response.headers.get('retry-after') ?? Number.NaN)
  return new HubProblem(response.status, typeof body === 'object' && body !== null ? body : {}, Number.isFinite(wait) ? wait : undefined)
}

/** Called when the session has ended, so that the shell can ask to sign in again. */
let onSignedOut: () => void = () => undefined
export const whenSignedOut = (action: () => void): void => {
  onSignedOut = action
}

/** What the browser says where nobody answers is in a language of its own. */
const reach = async (url: string, request: RequestInit): Promise<Response> => {
  try {
    return await fetch(url, request)
  } catch (error) {
    throw error instanceof TypeError ? Object.defineProperty(error, 'message', { get: wordNoAnswer }) : error
  }
}

/**
 * One call to the hub on the same origin with the session cookie. Writes carry an idempotency key, so that a
 * repeat after a broken connection does not act twice.
 * @throws HubProblem when the hub refuses; TypeError when it cannot be reached.
 */
export const call = async <T>(method: Method, path: string, options: Options = {}): Promise<T> => {
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (options.body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET') headers['idempotency-key'] = crypto.randomUUID()
  const response = await reach(address(path, options.query), {
    method,
    headers,
    credentials: 'same-origin',
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.form !== undefined ? { body: options.form } : options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  })
  const text = await response.text()
  if (response.status === 401 && !path.endsWith('/session')) onSignedOut()
  if (!response.ok) throw problemOf(response, text)
  // The hub is built and served with this console, and its OpenAPI test holds both to one contract.
  return (text === '' ? undefined : parse(text)) as T
}

export const get = <T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> => call('GET', path, { query, signal })
export const post = <T>(path: string, body: unknown = {}): Promise<T> => call('POST', path, { body })
export const remove = <T>(path: string): Promise<T> => call('DELETE', path)
