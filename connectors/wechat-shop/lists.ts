import type { Cursor } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { faultOf, unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'

/** Both ends in seconds, both belonging to it. */
export interface Range {
  readonly from: number
  readonly to: number
}

/** A list of ids by change time whose pages are told by a key; empty for the first one. */
export type IdList = (range: Range, key: string) => Promise<{ readonly ids: readonly string[]; readonly next: string; readonly more: boolean }>

/** The channel will not list so many orders at once. */
const TOO_MANY = '31042'
/** The key is none of this list's any more. */
const KEY_GONE = '606006'
const MOST_ANEW = 5

/**
 * Ids changed in a window, page by page. A window the channel finds too full is read in halves; a key it no longer takes begins its
 * stretch anew; a key that comes again ends it, since then the last page would come for ever.
 */
export async function* idPages(
  list: IdList,
  given: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly ids: readonly string[]; readonly cursor: Cursor | null }> {
  const whole = secondsOf(given.window)
  let { key, ...range } = positionOf(given.after, whole)
  let begunAnew = 0
  while (range.from <= range.to) {
    const answer = await list(range, key).catch((error: unknown) => {
      const { code } = faultOf(error)
      if (code === TOO_MANY && range.to > range.from) return 'halve'
      if (code === KEY_GONE && key !== '' && (begunAnew += 1) <= MOST_ANEW) return 'again'
      throw error
    })
    // Behind an answer that promises more and says not where, the rest of the window would be lost.
    if (typeof answer === 'object' && answer.more && answer.next === '') throw unreadable('WeChat says that its list goes on, and not where.')
    if (answer === 'halve') range = { from: range.from, to: Math.floor((range.from + range.to) / 2) }
    else if (answer !== 'again' && answer.more && answer.next !== key) {
      key = answer.next
      yield { ids: answer.ids, cursor: { ...range, key } }
      continue
    } else if (answer !== 'again') {
      range = { from: range.to + 1, to: whole.to }
      yield { ids: answer.ids, cursor: range.from <= range.to ? { ...range, key: '' } : null }
    }
    key = ''
  }
}

/** Whole seconds that hold the window. */
const secondsOf = ({ from, to }: { readonly from: Instant; readonly to: Instant }): Range => ({
  from: Math.floor(Date.parse(from) / 1000),
  to: Math.ceil(Date.parse(to) / 1000),
})

function positionOf(cursor: Cursor | undefined, whole: Range): Range & { readonly key: string } {
  if (cursor === undefined) return { ...whole, key: '' }
  const { from, to, key } = cursor
  if (typeof from !== 'number' || typeof to !== 'number' || typeof key !== 'string') throw cursorInvalid()
  if (from < whole.from || to > whole.to || from > to) throw cursorInvalid()
  return { from, to, key }
}
