import { ChannelError, type Fault, type FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Numbered errors of the gateway (JOS table of platform errors). What is not among them comes from the service behind and concerns one item. */
const PLATFORM: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ['1', 'transient'],
  ['2', 'throttled'],
  ...['3', '4', '5', '6', '7', '9', '10', '11', '12', '13', '14', '15', '16', '20', '21', '22'].map((code) => [code, 'misconfigured'] as const),
  ['18', 'unauthorized'],
  ['19', 'unauthorized'],
  // "Closed for an upgrade, callable again afterwards."
  ['23', 'transient'],
  ['24', 'misconfigured'],
  ['25', 'misconfigured'],
  ['43', 'transient'],
  ['50', 'misconfigured'],
  ...['64', '72', '73', '75', '77', '79', '80'].map((code) => [code, 'misconfigured'] as const),
  ...['65', '66', '67', '69', '78'].map((code) => [code, 'transient'] as const),
  ['71', 'missing'],
  // Codes of the service behind that clients repeat.
  ['999999', 'transient'],
  ['99999999', 'transient'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['2', 'the app is called too often'],
  ['8', 'the clock of this machine is more than six minutes off'],
  ['12', 'the signature was refused: check the app secret'],
  ['19', 'the access token has ended or was taken back: authorise again'],
  ['21', 'the app key is not known'],
  ['22', 'who authorised the app is no merchant'],
  ['24', 'the app lacks the permission for this interface'],
  ['25', 'the app is not online'],
  ['73', 'this interface may only be called from the channel’s own cloud'],
  ['80', 'the address of this machine is not on the app’s list'],
])

/** How long to wait where the channel does not say: it never does. */
const THROTTLED_MS = 30_000

/** The gateway found our time stamp wrong. The client answers it with the channel's own time, so it is no fault yet. */
export const WRONG_CLOCK = '8'

export function faultOfCode(code: string): Fault {
  const kind = code === WRONG_CLOCK ? 'misconfigured' : (PLATFORM.get(code) ?? 'refused')
  const why = EXPLAINED.get(code)
  return {
    kind,
    code,
    message: `JD answered ${code.slice(0, 40)}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}

/** Errors come under HTTP 200 as `{"error_response":{code,zh_desc,en_desc}}`. Undefined when the answer carries none. */
export function classify(status: number, body: string): Fault | undefined {
  const code = errorCode(body)
  return code === undefined || code === WRONG_CLOCK ? undefined : { ...faultOfCode(code), status }
}

/** The number of the gateway's error; undefined when the answer is none. Its descriptions may repeat the token and are left out. */
export function errorCode(body: string): string | undefined {
  if (!/^\s*\{\s*"error_response"/.test(body.slice(0, 200))) return undefined
  return textField(field(parsedOrNothing(body), 'error_response'), 'code')
}

/**
 * The service behind the gateway says in its result whether it did what it was asked: `success`, or `isSuccess` in older
 * ones. @throws ChannelError with the service's own code
 */
export function assertDone(result: unknown, what: string): void {
  const success = textField(result, 'success') ?? textField(result, 'isSuccess')
  if (success === 'true' || success === '1') return
  if (success === undefined)
    throw new ChannelError({ kind: 'unreadable', code: 'unexpected-answer', message: `${what} does not say whether it succeeded.` })
  const code = ['errorCode', 'error_code', 'numberCode', 'englishErrCode', 'english_err_code', 'code', 'resultCode']
    .flatMap((name) => textField(result, name) ?? [])
    .find((value) => !['', '0', '00000', '200'].includes(value))
  const reason =
    textField(result, 'chineseErrCode') ??
    textField(result, 'chinese_err_code') ??
    textField(result, 'errorMsg') ??
    textField(result, 'message') ??
    ''
  const fault = faultOfCode(code ?? 'not-success')
  throw new ChannelError(/不存在|没有找到|未找到|查询不到/u.test(reason) ? { ...fault, kind: 'missing' } : fault)
}
