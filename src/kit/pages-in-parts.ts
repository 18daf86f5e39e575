import type { Cursor } from '../core/connector.ts'
import type { Instant } from '../core/order.ts'
import { secondsOf } from './beijing-time.ts'
import { cursorInvalid, pagesBackwards, type Listed } from './pages-backwards.ts'

/** A list by change time that hands out no more than so many documents of one window, page by page. */
export interface PartedList<E> {
  readonly what: string
  readonly pageSize: number
  readonly most: number
  /** Documents changed in [from, to), both whole seconds in milliseconds, on page 1, 2, … */
  readonly ask: (part: Part, page: number) => Promise<Listed<E>>
}

export interface Part {
  readonly from: number
  readonly to: number
}

/** More changed in this part than the channel shows of it. */
class TooMany extends Error {}

/**
 * Documents changed in a window, last page first: one that changes meanwhile leaves the window and moves others towards
 * page 1, which is read last. A window with more than the channel would show is read in halves, down to a second; of a
 * second that holds more the channel itself says what it thinks.
 */
export async function* pagesInParts<E>(
  list: PartedList<E>,
  given: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly E[]; readonly cursor: Cursor | null }> {
  const whole = secondsOf(given.window)
  let { part, after } = positionOf(given.after, whole)
  while (part.from < part.to) {
    const here = part
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
      part = next
    } catch (error) {
      if (!(error instanceof TooMany)) throw error
      part = { from: here.from, to: here.from + Math.max(1000, Math.floor((here.to - here.from) / 2000) * 1000) }
    }
    after = undefined
  }
}

/** Where a stored position goes on: in the midst of a part, or at the beginning of one. */
function positionOf(cursor: Cursor | undefined, whole: Part): { readonly part: Part; readonly after: Cursor | undefined } {
  if (cursor === undefined) return { part: whole, after: undefined }
  const { from, to, ...after } = cursor
  if (typeof from !== 'number' || typeof to !== 'number' || from < whole.from || to > whole.to || from >= to) throw cursorInvalid()
  return { part: { from, to }, after: Object.keys(after).length === 0 ? undefined : after }
}
