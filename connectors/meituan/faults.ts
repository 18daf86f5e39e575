import type { Fault, FaultKind } from '../../src/core/fault.ts'
import { field, parsedOrNothing, textField } from '../../src/kit/read.ts'

/** Numbered errors of the gateway; every other number concerns the one thing that was asked for. */
const KINDS: ReadonlyMap<string, FaultKind> = new Map<string, FaultKind>([
  ['700', 'transient'],
  ['702', 'misconfigured'],
  ['703', 'unauthorized'],
  ['704', 'misconfigured'],
  ['708', 'misconfigured'],
  ['711', 'throttled'],
  ['803', 'misconfigured'],
  ['805', 'missing'],
  ['806', 'missing'],
  ['1015', 'missing'],
  ['1026', 'misconfigured'],
  ['4001', 'unauthorized'],
])

const EXPLAINED: ReadonlyMap<string, string> = new Map([
  ['700', 'something went wrong inside the channel'],
  ['701', 'a parameter is missing'],
  ['702', 'the app id is not known'],
  ['703', 'the signature was refused: check app id and secret'],
  ['704', 'the app may not touch this: is the shop bound to it?'],
  ['705', 'a parameter has the wrong form'],
  ['708', 'the app lacks the permission for this interface'],
  ['711', 'the app is called too often'],
  ['803', 'there is no such shop'],
  ['805', 'there is no such product'],
  ['806', 'there is no such order'],
  ['808', 'the order has moved on meanwhile'],
  ['1006', 'Meituan’s own riders deliver this order'],
  ['1015', 'there is no such SKU'],
  ['4001', 'the access token has ended'],
])

/** The channel never says how long to wait. */
const THROTTLED_MS = 30_000

export function faultOfCode(code: string): Fault {
  const kind = KINDS.get(code) ?? 'refused'
  const why = EXPLAINED.get(code)
  return {
    kind,
    code,
    message: `Meituan answered ${code.slice(0, 20)}${why === undefined ? '' : `: ${why}`}.`,
    ...(kind === 'throttled' ? { retryAfterMs: THROTTLED_MS } : {}),
  }
}

/**
 * Errors come under HTTP 200: `{"data":"ng","error":{"code":703,"msg":…}}`, in newer interfaces with `result_code`. What the channel says in
 * words may repeat names of goods and is left out.
 */
export function classify(status: number, body: string): Fault | undefined {
  if (!body.slice(0, 4000).includes('"error"')) return undefined
  const code = textField(field(parsedOrNothing(body), 'error'), 'code')
  return code === undefined || code === '0' ? undefined : { ...faultOfCode(code), status }
}

/** Something went wrong behind the gateway: a write may have been carried out all the same. */
export const isAccident = (code: string): boolean => code === '700'
