import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { listField, parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Codes of `errors[].code`; any other is read by its status. The vendor spells some of them in two ways. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['QuotaExceeded', 'throttled'],
  ['TooManyRequests', 'throttled'],
  ['InvalidInput', 'refused'],
  ['Invalid Input', 'refused'],
  ['BAD_REQUEST', 'refused'],
  ['InvalidRequest', 'refused'],
  ['NotFound', 'missing'],
  ['NOT_FOUND', 'missing'],
  ['InternalFailure', 'transient'],
  ['ServiceUnavailable', 'transient'],
])

/** What Login with Amazon says in `error`. */
const LOGIN: ReadonlyMap<string, readonly [FaultKind, string]> = new Map([
  ['invalid_grant', ['unauthorized', 'the refresh token is wrong, or the seller took the authorisation back']],
  ['invalid_client', ['unauthorized', 'the client id or its secret is wrong']],
  ['unauthorized_client', ['misconfigured', 'the refresh token belongs to another app']],
  ['unsupported_grant_type', ['misconfigured', 'the app may not log in this way']],
  ['invalid_request', ['misconfigured', 'the login lacks something']],
  ['invalid_scope', ['misconfigured', 'the app lacks a scope']],
])

const LONGEST_ERROR = 20_000
/** When "too many" comes without a rate. */
const USUAL_WAIT_MS = 60_000
const LONGEST_WAIT_MS = 15 * 60_000

/** `errors[]` of the interfaces and `error` of the login. Undefined when the answer is neither. */
export function classify(status: number, body: string, headers: Readonly<Record<string, string>>): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  const login = textField(doc, 'error')
  if (login !== undefined && status >= 400) {
    const [kind, why] = LOGIN.get(login) ?? [status >= 500 ? 'transient' : 'misconfigured', 'the login was refused']
    return { kind, status, code: login, message: `Login with Amazon answered ${login}: ${why}.` }
  }
  const [first] = listField(doc, 'errors')
  const code = textField(first, 'code')
  if (code === undefined) return undefined
  if (status === 401 || status === 403 || code === 'Unauthorized') return denied(status, code, first)
  const kind = CODES.get(code) ?? kindOf(status)
  // A wait that is named goes before everything we know.
  const isNamed = /^\d|[a-z]/i.test(headers['retry-after'] ?? '')
  if (status === 503 && isNamed) return undefined
  const waits = kind === 'throttled' && !isNamed ? { retryAfterMs: waitOf(headers['x-amzn-ratelimit-limit']) } : {}
  // What is refused is told in the channel's words only as far as they name no address of a buyer: by its code.
  return { kind, status, code, message: `Amazon answered ${status} ${code}.`, ...waits }
}

/**
 * 403 means a token that ended, or one that may not do this: only the words tell them apart. With a role or an authorisation
 * missing a new token changes nothing.
 */
function denied(status: number, code: string, error: unknown): Fault {
  const said = `${textField(error, 'message') ?? ''} ${textField(error, 'details') ?? ''}`
  return /token/i.test(said)
    ? { kind: 'unauthorized', status, code, message: 'Amazon answered that the access token has ended or is not valid.' }
    : { kind: 'misconfigured', status, code, message: 'Amazon denied access: the app lacks the role for this, or the seller has not authorised it.' }
}

const kindOf = (status: number): FaultKind => (status === 429 ? 'throttled' : status === 404 ? 'missing' : status >= 500 ? 'transient' : 'refused')

/** The rate in calls a second: the next one is free after its inverse. */
function waitOf(rate: string | undefined): number {
  const perSecond = Number(rate)
  return rate !== undefined && perSecond > 0 ? Math.min(Math.ceil(1000 / perSecond), LONGEST_WAIT_MS) : USUAL_WAIT_MS
}
