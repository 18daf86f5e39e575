import type { Cursor } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'

/** One page of a list and how many documents the channel counts over all pages of the window. */
export interface Listed<E> {
  readonly entries: readonly E[]
  readonly total: number
}

interface Position {
  readonly page: number
  /** How many documents there were when this descent began. */
  readonly total: number
  /** Descents so far; a list that grows under our feet is read again from its new end. */
  readonly round: number
}

const MAX_ROUNDS = 5

/**
 * The pages of one window, last page first: a document that changes meanwhile leaves the window and moves those behind it
 * towards page 1, which is read last, so none slips through. The first call counts; when everything fits on that page it
 * is also the only one. If the last look shows more than were counted, late ones were let in and the window is read once
 * more. `ask` reads page 1, 2, …; `count` says that its total will be used.
 */
export async function* pagesBackwards<E>(
  list: { readonly what: string; readonly pageSize: number; readonly after: Cursor | undefined },
  ask: (page: number, count: boolean) => Promise<Listed<E>>,
): AsyncGenerator<{ readonly entries: readonly E[]; readonly cursor: Cursor | null }> {
  const { pageSize } = list
  let position: Position | undefined = positionOf(list.after)
  if (!position) {
    const first = await ask(1, true)
    if (first.total <= pageSize) {
      yield { entries: first.entries, cursor: null }
      return
    }
    position = { page: Math.ceil(first.total / pageSize), total: first.total, round: 1 }
  }
  while (position) {
    const listed = await ask(position.page, position.page === 1)
    position = nextOf(position, listed.total, pageSize)
    if (position && position.round > MAX_ROUNDS) throw growing(list.what)
    yield { entries: listed.entries, cursor: position ? { ...position } : null }
  }
}

/** One page towards the front; behind page 1 the window is complete unless it holds more than when its pages were counted. */
function nextOf({ page, total, round }: Position, seen: number, pageSize: number): Position | undefined {
  if (page > 1) return { page: page - 1, total, round }
  return seen > total ? { page: Math.ceil(seen / pageSize), total: seen, round: round + 1 } : undefined
}

function positionOf(cursor: Cursor | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const { page, total, round } = cursor
  const sound = [page, total, round].every((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)
  if (!sound || typeof page !== 'number' || typeof total !== 'number' || typeof round !== 'number') throw cursorInvalid()
  return { page, total, round }
}

/** A stored position that is none of this stream's. */
export const cursorInvalid = (): ChannelError =>
  new ChannelError({ kind: 'misconfigured', code: 'cursor-invalid', message: 'The stored position of this stream cannot be read.' })

const growing = (what: string): ChannelError =>
  new ChannelError({
    kind: 'unreadable',
    code: 'endless-pages',
    message: `${what} grows as fast as it is read. Nothing was skipped; it is read again later.`,
  })
