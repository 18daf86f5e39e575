import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'

/** `errcode` of the common table (developers.weixin.qq.com/doc/store/API/basics/commErrCode.html) and of the interfaces called here. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['-1', 'transient'],
  ['40001', 'unauthorized'],
  ['40014', 'unauthorized'],
  ['41001', 'unauthorized'],
  ['42001', 'unauthorized'],
  ['40002', 'misconfigured'],
  ['40013', 'misconfigured'],
  ['40125', 'misconfigured'],
  ['40164', 'misconfigured'],
  ['41002', 'misconfigured'],
  ['41004', 'misconfigured'],
  ['45035', 'misconfigured'],
  ['48001', 'misconfigured'],
  ['48004', 'misconfigured'],
  ['50002', 'misconfigured'],
  ['61004', 'misconfigured'],
  ['61007', 'misconfigured'],
  ['10080000', 'misconfigured'],
  ['10080001', 'misconfigured'],
  ['45009', 'throttled'],
  ['45011', 'throttled'],
  ['10020112', 'throttled'],
  ['100002', 'missing'],
  ['10020052', 'missing'],
  ['10020289', 'refused'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['40001', 'the token is not the latest one, or the AppSecret is wrong'],
  ['40013', 'the AppID is wrong'],
  ['40125', 'the AppSecret is wrong'],
  ['40164', 'this machine is not on the shop’s list of allowed IPs'],
  ['42001', 'the token has ended'],
  ['45009', 'the calls of this day are used up'],
  ['45011', 'too many calls this minute'],
  ['45035', 'this machine is not on the shop’s list of allowed IPs'],
  ['48001', 'the shop lacks the permission for this interface'],
  ['48004', 'the interface is forbidden for this shop'],
  ['61004', 'this machine is not on the shop’s list of allowed IPs'],
])

/** Too many calls of a minute end with it; of a day, with midnight: a quarter of an hour between looks. */
const WAIT_MS: ReadonlyMap<string, number> = new Map([
  ['45009', 15 * 60_000],
  ['45011', 60_000],
])
const USUAL_WAIT_MS = 10_000
/** Errors are short; documents are not worth parsing twice. */
const LONGEST_ERROR = 4000

/** Errors come under HTTP 200 as `{"errcode":…,"errmsg":…}`; 0 is none. A machine off the list of allowed IPs may get a bare 403. */
export function classify(status: number, body: string): Fault | undefined {
  if (status === 403) {
    return { kind: 'misconfigured', status, code: '403', message: 'WeChat answered 403: this machine is not on the shop’s list of allowed IPs.' }
  }
  if (body.length > LONGEST_ERROR || !/"errcode"/.test(body)) return undefined
  const code = textField(parsedOrNothing(body), 'errcode')
  if (code === undefined || code === '0') return undefined
  const kind = CODES.get(code) ?? 'refused'
  const why = EXPLAINED.get(code)
  return {
    kind,
    status,
    code,
    message: `WeChat answered ${code}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' ? { retryAfterMs: WAIT_MS.get(code) ?? USUAL_WAIT_MS } : {}),
  }
}
