import type { Cursor } from '../core/connector.ts'
import { ChannelError, type Fault } from '../core/fault.ts'

/** Beyond this many orders in one instant the rest is skipped by count instead of by name, where a caller says nothing else. */
const MAX_NAMED = 2000

/**
 * Where a walk through orders by time stands, for channels whose lists take a strict lower bound (`after`) and names to leave
 * out. Times tie (whole seconds, or equal to the microsecond after a bulk update), so the walk asks again from just before the
 * last instant and names the orders it has already seen there. Names, unlike offsets, cannot shift while orders change.
 */
export interface Position {
  /** Exclusive lower bound. */
  readonly after: string
  /** Orders beyond `after` that were already handed out. */
  readonly seen: readonly string[]
  /** As many again, where naming them would make the request too long. */
  readonly skip: number
  /** Time of the last order handed out; "" before the first. */
  readonly last: string
  readonly cursor: Cursor
}

/** Start of a window, or where its last committed page ended. */
export function positionOf(cursor: Cursor | undefined, from: string): Position {
  const { after, seen, skip, last } = cursor ?? {}
  if (typeof after !== 'string' || typeof seen !== 'string') return position({ after: justBefore(from, 1000), seen: [], skip: 0, last: '' })
  return position({
    after,
    seen: seen === '' ? [] : seen.split(','),
    skip: typeof skip === 'number' ? skip : 0,
    last: typeof last === 'string' ? last : '',
  })
}

/** The position after one more page, whose orders are in ascending order of time. `maxNamed`: as many names as a request can carry. */
export function nextPosition(current: Position, page: readonly { readonly id: string; readonly at: string }[], maxNamed = MAX_NAMED): Position {
  const last = page.at(-1)?.at
  if (last === undefined) return current
  const before = page.findLast((order) => order.at !== last)?.at ?? (current.last === '' ? current.after : current.last)
  // Times are shown in milliseconds and may hold microseconds: the bound moves only across a gap that cannot hide an order.
  if (Date.parse(last) - Date.parse(before) > 1) {
    return position({ after: justBefore(last, 1), seen: page.filter((order) => order.at === last).map((order) => order.id), skip: 0, last })
  }
  const seen = [...current.seen, ...page.map((order) => order.id)]
  if (seen.length <= maxNamed) return position({ ...current, seen, last })
  return position({ ...current, seen: [], skip: current.skip + seen.length, last })
}

/** The shop was asked to leave this order out, and did not. */
const wasSeen = (current: Position, order: { readonly id: string; readonly at: string }): boolean =>
  current.seen.includes(order.id) || Date.parse(order.at) < Date.parse(current.after)

interface Listed {
  readonly id: string
  readonly at: string
}

export interface TimeWalk<T> {
  readonly from: Position
  /** One page behind a position, oldest first, and how many there are behind it in all. */
  readonly ask: (position: Position) => Promise<{ readonly items: readonly T[]; readonly total: number }>
  readonly placeOf: (item: T) => Listed
  readonly maxNamed?: number
}

/** A page without orders although the shop counts more is asked for again this often. */
const MAX_EMPTY = 3
const REPEATED: Fault = {
  kind: 'unreadable',
  code: 'page-repeated',
  message: 'The shop says that more orders follow and sends none, or the same again.',
}

/**
 * Pages forward in time without offsets: an order that changes meanwhile leaves the window and would shift them.
 * @throws ChannelError `page-repeated` where a shop never comes to an end
 */
export async function* walkByTime<T>({ from, ask, placeOf, maxNamed }: TimeWalk<T>): AsyncGenerator<{
  readonly items: readonly T[]
  readonly cursor: Cursor | null
}> {
  let position = from
  for (let empty = 0; ;) {
    const { items, total } = await ask(position)
    const places = items.map(placeOf)
    const current = position
    const done = current.skip + items.length >= total
    if (!done && items.length === 0 && (empty += 1) < MAX_EMPTY) continue
    if (!done && (items.length === 0 || places.some((place) => wasSeen(current, place)))) throw new ChannelError(REPEATED)
    empty = 0
    position = nextPosition(current, places, maxNamed)
    yield { items, cursor: done ? null : position.cursor }
    if (done) return
  }
}

const justBefore = (at: string, ms: number): string => new Date(Date.parse(at) - ms).toISOString()

const position = ({ after, seen, skip, last }: Omit<Position, 'cursor'>): Position => ({
  after,
  seen,
  skip,
  last,
  cursor: { after, seen: seen.join(','), skip, last },
})
