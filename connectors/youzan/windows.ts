import type { Cursor } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { secondsOf } from '../../src/kit/beijing-time.ts'
import { cursorInvalid, pagesBackwards, type Listed } from '../../src/kit/pages-backwards.ts'

/** A list by change time that hands out no more than so many documents of one window, page by page. */
export interface ChangeList<E> {
  readonly what: string
  readonly pageSize: number
  readonly most: number
  /** Documents changed in [from, to), both whole seconds in milliseconds. */
  readonly ask: (range: Range, page: number) => Promise<Listed<E>>
}

interface Range {
  readonly from: number
  readonly to: number
}

/** More changed in this stretch than the channel shows of it. */
class TooMany extends Error {}

/**
 * Documents changed in a window, last page first: one that changes meanwhile leaves the window and moves others towards
 * page 1, which is read last. A window with more than the channel would show is read in halves, down to a second.
 */
export async function* changes<E>(
  list: ChangeList<E>,
  given: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly E[]; readonly cursor: Cursor | null }> {
  const whole = secondsOf(given.window)
  let { range, after } = positionOf(given.after, whole)
  while (range.from < range.to) {
    const here = range
    const ask = async (page: number): Promise<Listed<E>> => {
      const listed = await list.ask(here, page)
      if (listed.total > list.most && here.to - here.from > 1000) throw new TooMany()
      return listed
    }
    const next = { from: here.to, to: whole.to }
    try {
      for await (const page of pagesBackwards({ what: list.what, pageSize: list.pageSize, after }, ask)) {
        const rest = page.cursor ?? (next.from < next.to ? {} : undefined)
        const at = page.cursor ? here : next
        yield { entries: page.entries, cursor: rest === undefined ? null : { ...rest, ...at } }
      }
      range = next
    } catch (error) {
      if (!(error instanceof TooMany)) throw error
      range = { from: here.from, to: here.from + Math.max(1000, Math.floor((here.to - here.from) / 2000) * 1000) }
    }
    after = undefined
  }
}

/** Where a stored position goes on: in the midst of a stretch, or at the beginning of one. */
function positionOf(cursor: Cursor | undefined, whole: Range): { readonly range: Range; readonly after: Cursor | undefined } {
  if (cursor === undefined) return { range: whole, after: undefined }
  const { from, to, ...after } = cursor
  if (typeof from !== 'number' || typeof to !== 'number' || from < whole.from || to > whole.to || from >= to) throw cursorInvalid()
  return { range: { from, to }, after: Object.keys(after).length === 0 ? undefined : after }
}
