import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { listField, parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Codes whose meaning is not that of their category. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['RATE_LIMITED', 'throttled'],
  ['NOT_FOUND', 'missing'],
  ['INTERNAL_SERVER_ERROR', 'transient'],
  ['BAD_GATEWAY', 'transient'],
  ['GATEWAY_TIMEOUT', 'transient'],
  ['REQUEST_TIMEOUT', 'transient'],
  ['SERVICE_UNAVAILABLE', 'transient'],
  ['TEMPORARY_ERROR', 'transient'],
  ['INVALID_SQUARE_VERSION_FORMAT', 'misconfigured'],
  ['API_VERSION_INCOMPATIBLE', 'misconfigured'],
  ['APPLICATION_DISABLED', 'misconfigured'],
  ['INSUFFICIENT_SCOPES', 'unauthorized'],
])

const CATEGORIES: ReadonlyMap<string, FaultKind> = new Map([
  ['RATE_LIMIT_ERROR', 'throttled'],
  ['AUTHENTICATION_ERROR', 'unauthorized'],
  ['MERCHANT_SUBSCRIPTION_ERROR', 'misconfigured'],
  ['INVALID_REQUEST_ERROR', 'refused'],
  ['REFUND_ERROR', 'refused'],
  ['PAYMENT_METHOD_ERROR', 'refused'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['ACCESS_TOKEN_EXPIRED', 'the access token has ended'],
  ['ACCESS_TOKEN_REVOKED', 'the seller took the authorisation back'],
  ['UNAUTHORIZED', 'the access token was not accepted'],
  ['FORBIDDEN', 'the token may not do this here'],
  ['INSUFFICIENT_SCOPES', 'the seller has not granted what this needs'],
  ['VERSION_MISMATCH', 'the order has changed meanwhile'],
])

/** When Square says "too many" it does not say for how long. */
const THROTTLED_MS = 5000
/** Errors are short, and pages of orders are not worth parsing twice. */
const LONGEST_ERROR = 20_000

/**
 * Errors are a list of category, code, field and a sentence for people; the sentence may quote what was sent and is left out.
 * Beside an answer of success the list is empty or absent. Undefined when the answer is no error of Square's.
 */
export function classify(status: number, body: string, headers: Readonly<Record<string, string>>): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body) || !body.includes('"errors"')) return undefined
  const doc = parsedOrNothing(body)
  const [first] = listField(doc, 'errors')
  const category = textField(first, 'category') ?? ''
  const code = textField(first, 'code')
  if (code === undefined || (status < 400 && category === '')) return undefined
  const said = headers['retry-after']?.trim() ?? ''
  const known = CODES.get(code) ?? CATEGORIES.get(category) ?? (status >= 500 || category === 'API_ERROR' ? 'transient' : 'refused')
  // "Not available now" with a time to wait is another way to say "later".
  const kind = status === 503 && said !== '' ? 'throttled' : known
  const field = textField(first, 'field')?.replace(/[^\w.[\]]/g, '')
  const why = EXPLAINED.get(code) ?? (field === undefined || field === '' ? undefined : `about ${field.slice(0, 80)}`)
  return {
    kind,
    status,
    code,
    message: `Square answered ${code.slice(0, 60)}${why === undefined ? '' : `: ${why}`}.`,
    // A wait that Square names itself is read from the header.
    ...(kind === 'throttled' && !/^\d+$|[a-z]/i.test(said) ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}
