import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { listField, parsedOrNothing, textField } from '../../src/kit/read.ts'

const CODES: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ['INTERNAL_SERVER_ERROR', 'transient'],
  ['UNAUTHORIZED', 'unauthorized'],
  ['PAYMENT_REQUIRED', 'misconfigured'],
  ['FORBIDDEN', 'misconfigured'],
  ['NOT_FOUND', 'missing'],
  ['UNSUPPORTED_MEDIA_TYPE', 'misconfigured'],
  ['RATE_LIMITED', 'throttled'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['UNAUTHORIZED', 'the access token was not accepted'],
  ['PAYMENT_REQUIRED', 'the account’s plan does not include this; receipts older than 31 days need the add-on for sales history'],
  ['FORBIDDEN', 'the token may not do this'],
  ['RATE_LIMITED', 'too many calls'],
])

/** Where the channel does not name a wait. */
const THROTTLED_MS = 10_000
/** Errors are short; pages of receipts are not worth parsing twice. */
const LONGEST_ERROR = 20_000

/** `{"errors":[{"code","details","field"}]}`; the words may quote what was sent and are left out. Undefined when the answer carries none. */
export function classify(status: number, body: string, headers: Readonly<Record<string, string>>): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body) || !body.includes('"errors"')) return undefined
  const [first] = listField(parsedOrNothing(body), 'errors')
  const code = textField(first, 'code')
  if (code === undefined) return undefined
  const said = headers['retry-after']?.trim() ?? ''
  const known = CODES.get(code) ?? (status >= 500 ? 'transient' : 'refused')
  const kind = status === 503 && said !== '' ? 'throttled' : known
  const name = textField(first, 'field')?.replace(/[^\w.[\]]/g, '')
  const why = EXPLAINED.get(code) ?? (name === undefined || name === '' ? undefined : `about ${name.slice(0, 80)}`)
  return {
    kind,
    status,
    code,
    message: `Loyverse answered ${code.slice(0, 60)}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' && !/^\d+$|[a-z]/i.test(said) ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}
