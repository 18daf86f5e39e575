import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'
import { quotedWords } from '../../src/kit/vendor-words.ts'

/** There is no public table of numbers: these were seen by others, and for the rest the words decide. */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['-9013', 'throttled'],
  ['-2000101', 'missing'],
  ['401', 'unauthorized'],
])
/** "Synchronised, but pieces of unpaid orders could not be taken away": no refusal, and not the level that was wanted. */
export const WRITTEN_IN_PART = '-9028'

const GOOD: ReadonlySet<string> = new Set(['', '0', '200'])

/** In the order they are looked at. */
const WORDS: readonly (readonly [RegExp, FaultKind])[] = [
  [/限流|频繁|rate limit|too many/i, 'throttled'],
  [
    /(?:token|授权)\S{0,10}(?:过期|无效|失效|不存在|错误|expired|invalid)|(?:access_?token|refresh_?token|token) (?:is |has )?(?:invalid|expired)/i,
    'unauthorized',
  ],
  [/签名|sign(?:ature)? (?:error|invalid)|权限|app\S{0,3}(?:不存在|无效)/i, 'misconfigured'],
  [/(?:订单|包裹|商品|售后单?|sku|规格)\S{0,6}不存在|not (?:found|exist)/i, 'missing'],
  [/系统(?:繁忙|异常|错误)|服务(?:繁忙|异常)|超时|稍后再?(?:重试|试)|timed? ?out|system error/i, 'transient'],
]

/** The channel does not say for how long. */
const THROTTLED_MS = 2000
/** Errors are short, and pages of orders are not worth parsing twice. */
const LONGEST_ERROR = 8000

interface Verdict {
  readonly isGood: boolean
  readonly code: string
  readonly said: string
}

/** `{success, error_code, error_msg}` of the gateway; services behind it say `code` and `msg` or `message`. Undefined where there is no verdict. */
function verdictOf(node: unknown): Verdict | undefined {
  const success = field(node, 'success')
  // Whether a service behind it counts from 0 or from 200 is not documented.
  const named = ['error_code', 'errorCode', 'code'].map((name) => textField(node, name)).find((code) => code !== undefined)
  if (typeof success !== 'boolean') return undefined
  const code = named ?? ''
  const said = ['error_msg', 'errorMsg', 'msg', 'message'].map((name) => textField(node, name) ?? '').join(' ')
  return { isGood: code === WRITTEN_IN_PART || (success && GOOD.has(code)), code: GOOD.has(code) ? 'not-successful' : code, said }
}

/** Errors come under HTTP 200; some services wrap their own verdict into that of the gateway. Undefined when the answer is none. */
export function classify(status: number, body: string): Fault | undefined {
  if (body.length > LONGEST_ERROR || !body.trimStart().startsWith('{')) return undefined
  const doc = parsedOrNothing(body)
  const data = field(doc, 'data')
  const bad = [doc, data, field(data, 'response'), field(field(data, 'data'), 'response')].map(verdictOf).find((each) => each?.isGood === false)
  if (!bad) return undefined
  const kind = CODES.get(bad.code) ?? WORDS.find(([words]) => words.test(bad.said))?.[1] ?? 'refused'
  return {
    kind,
    status,
    code: bad.code.slice(0, 60),
    message: `Xiaohongshu answered ${bad.code.slice(0, 60)}${kind === 'refused' ? quotedWords(bad.said) : ''}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}
