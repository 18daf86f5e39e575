import { ChannelError, DomainError, MappingError } from '../core/fault.ts'
import { isConnectionLoss, sqlState } from './database-error.ts'
import { withParams } from './flaw.ts'

/** What a wording in another language needs beside the code. `why` tells the sentences of one code apart. */
export type ProblemParams = Readonly<Record<string, string | number | readonly string[]>>

/** One offending value of a request, located by a JSON pointer (`/lines/0/quantity`), `?name` (query) or `{name}` (path). */
export interface InputError {
  readonly pointer: string
  readonly code: string
  readonly message: string
  readonly params?: ProblemParams
}

/** A refused request, answered as an RFC 9457 problem document. `code` is stable and listed in docs/errors.md. */
export class Problem extends Error {
  readonly status: number
  readonly code: string
  readonly errors: readonly InputError[]
  readonly params: ProblemParams
  readonly retryAfterSeconds: number | undefined

  constructor(
    status: number,
    code: string,
    detail: string,
    more: {
      readonly errors?: readonly InputError[]
      readonly params?: ProblemParams
      readonly retryAfterSeconds?: number
      readonly cause?: unknown
    } = {},
  ) {
    super(detail, { cause: more.cause })
    this.name = 'Problem'
    this.status = status
    this.code = code
    this.errors = (more.errors ?? []).map(withParams)
    this.params = more.params ?? {}
    this.retryAfterSeconds = more.retryAfterSeconds
  }
}

/** The same answer for what does not exist and for what this caller may not see. */
export const notFound = (what: string): Problem => new Problem(404, 'not-found', `No such ${what}, or it is outside your scope.`)

export const badInput = (errors: readonly InputError[]): Problem =>
  new Problem(
    400,
    'input-invalid',
    errors
      .map((error) => `${error.pointer || '/'}: ${error.message}`)
      .join(' ')
      .slice(0, 600),
    { errors },
  )

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict',
  410: 'Gone',
  412: 'Changed meanwhile',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Cannot be done',
  429: 'Too many requests',
  431: 'Header too large',
  500: 'Internal error',
  502: 'Channel failed',
  503: 'Unavailable',
}

/** DomainError codes that are not a plain "cannot be done" (422). */
const STATUS_BY_ENDING: readonly (readonly [RegExp, number])[] = [
  [/^(order|connection|effect|hold|user|consumer|job|key|override|location|arrival|supplier|supply-order|mail-account|destination)-unknown$/, 404],
  [/^document-expired$/, 410],
  [/^token-renewal-stuck$/, 503],
  [/^(secret-unreadable|integer-range|data-key-missing|shipment-lost|stock-answer-missing)$/, 500],
  [/^version-stale$/, 412],
  [/^decrypt-quota-spent$/, 429],
  [/-(conflict|exists|changed|outdated|decided|in-flight|taken|owned|in-use)$/, 409],
]

const statusOfDomain = (code: string): number => STATUS_BY_ENDING.find(([ending]) => ending.test(code))?.[1] ?? 422

/** Of the details of a broken rule those that a sentence can hold. */
export const paramsOf = (details: Readonly<Record<string, unknown>>): ProblemParams =>
  Object.fromEntries(
    Object.entries(details).flatMap(([name, value]): [string, string | number | readonly string[]][] =>
      typeof value === 'string' || typeof value === 'number'
        ? [[name, value]]
        : Array.isArray(value) && value.every((one) => typeof one === 'string')
          ? [[name, value.slice(0, 40)]]
          : [],
    ),
  )

/** Turns any thrown value into a Problem; what nobody foresaw becomes a 500 without details. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof DomainError) {
    const wait = error.details['retry_after_seconds']
    return new Problem(statusOfDomain(error.code), error.code, error.message, {
      cause: error,
      params: paramsOf(error.details),
      ...(typeof wait === 'number' && { retryAfterSeconds: wait }),
    })
  }
  if (error instanceof MappingError) return new Problem(422, error.code, error.message, { cause: error })
  if (error instanceof ChannelError) return new Problem(502, `channel-${error.fault.kind}`, error.message, { cause: error })
  if (isConnectionLoss(error)) {
    return new Problem(503, 'database-unavailable', 'The database does not answer. Nothing was lost; try again.', {
      retryAfterSeconds: 2,
      cause: error,
    })
  }
  const state = sqlState(error) ?? ''
  if (state.startsWith('22') || state === '54000')
    return new Problem(400, 'value-unstorable', 'A value is outside what can be stored.', { cause: error })
  if (state === '23505') return new Problem(409, 'already-exists', 'Something with this name or number exists already.', { cause: error })
  if (state === '23503') return new Problem(422, 'reference-unknown', 'The request names something that does not exist.', { cause: error })
  if (state.startsWith('23')) return new Problem(422, 'value-refused', 'A value breaks a rule of the database.', { cause: error })
  return new Problem(500, 'internal', 'Something failed that should not have. Quote the trace id when you report it.', { cause: error })
}

/** The problem document (RFC 9457) of one refusal. */
export function problemDocument(problem: Problem, request: { readonly path: string; readonly traceId: string }): Record<string, unknown> {
  return {
    type: `urn:problem:channel-hub:${problem.code}`,
    title: TITLES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.message,
    instance: request.path,
    code: problem.code,
    params: problem.params,
    trace_id: request.traceId,
    errors: problem.errors,
    retryable: problem.status === 429 || problem.status === 503 || problem.code === 'idempotency-in-flight',
  }
}

export function problemResponse(problem: Problem, request: { readonly path: string; readonly traceId: string }): Response {
  const headers: Record<string, string> = { 'content-type': 'application/problem+json', 'cache-control': 'no-store' }
  if (problem.retryAfterSeconds !== undefined) headers['retry-after'] = String(Math.ceil(problem.retryAfterSeconds))
  if (problem.status === 401) headers['www-authenticate'] = 'Bearer realm="channel-hub"'
  return new Response(JSON.stringify(problemDocument(problem, request)), { status: problem.status, headers })
}
