import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Words of the platform, and numbers of the services behind it. A number that is not among them refuses this request and no more. */
const KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ...[
    'IllegalAccessToken',
    'InvalidAccessToken',
    'MissingAccessToken',
    'AccessTokenInvalid',
    'AccessTokenExpired',
    'IllegalRefreshToken',
    'InvalidRefreshToken',
    'InvalidCode',
  ].map((code) => [code, 'unauthorized'] as const),
  ...[
    'IncompleteSignature',
    'InvalidSignature',
    'InvalidSignMethod',
    'IllegalTimestamp',
    'InvalidTimestamp',
    'InvalidAppKey',
    'APP_KEY_INVALID',
    'AppNotSubscribed',
    'MissingPartner',
    'MissingParameter',
    'InvalidApi',
    'InvalidApiPath',
    'UnsupportedHTTPMethod',
    'InvalidFormat',
    'AppWhiteIpLimit',
    'InsufficientPermission',
    'AUTH_TYPE_UNSUPPORTED',
    'SellerNotVerified',
    'Mp3SellerApiLimit',
  ].map((code) => [code, 'misconfigured'] as const),
  ...['ApiCallLimit', 'AppCallLimit', 'SellerCallLimit', 'IopSystemFlowlimit', 'ServiceCurrentlimit', '901'].map(
    (code) => [code, 'throttled'] as const,
  ),
  // 106 is "ROC internal error" on every page about reverse orders, the one that decides a cancellation among them.
  ...['ServiceTimeout', 'ServiceUnavailable', 'RPC_ERROR', '6', '106', '513', '1000', '40011', '700024'].map((code) => [code, 'transient'] as const),
  // No such order, order item, reverse order, SKU or item in this shop.
  ...['16', '37', '39', '105', '112', '125', '207', '208', '700021', '700025', 'EDIT_ITEM_NOT_BELONG_SELLER'].map(
    (code) => [code, 'missing'] as const,
  ),
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['IllegalAccessToken', 'the access token has ended or was taken back'],
  ['IncompleteSignature', 'the signature was refused: check the app secret'],
  ['InvalidAppKey', 'the app key is not known'],
  ['AppWhiteIpLimit', 'the address of this machine is not on the app’s list'],
  ['InsufficientPermission', 'the app lacks the permission for this interface'],
  ['AppNotSubscribed', 'the seller has not subscribed to the app'],
  ['ApiCallLimit', 'too many calls'],
  ['SellerNotVerified', 'the shop has not finished its opening'],
  ['Mp3SellerApiLimit', 'shops in ease mode (MP3) may not call this interface'],
])

/** Where the channel does not say for how many seconds it shuts callers out. */
const THROTTLED_MS = 1000
/** Errors are short, and pages of orders are not worth parsing twice. */
const LONGEST_ERROR = 8000
/** An error that names its SKUs one by one: whoever wrote the levels reads it. */
export const PARTIAL = '501'

/**
 * Errors come under HTTP 200 as `code`, `type` (SYSTEM, ISV, ISP) and `message`. Undefined where the answer is none, and for the
 * one that says which of several SKUs it is about.
 */
export function classify(status: number, body: string): Fault | undefined {
  if (body.length > LONGEST_ERROR || !/^\s*\{/.test(body)) return undefined
  const doc = parsedOrNothing(body)
  const code = textField(doc, 'code')
  if (code === undefined || code === '0' || (code === PARTIAL && field(doc, 'detail') !== undefined)) return undefined
  const fault = faultOfAnswer(doc)
  // What broke on the way may have happened all the same, whatever its word.
  return { ...fault, status, kind: status >= 500 && (fault.kind === 'refused' || fault.kind === 'missing') ? 'transient' : fault.kind }
}

/** The fault an answer with another code than "0" stands for. The message of the channel may quote what was sent and is not passed on. */
export function faultOfAnswer(doc: unknown): Fault {
  const code = textField(doc, 'code') ?? ''
  const [type, said] = [textField(doc, 'type') ?? '', textField(doc, 'message') ?? '']
  const kind = kindOf(code, type, said)
  const why = EXPLAINED.get(code)
  return {
    kind,
    code,
    message: `Lazada answered ${code}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' ? { retryAfterMs: banOf(said) } : {}),
  }
}

function kindOf(code: string, type: string, said: string): FaultKind {
  const known = KINDS.get(code)
  if (known !== undefined) return known
  if (/access frequency exceeds|too frequent|CallLimit/i.test(`${said} ${code}`)) return 'throttled'
  // Words of the platform or of what it could not reach; a number is the answer of the service itself.
  return !/^\d+$/.test(code) && (type === 'SYSTEM' || type === 'ISP') ? 'transient' : 'refused'
}

/** "this ban will last 3 seconds" */
function banOf(said: string): number {
  const seconds = Number(/last (?:for )?(\d{1,6})/i.exec(said)?.[1] ?? 0)
  return Math.min(Math.max(seconds * 1000, THROTTLED_MS), 900_000)
}
