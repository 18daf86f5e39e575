import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { parsedOrNothing, textField } from '../../src/kit/read.ts'
import { quotedWords } from '../../src/kit/vendor-words.ts'

/**
 * Numbers of the gateway and of the token door, from the vendor's pages and clients. 21 stands for refusals of any kind, so its
 * words decide; every number that is not here refuses the one request.
 */
const CODES: ReadonlyMap<string, FaultKind> = new Map([
  ['15', 'throttled'],
  ['16', 'throttled'],
  ['17', 'throttled'],
  ['1016', 'throttled'],
  ['1017', 'throttled'],
  ['802000', 'throttled'],
  ['802006', 'throttled'],
  ['24', 'unauthorized'],
  ['100200102', 'unauthorized'],
  ['100200105', 'unauthorized'],
  ['100200106', 'unauthorized'],
  ['22', 'misconfigured'],
  ['25', 'misconfigured'],
  ['26', 'misconfigured'],
  ['27', 'misconfigured'],
  ['28', 'misconfigured'],
  ['100200100', 'misconfigured'],
  ['100200101', 'misconfigured'],
  ['100200104', 'misconfigured'],
  ['100200500', 'transient'],
  ['300011', 'missing'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['24', 'the seller took the authorisation back, or it has run out: authorise again'],
  ['26', 'the account of the authorisation does not exist any more'],
  ['27', 'the signature was refused: check sign secret and signing method'],
  ['28', 'the signature was refused: check sign secret and signing method'],
  ['100200101', 'the app is unknown or not in service'],
  ['100200102', 'the refresh token is wrong, spent or taken back: authorise again'],
  ['802006', 'the app’s quota of the day is used up'],
])

/** The shop may have no more recipients opened today. */
const SPENT = /解密\S{0,8}(?:上限|额度|次数)/

/** What is told in words alone, in the order they are looked at. */
const WORDS: readonly (readonly [RegExp, FaultKind])[] = [
  [SPENT, 'refused'],
  [/exceed (?:qps|quota) limit|限流|调用额度|频繁/i, 'throttled'],
  [/token\S{0,10}(?:过期|无效|失效)|鉴权失败|(?:access_?token|token) (?:is )?(?:invalid|expired)/i, 'unauthorized'],
  [/验签失败|签名校验失败|scope权限/, 'misconfigured'],
  [/order operation reject|(?:订单|商品|退款单|售后单|sku)\S{0,6}不存在|not (?:found|exist)/i, 'missing'],
  [/系统(?:繁忙|异常|错误)|服务(?:繁忙|异常)|超时|稍后再?(?:重试|试)|timed? ?out|system error/i, 'transient'],
]

/** The channel does not say for how long. */
const THROTTLED_MS = 2000
/** Errors are short, and pages of orders are not worth parsing twice. */
const LONGEST_ERROR = 8000

/** Errors come under HTTP 200 as `{result, error_msg, sub_code, sub_msg}`; `result` 1 says that all went well. Undefined when the answer is none. */
export function classify(status: number, body: string): Fault | undefined {
  if (body.length > LONGEST_ERROR || !body.trimStart().startsWith('{')) return undefined
  const doc = parsedOrNothing(body)
  const result = textField(doc, 'result')
  if (result === undefined || result === '1') return undefined
  const sub = textField(doc, 'sub_code') ?? textField(doc, 'subCode') ?? ''
  const said = ['error_msg', 'errorMsg', 'sub_msg', 'subMsg'].map((name) => textField(doc, name) ?? '').join(' ')
  const kind = CODES.get(sub) ?? CODES.get(result) ?? WORDS.find(([words]) => words.test(said))?.[1] ?? 'refused'
  const why = (SPENT.test(said) ? 'the shop’s decryptions of the day are used up' : EXPLAINED.get(sub)) ?? EXPLAINED.get(result)
  const code = sub === '' || sub === result ? result : `${result}:${sub.slice(0, 60)}`
  return {
    kind,
    status,
    code,
    message: `Kuaishou answered ${code}${why !== undefined ? `: ${why}` : kind === 'refused' ? quotedWords(said.trim()) : ''}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}
