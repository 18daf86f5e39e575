import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { quotedWords } from '../../src/kit/vendor-words.ts'

/** Errors of the gateway, as the page of every interface lists them. What is missing here comes from the service behind it. */
const GATEWAY: ReadonlyMap<string, FaultKind> = new Map([
  ['10001', 'misconfigured'],
  ['10016', 'misconfigured'],
  ['10017', 'misconfigured'],
  ['10018', 'misconfigured'],
  ['10019', 'unauthorized'],
  ['20004', 'misconfigured'],
  ['20005', 'misconfigured'],
  ['20031', 'misconfigured'],
  ['20032', 'unauthorized'],
  ['20034', 'misconfigured'],
  ['20035', 'misconfigured'],
  ['30000', 'misconfigured'],
  ['30001', 'misconfigured'],
  ['50000', 'transient'],
  ['50002', 'transient'],
  ['52001', 'transient'],
  ['52002', 'transient'],
  ['52003', 'transient'],
  ['52101', 'throttled'],
  ['52102', 'transient'],
  ['52103', 'transient'],
  ['70031', 'throttled'],
  ['70032', 'misconfigured'],
  ['70033', 'transient'],
  ['70034', 'misconfigured'],
  ['70035', 'misconfigured'],
  ['70036', 'throttled'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['10001', 'a common parameter was refused, the time stamp among them: check the clock of this machine'],
  ['10016', 'the client id is not known or the app is offline'],
  ['10019', 'the access token has ended: authorise again'],
  ['20004', 'the signature was refused: check the client secret'],
  ['20005', 'this address is not on the list of allowed ones'],
  ['20031', 'the app or the seller lacks the permission for this interface'],
  ['20032', 'the access token is not of this client'],
  ['20035', 'this interface belongs to another gateway: check the address'],
  ['52101', 'the interface is called too often'],
  ['70031', 'called too often'],
  ['70036', 'the app is in its trial and used up its calls'],
])

/** The channel never says how long to wait. Its shortest limits count ten seconds, the others a minute. */
const THROTTLED_MS = 10_000
/** "The order is not of this shop or does not exist": code 45001 of the service behind. */
const ABSENT = /不存在|not exist/i

/** The shop may have no more recipients opened today. */
const SPENT = /解密\S{0,8}(?:上限|额度|超限)/

/** Errors come under HTTP 200 as `{"error_response":{error_code,error_msg,sub_code,sub_msg,request_id}}`. Undefined when the answer carries none. */
export function classify(status: number, body: string): Fault | undefined {
  if (!/^\s*\{\s*"error_response"/.test(body.slice(0, 200))) return undefined
  const error = field(parsedOrNothing(body), 'error_response')
  const code = textField(error, 'error_code')
  if (code === undefined) return undefined
  const sub = textField(error, 'sub_code') ?? ''
  const isAbsent = sub === '45001' || ABSENT.test(`${textField(error, 'sub_msg') ?? ''} ${textField(error, 'error_msg') ?? ''}`)
  const kind = GATEWAY.get(code) ?? (isAbsent ? 'missing' : 'refused')
  const why = SPENT.test(textField(error, 'sub_msg') ?? '') ? 'the shop’s decryptions of the day are used up' : EXPLAINED.get(code)
  const shown = sub === '' || sub === code ? code : `${code}:${sub.slice(0, 40)}`
  return {
    kind,
    status,
    code: shown,
    message: `Pinduoduo answered ${shown}${why !== undefined ? `: ${why}` : kind === 'refused' ? quotedWords(textField(error, 'sub_msg') ?? textField(error, 'error_msg') ?? '') : ''}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}
