import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'
import { quotedWords } from '../../src/kit/vendor-words.ts'

/** The vendor's table of basic codes (op.jinritemai.com/docs/guide-docs/212/1427); what the sub-code says goes first. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['20000', 'transient'],
  ['20001', 'transient'],
  ['30001', 'misconfigured'],
  ['30002', 'misconfigured'],
  ['40001', 'misconfigured'],
  ['40003', 'misconfigured'],
  ['50001', 'transient'],
  ['60000', 'throttled'],
  ['70000', 'misconfigured'],
  ['90000', 'transient'],
])

/** The authorisation is at fault: a new token, or the seller, helps. */
const UNAUTHORISED =
  /^isv\.access-token-|^dop\.authorization-|^dop\.token-generate-failed:\s*(?:code|token|no-authorization)|^isv\.business-failed:31009$/
const MISCONFIGURED = /^dop\.token-generate-failed|^isv\.env-suspected$/

/** Orders, after-sales, products that are not there or belong to another shop: the sub-codes of the interfaces that are called here. */
const MISSING = /^isv\.parameter-invalid:(?:20001|20014|60033|11003|4|5)$|^isv\.business-failed:(?:20015|60033|60101|2010058)$/

/** "The system is busy, try again later", which comes under the code of a refusal as well. */
const BUSY = /系统繁忙|稍后(?:重试|再试)|超时|连接错误/

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['isv.app-permissions-insufficient', 'the app lacks the permission for this interface'],
  ['dop.authorization-no-existed', 'the shop’s authorisation has ended: authorise again'],
  ['dop.authorization-closed', 'the shop has switched its authorisation off'],
  ['dop.app-forbidden', 'the app was blocked'],
  ['isv.access-token-expired', 'the access token has ended'],
  ['isv.access-token-no-existed', 'the access token is not known'],
  ['isv.access-token-invalid', 'the access token belongs to another app'],
  ['isv.signature-invalid', 'the signature was refused: check app secret and signing method'],
  ['isv.app-id-invalid', 'the app key is not one of this channel'],
  ['isv.timestamp-invalid', 'the clock of this machine is off'],
])

/** The shop may have no more recipients opened today, under whichever code it is told. */
const SPENT = /解密\S{0,8}(?:上限|额度|超限)/

/** The channel does not say for how long; its advice is to begin with a second and to double it. */
const THROTTLED_MS = 2000
/** `"code":10000` stands at one of the ends of an answer that went well. */
const WELL = /"code"\s*:\s*"?10000\b/

/** Errors come under HTTP 200 as `{code,msg,sub_code,sub_msg,log_id}`. Undefined when the answer carries none. */
export function classify(status: number, body: string): Fault | undefined {
  if (!body.trimStart().startsWith('{') || WELL.test(body.slice(0, 300)) || WELL.test(body.slice(-300))) return undefined
  const doc = parsedOrNothing(body)
  const code = textField(doc, 'code')
  if (code === undefined || !/^\d{5}$/.test(code) || code === '10000') return undefined
  const sub = (textField(doc, 'sub_code') ?? '').trim()
  const said = textField(doc, 'sub_msg') ?? ''
  const kind = kindOf(code, sub, said)
  const why =
    (SPENT.test(said) ? 'the shop’s decryptions of the day are used up' : EXPLAINED.get(sub)) ??
    (code === '30002' ? 'the address of this hub is not on the app’s list' : undefined)
  return {
    kind,
    status,
    code: sub === '' ? code : `${code}:${sub.slice(0, 80)}`,
    message: `Douyin answered ${code}${sub === '' ? '' : ` (${sub.slice(0, 80)})`}${why !== undefined ? `: ${why}` : kind === 'refused' ? quotedWords(said) : ''}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}

function kindOf(code: string, sub: string, said: string): FaultKind {
  if (SPENT.test(said)) return 'refused'
  if (/traffic-limited|flow-?(?:control|limit)/.test(sub)) return 'throttled'
  if (UNAUTHORISED.test(sub)) return 'unauthorized'
  if (MISCONFIGURED.test(sub)) return 'misconfigured'
  if (MISSING.test(sub)) return 'missing'
  const known = CODES.get(code)
  if (known !== undefined) return known
  return sub.startsWith('isp.') || BUSY.test(said) ? 'transient' : 'refused'
}

/**
 * Accidents behind the gateway, after which nobody knows whether a write was carried out: everything the channel wants tried again, since
 * "busy" and "timed out" come under the codes of refusals as well. Faults without a code of the channel's own never reached it.
 */
export const isAccident = (code: string): boolean => /^\d{5}(?::|$)/.test(code)
