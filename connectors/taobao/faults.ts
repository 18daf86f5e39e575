import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { quotedWords } from '../../src/kit/vendor-words.ts'

/** Numbered errors of the gateway itself (TOP documentation, table of platform errors); 15, 40 and above come from the service behind. */
const PLATFORM: ReadonlyMap<number, FaultKind> = new Map([
  [4, 'throttled'],
  [5, 'throttled'],
  [6, 'throttled'],
  [7, 'throttled'],
  [8, 'throttled'],
  [9, 'misconfigured'],
  [10, 'transient'],
  [11, 'misconfigured'],
  [12, 'misconfigured'],
  [13, 'misconfigured'],
  [15, 'transient'],
  [21, 'misconfigured'],
  [22, 'misconfigured'],
  [23, 'misconfigured'],
  [24, 'misconfigured'],
  [25, 'misconfigured'],
  [26, 'unauthorized'],
  [27, 'unauthorized'],
  [28, 'misconfigured'],
  [29, 'misconfigured'],
  [30, 'misconfigured'],
  [31, 'misconfigured'],
  [32, 'misconfigured'],
  [33, 'misconfigured'],
  [34, 'misconfigured'],
  [42, 'misconfigured'],
  [53, 'misconfigured'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['7', 'the app is called too often'],
  ['11', 'the app lacks the permission for this interface'],
  ['12', 'this seller has not granted it'],
  ['25', 'the signature was refused: check app secret and signing method'],
  ['26', 'no session was sent'],
  ['27', 'the session has ended or was taken back: authorise again'],
  ['29', 'the app key is not known'],
  ['31', 'the clock of this machine is more than ten minutes off'],
])

/** How long to wait where the channel does not say. */
const THROTTLED_MS = 10_000
const LONGEST_MS = 15 * 60_000

/** Errors come under HTTP 200 as `{"error_response":{code,msg,sub_code,sub_msg}}`. Undefined when the answer carries none. */
export function classify(status: number, body: string): Fault | undefined {
  if (!/^\s*\{\s*"error_response"/.test(body.slice(0, 200))) return undefined
  const error = field(parsedOrNothing(body), 'error_response')
  const code = textField(error, 'code')
  if (code === undefined) return undefined
  const sub = textField(error, 'sub_code') ?? ''
  const kind = kindOf(Number(code), sub)
  const why = EXPLAINED.get(code)
  return {
    kind,
    status,
    code: sub === '' ? code : `${code}:${sub}`,
    message: `Taobao answered ${code}${sub === '' ? '' : ` (${sub.slice(0, 80)})`}${why !== undefined ? `: ${why}` : kind === 'refused' ? quotedWords(textField(error, 'sub_msg') ?? '') : ''}.`,
    ...(kind === 'throttled' ? { retryAfterMs: banMs(textField(error, 'sub_msg') ?? '') } : {}),
  }
}

function kindOf(code: number, sub: string): FaultKind {
  if (/^accesscontrol\.|limit-control|limit_control|call-limited|flow-?control|too-frequent/i.test(sub)) return 'throttled'
  if (/invalid-session|session-(?:expired|invalid)|sessionkey/i.test(sub)) return 'unauthorized'
  if (sub.startsWith('isp.')) return 'transient'
  const platform = PLATFORM.get(code)
  if (platform !== undefined && platform !== 'transient') return platform
  if (/not-?exist|not-?found/i.test(sub)) return 'missing'
  if (sub.startsWith('isv.')) return 'refused'
  return platform ?? 'refused'
}

/** "This ban will last for 5 more seconds". */
function banMs(text: string): number {
  const seconds = /ban will last for (\d+) more second/i.exec(text)?.[1]
  return seconds === undefined ? THROTTLED_MS : Math.min(LONGEST_MS, Math.max(1, Number(seconds)) * 1000)
}
