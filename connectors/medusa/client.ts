import type { HttpRequest } from '../../src/core/connector.ts'
import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { parseJson } from '../../src/kit/json.ts'
import { doubted } from '../../src/kit/outcomes.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'
import type { MedusaCall } from './manifest.ts'

/** Query values; a list repeats its name as `name[]`. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export interface Answer {
  /** As received: raw documents are slices of it. */
  readonly body: string
  readonly doc: unknown
}

/** A read. Safe to repeat. */
export const get = (call: MedusaCall, path: string, query: Query = {}): Promise<Answer> =>
  send(call, { method: 'GET', path: `${path}${searchOf(query)}` })

/** A write: one attempt. An accident behind Medusa's door says nothing about what was done. */
export const post = (call: MedusaCall, path: string, body: unknown): Promise<Answer> =>
  send(call, { method: 'POST', path, body }).catch((error: unknown) => {
    throw doubted(error, (code) => code !== 'conflict')
  })

function searchOf(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (typeof value === 'string' || typeof value === 'number') search.append(name, String(value))
    else for (const one of value ?? []) search.append(`${name}[]`, one)
  }
  return search.size === 0 ? '' : `?${search.toString()}`
}

interface Request {
  readonly method: HttpRequest['method']
  readonly path: string
  readonly body?: unknown
}

/** The secret key is the user name of basic authentication, with an empty password. */
async function send(call: MedusaCall, { method, path, body }: Request): Promise<Answer> {
  const response = await call.http({
    method,
    url: `${call.config.url.replace(/\/+$/, '')}/admin/${path}`,
    headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    idempotent: method === 'GET',
    maxBytes: 50_000_000,
    sign: ({ url }) => ({ url, headers: { authorization: `Basic ${Buffer.from(`${call.secrets.apiKey}:`).toString('base64')}` } }),
  })
  return { body: response.body, doc: parseJson(response.body) }
}

/** Errors are `{ type, message, code }` (framework `error-handler`); without a known type the HTTP status decides. */
const KINDS: ReadonlyMap<string, FaultKind> = new Map([
  ['not_found', 'missing'],
  ['not_allowed', 'refused'],
  ['invalid_data', 'refused'],
  ['duplicate_error', 'refused'],
  ['payment_authorization_error', 'refused'],
  ['payment_requires_more_error', 'refused'],
  ['insufficient_inventory', 'refused'],
  ['unauthorized', 'unauthorized'],
  ['forbidden', 'unauthorized'],
  ['conflict', 'transient'],
  ['QueryRunnerAlreadyReleasedError', 'transient'],
  ['TransactionAlreadyStartedError', 'transient'],
  ['TransactionNotStartedError', 'transient'],
])

const LONGEST_ERROR = 20_000

/** Undefined when the answer is no error of Medusa's. Its sentence may quote what was sent: only its known causes are repeated. */
export function classify(status: number, body: string): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body) || !body.includes('"message"')) return undefined
  const doc = parsedOrNothing(body)
  const [type, message] = [textField(doc, 'type'), textField(doc, 'message')]
  if (message === undefined || (status < 400 && !/too many requests/i.test(message))) return undefined
  if (status === 429 || /too many requests/i.test(message))
    return { kind: 'throttled', status, code: type ?? 'too_many_requests', message: 'The shop asks to wait.', retryAfterMs: 10_000 }
  if (type === undefined && status !== 401) return undefined
  const kind = type === undefined ? 'unauthorized' : (KINDS.get(type) ?? (status >= 500 ? 'transient' : status === 404 ? 'missing' : 'refused'))
  const code = (type ?? 'unauthorized').replace(/[^\w-]/g, '').slice(0, 60)
  const why = CAUSES.find((cause) => cause.test(message))
  return { kind, status, code, message: `Medusa answered ${code}${why === undefined ? '' : `: ${why.exec(message)?.[0] ?? ''}`}.` }
}

/** Sentences of Medusa's order and inventory workflows that say why, without what they are about. */
const CAUSES: readonly RegExp[] = [
  /Quantity to fulfill exceeds the reserved quantity/,
  /Shipment has already been created/,
  /All fulfillments must be canceled before canceling an order/,
  /has been canceled/,
  /is not stocked at location/,
  /Not enough stock available/,
  /Unauthorized/,
]
