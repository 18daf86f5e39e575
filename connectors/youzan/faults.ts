import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { quotedWords } from '../../src/kit/vendor-words.ts'

/** Numbers of the gateway itself (`gw_err_resp.err_code`) and of the door that hands out tokens. */
const GATEWAY: ReadonlyMap<string, FaultKind> = new Map([
  ['4001', 'misconfigured'],
  ['4004', 'misconfigured'],
  ['4005', 'misconfigured'],
  ['4007', 'misconfigured'],
  ['4008', 'refused'],
  ['4009', 'refused'],
  ['4010', 'misconfigured'],
  ['4101', 'throttled'],
  ['4201', 'unauthorized'],
  ['4202', 'unauthorized'],
  ['4203', 'unauthorized'],
  ['4204', 'misconfigured'],
  ['5001', 'transient'],
  ['5002', 'transient'],
  ['5003', 'transient'],
  ['1000', 'unauthorized'],
  ['1004', 'unauthorized'],
  ['1005', 'unauthorized'],
  ['1103', 'unauthorized'],
  ['1105', 'misconfigured'],
])

/** Numbers of the services behind it; every other one refuses this request and no more. */
const SERVICES: ReadonlyMap<string, FaultKind> = new Map([
  ['500100004', 'throttled'],
  ['123000042', 'throttled'],
  ['141500203', 'throttled'],
  ['-100', 'transient'],
  ['106000001', 'transient'],
  ['106100118', 'transient'],
  // The same package is being sent at this moment: it may come through.
  ['102510001', 'transient'],
  ['105000016', 'missing'],
  ['106000004', 'missing'],
  ['106100110', 'missing'],
  ['103011024', 'missing'],
  ['103010052', 'missing'],
  ['122001001', 'missing'],
  ['123005001', 'missing'],
  ['123004002', 'missing'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['1000', 'the app’s secret was not accepted'],
  ['1004', 'the shop’s grant has run out'],
  ['1103', 'the client id is wrong, or this shop has not granted the app'],
  ['1105', 'apps of this kind get their tokens another way: a refresh token belongs to apps of the market only'],
  ['4101', 'too many calls, or the month’s quota is used up'],
  ['4201', 'the shop’s grant has ended or was taken back'],
  ['4202', 'the token has ended'],
  ['4203', 'the token is not known'],
  ['4204', 'the app lacks the capability for this interface'],
])

/** The channel asks to wait 3, 6, 12, 24, 48 seconds; it never says how long. */
const THROTTLED_MS = 3000
/** Errors are short, and pages of orders are not worth parsing twice. */
const LONGEST_ERROR = 8000

/**
 * Errors come under HTTP 200 in four dresses: `gw_err_resp` of the gateway, `error_response` of old interfaces, `success: false`
 * of the services, and the same of the token door. Undefined when the answer is none of them.
 */
export function classify(status: number, body: string): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  const gateway = field(doc, 'gw_err_resp')
  const old = field(doc, 'error_response')
  const code = textField(gateway, 'err_code') ?? textField(old, 'code') ?? (field(doc, 'success') === false ? textField(doc, 'code') : undefined)
  if (code === undefined) return undefined
  const said = textField(gateway, 'err_msg') ?? textField(old, 'msg') ?? textField(old, 'message') ?? textField(doc, 'message') ?? ''
  const kind = kindOf(code, said)
  const why = /源IP|白名单/.test(said) ? 'this machine is not on the app’s list of allowed IPs' : EXPLAINED.get(code)
  return {
    kind,
    status,
    code,
    message: `Youzan answered ${code}${why !== undefined ? `: ${why}` : kind === 'refused' ? quotedWords(said) : ''}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}

function kindOf(code: string, said: string): FaultKind {
  const known = GATEWAY.get(code) ?? SERVICES.get(code)
  if (known !== undefined) return known
  if (/限流|频繁|rate limit/i.test(said)) return 'throttled'
  // After such a write nobody knows whether it was carried out.
  if (/超时|系统异常|系统繁忙|timed? ?out/i.test(said)) return 'transient'
  // 5000 and 50000 stand for anything; only their words tell a missing order from a wrong parameter.
  return /^50{3,4}$/.test(code) && /not found|不存在/i.test(said) ? 'missing' : 'refused'
}
