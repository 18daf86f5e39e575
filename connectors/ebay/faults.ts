import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, listField, parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Numbers of REST errors that ask for something else than what their status says. */
const REST: ReadonlyMap<string, FaultKind> = new Map([
  ['1001', 'unauthorized'],
  ['1002', 'unauthorized'],
  ['1003', 'unauthorized'],
  ['1100', 'misconfigured'],
  ['2001', 'throttled'],
  ['25001', 'transient'],
  ['30500', 'transient'],
  ['195000', 'transient'],
  ['32100', 'missing'],
  ['25702', 'missing'],
  ['25710', 'missing'],
])

/** Numbers of the Trading API, which come under HTTP 200. */
const TRADING: ReadonlyMap<string, FaultKind> = new Map([
  ['931', 'unauthorized'],
  ['932', 'unauthorized'],
  ['16110', 'unauthorized'],
  ['21916984', 'unauthorized'],
  ['21917053', 'unauthorized'],
  ['518', 'throttled'],
  ['21919144', 'throttled'],
  ['10007', 'transient'],
  ['17', 'missing'],
])

/** Words of the token door. */
const TOKEN: ReadonlyMap<string, FaultKind> = new Map([
  ['invalid_grant', 'unauthorized'],
  ['invalid_client', 'unauthorized'],
  ['invalid_scope', 'misconfigured'],
  ['unsupported_grant_type', 'misconfigured'],
  ['invalid_request', 'misconfigured'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['1001', 'the access token was not accepted'],
  ['1100', 'the seller’s agreement does not cover this call'],
  ['2001', 'the day’s calls are used up, or too many came at once'],
  ['518', 'the day’s calls are used up'],
  ['invalid_grant', 'the seller has to agree again: the refresh token has ended or was taken back'],
  ['invalid_client', 'App ID and Cert ID do not fit together'],
  ['invalid_scope', 'the seller agreed to fewer scopes than the hub asks for'],
])

/** Where eBay does not say how long: its short limits are counted over a quarter of a minute, the others over a day. */
const THROTTLED_MS = 60_000
/** Errors are short, and pages of orders are not worth parsing twice. */
const LONGEST_ERROR = 20_000

/**
 * REST errors stand in `errors`, those of the token door in `error`, those of the Trading API as XML under HTTP 200. An answer that
 * tells items apart (`responses`) is no error as a whole. Undefined for anything else.
 */
export function classify(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Fault | undefined {
  if (body.length > LONGEST_ERROR) return undefined
  if (/^\s*<\?xml|^\s*<\w+Response\b/.test(body)) return ofTrading(status, body)
  if (!/^\s*\{/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  if (field(doc, 'responses') !== undefined) return undefined
  const [first] = listField(doc, 'errors')
  const code = first === undefined ? textField(doc, 'error') : textField(first, 'errorId')
  if (code === undefined || code === '') return undefined
  const kind = first === undefined ? TOKEN.get(code) : REST.get(code)
  return faultOf({ status, code, kind: kind ?? ofStatus(status), saysWhen: /^\s*\d+\s*$|[a-z]/i.test(headers['retry-after'] ?? '') })
}

function ofTrading(status: number, body: string): Fault | undefined {
  if (!/<Ack>Failure<\/Ack>/.test(body)) return undefined
  // Warnings may stand before the error that stopped the call.
  const errors = [...body.matchAll(/<Errors>([\s\S]*?)<\/Errors>/g)].map(([, each = '']) => each)
  const fatal = errors.find((each) => !/<SeverityCode>Warning</.test(each)) ?? errors[0] ?? ''
  const code = /<ErrorCode>(\d{1,12})<\/ErrorCode>/.exec(fatal)?.[1] ?? 'failure'
  return faultOf({ status, code, kind: TRADING.get(code) ?? 'refused', saysWhen: false })
}

function ofStatus(status: number): FaultKind {
  if (status === 429) return 'throttled'
  if (status === 401) return 'unauthorized'
  if (status === 403) return 'misconfigured'
  if (status === 404) return 'missing'
  return status >= 500 ? 'transient' : 'refused'
}

interface Read {
  readonly status: number
  readonly code: string
  readonly kind: FaultKind
  /** The answer names a time to wait, which goes before ours. */
  readonly saysWhen: boolean
}

function faultOf({ status, code, kind, saysWhen }: Read): Fault {
  const why = EXPLAINED.get(code)
  return {
    kind,
    status,
    code,
    message: `eBay answered ${code}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' && !saysWhen ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}
