import type { Cursor } from '../../src/core/connector.ts'

export type TimeField = 'updatedAt' | 'orderPlacedAt'

/** Beyond this many orders in one instant the rest is skipped by count instead of by name. */
const MAX_NAMED = 2000

/**
 * Where a walk through orders by time stands. `after` is strictly exclusive at Vendure and times tie (whole seconds on
 * SQLite; equal to the microsecond after a bulk update elsewhere), so the walk asks again from just before the last
 * instant and names the orders it has already seen there. Names, unlike offsets, cannot shift while orders change.
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

/** The position after one more page, whose orders are in ascending order of time. */
export function nextPosition(current: Position, page: readonly { readonly id: string; readonly at: string }[]): Position {
  const last = page.at(-1)?.at
  if (last === undefined) return current
  const before = page.findLast((order) => order.at !== last)?.at ?? (current.last === '' ? current.after : current.last)
  // Times are shown in milliseconds and may hold microseconds: the bound moves only across a gap that cannot hide an order.
  if (Date.parse(last) - Date.parse(before) > 1) {
    return position({ after: justBefore(last, 1), seen: page.filter((order) => order.at === last).map((order) => order.id), skip: 0, last })
  }
  const seen = [...current.seen, ...page.map((order) => order.id)]
  if (seen.length <= MAX_NAMED) return position({ ...current, seen, last })
  return position({ ...current, seen: [], skip: current.skip + seen.length, last })
}

/** The shop was asked to leave this order out, and did not. */
export const wasSeen = (current: Position, order: { readonly id: string; readonly at: string }): boolean =>
  current.seen.includes(order.id) || Date.parse(order.at) < Date.parse(current.after)

const justBefore = (at: string, ms: number): string => new Date(Date.parse(at) - ms).toISOString()

const position = ({ after, seen, skip, last }: Omit<Position, 'cursor'>): Position => ({
  after,
  seen,
  skip,
  last,
  cursor: { after, seen: seen.join(','), skip, last },
})
