import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { retryAfterMs } from '../../src/kit/http-faults.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Codes of the vendor's page "Common errors" and of the token pages; everything else is a refusal of this one call. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['101000', 'unauthorized'],
  ['105001', 'unauthorized'],
  ['105002', 'unauthorized'],
  ['105003', 'unauthorized'],
  ['105004', 'unauthorized'],
  ['36004004', 'unauthorized'],
  ['105005', 'misconfigured'],
  ['106001', 'misconfigured'],
  ['106013', 'misconfigured'],
  ['36009009', 'misconfigured'],
  ['36009033', 'misconfigured'],
  ['36009002', 'throttled'],
  ['36009003', 'transient'],
  ['36009007', 'transient'],
  ['12001000', 'transient'],
  ['25020008', 'transient'],
])
/** 36009004 is everything that is wrong with the address and headers of a call; its sentence says which. */
const ODD_CALL = '36009004'

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['105001', 'the access token is not known'],
  ['105002', 'the access token has ended'],
  ['105005', 'the app lacks the permission for this interface, or the seller did not grant it: authorise again'],
  ['106001', 'the signature was refused: check app key and secret'],
  ['106013', 'the shop cipher is not one of this authorisation'],
])

/** Where the answer does not say for how long. */
const THROTTLED_MS = 2000
/** How an answer begins that went well; only others are read as a whole. */
const WELL = /^\s*\{\s*"code"\s*:\s*0\s*[,}]/

/** Errors come as `{code,message,request_id}`, under HTTP 200 as well. Undefined when the answer carries none. */
export function classify(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Fault | undefined {
  if (WELL.test(body) || !body.trimStart().startsWith('{')) return undefined
  const doc = parsedOrNothing(body)
  const code = textField(doc, 'code')
  if (code === undefined || code === '0' || !/^\d{3,12}$/.test(code)) return undefined
  const named = kindOf(code, textField(doc, 'message') ?? '')
  // What broke on the way may have happened all the same, whatever its code.
  const kind = status >= 500 && (named === 'refused' || named === 'missing') ? 'transient' : named
  const why =
    EXPLAINED.get(code) ??
    (code === ODD_CALL && kind === 'misconfigured' ? 'the call does not fit the app: check app key, shop cipher and the clock' : undefined)
  return {
    kind,
    status,
    code,
    message: `TikTok Shop answered ${code}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' && retryAfterMs(headers['retry-after'], new Date()) === undefined ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}

const FREQUENT = /too many requests|rate limit|too frequent/i
const BUSY = /internal (?:server )?error|system (?:error|busy)|try again|time[d ]?-?out|service unavailable/i

/** The kind of a code, also of one about a single item of a call. */
export function kindOf(code: string, said: string): FaultKind {
  if (code === ODD_CALL) {
    if (/access[_-]token/i.test(said)) return 'unauthorized'
    return /timestamp|app_key|shop_cipher|shop_id|signature|version/i.test(said) ? 'misconfigured' : 'refused'
  }
  const known = CODES.get(code)
  if (known !== undefined) return known
  if (FREQUENT.test(said)) return 'throttled'
  if (BUSY.test(said)) return 'transient'
  return /not (?:exist|found)|does ?n[o']t exist/i.test(said) ? 'missing' : 'refused'
}
