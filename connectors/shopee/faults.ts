import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Words of `error` that every interface may answer with, and those about the grant. A word before a point ("logistics.") names the module. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  // Both spellings are the vendor's.
  ['invalid_access_token', 'unauthorized'],
  ['invalid_acceess_token', 'unauthorized'],
  ['error_access_token', 'unauthorized'],
  ['error_shop_access_token', 'unauthorized'],
  ['refresh_token_expired', 'unauthorized'],
  ['error_shop_refresh_token', 'unauthorized'],
  ['shop_access_expired', 'unauthorized'],
  ['shop_no_linked', 'unauthorized'],
  ['invalid_code', 'unauthorized'],
  ['error_permission', 'misconfigured'],
  ['error_sign', 'misconfigured'],
  ['invalid_partner_id', 'misconfigured'],
  ['invalid_shop', 'misconfigured'],
  ['error_shop', 'misconfigured'],
  ['invalid_shop_id', 'misconfigured'],
  ['error_partner_key_expired', 'misconfigured'],
  ['source_ip_undeclared', 'misconfigured'],
  ['error_api_call_restricted', 'misconfigured'],
  ['shop_banned', 'misconfigured'],
  ['user_banned', 'misconfigured'],
  ['error_banned', 'misconfigured'],
  ['error_server', 'transient'],
  ['error_network', 'transient'],
  ['error_inner', 'transient'],
  ['error_system_busy', 'transient'],
  ['error_not_found', 'missing'],
  ['order_not_found', 'missing'],
  ['error_order_not_found', 'missing'],
  ['error_item_not_found', 'missing'],
  ['order_not_exist', 'missing'],
  ['package_not_exist', 'missing'],
  ['package_number_not_found', 'missing'],
  ['invalid_error', 'missing'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['invalid_access_token', 'the access token has ended or is not known'],
  ['invalid_acceess_token', 'the access token has ended or is not known'],
  ['shop_access_expired', 'the shop’s authorisation has ended: authorise again'],
  ['shop_no_linked', 'the shop has taken the authorisation back'],
  ['refresh_token_expired', 'the refresh token has ended: authorise again'],
  ['error_permission', 'the app lacks the permission for this interface'],
  ['error_sign', 'the signature was refused: check partner id and key'],
  ['error_partner_key_expired', 'the partner key has ended: make a new one'],
  ['source_ip_undeclared', 'the address of this hub is not on the app’s list'],
])

/** The channel does not say for how long. */
const THROTTLED_MS = 3000
/** Errors are short, and pages of orders are not worth parsing twice; what is longer is looked at by whoever parses it. */
const LONGEST_ERROR = 8000

/** Errors come as `{error,message,request_id}`, under HTTP 200 as well as 4xx. Undefined when the answer carries none. */
export function classify(status: number, body: string): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  const code = (textField(doc, 'error') ?? '').trim()
  return code === '' || code === '-' ? undefined : faultOfCode(code, textField(doc, 'message') ?? '', status)
}

/** One error of the channel. Its message is kept out: it quotes what was sent. */
export function faultOfCode(code: string, said: string, status: number): Fault {
  const named = kindOf(code, said)
  // What broke on the way may have happened all the same, whatever its word.
  const kind = status >= 500 && (named === 'refused' || named === 'missing') ? 'transient' : named
  const why =
    EXPLAINED.get(code) ??
    (kind === 'unauthorized'
      ? 'the authorisation was not accepted'
      : /timestamp/i.test(said)
        ? 'the clock of this machine is off'
        : /no permission to current api/i.test(said)
          ? 'the app lacks the permission for this interface'
          : undefined)
  return {
    kind,
    status,
    code: code.slice(0, 100),
    message: `Shopee answered ${code.slice(0, 100)}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}

function kindOf(code: string, said: string): FaultKind {
  if (/rate_?limit|frequency|too_?many/i.test(code) || /rate limit|too many request|frequency/i.test(said)) return 'throttled'
  const own = code.replace(/^.*\./, '')
  // One word for two things: a token that is not good, and an interface the app may not call.
  if (own === 'error_auth') return /permission/i.test(said) ? 'misconfigured' : 'unauthorized'
  // "Parse data failed" and "data not exist": the second is about what was asked for.
  if (own === 'error_data') return /not exist/i.test(said) ? 'missing' : 'transient'
  if (own === 'error_param' || own === 'error_other') {
    if (/system error|try again later|being allocated/i.test(said)) return 'transient'
    if (/partner_id|timestamp|sign in query|access_token in query/i.test(said)) return 'misconfigured'
    return /not exist|not found/i.test(said) ? 'missing' : 'refused'
  }
  const known = CODES.get(own)
  if (known !== undefined) return known
  return /system error|system busy|inner http call/i.test(said) ? 'transient' : 'refused'
}
