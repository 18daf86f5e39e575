import type { MarketShop } from './shop.ts'

/** How lists are cut: by window, then by page number or by cursor, with the odd pages a test asked for. */

export interface Listed {
  readonly seq: number
  readonly createdAt: number
  readonly modifiedAt: number
  readonly visibleAt?: number
}

export interface Window {
  readonly by?: 'modifiedAt' | 'createdAt'
  /** Milliseconds; both without a bound where absent. */
  readonly from?: number
  readonly to?: number
  /** Whether a record exactly at `to` belongs to the window; true without it. */
  readonly closed?: boolean
  /** Newest first; oldest first without it. */
  readonly descending?: boolean
}

/** What lists show of these records by now: those of the window in its order, ties by the order they were made in. */
export function inWindow<T extends Listed>(shop: MarketShop, all: Iterable<T>, window: Window, keep: (one: T) => boolean = () => true): readonly T[] {
  const { by = 'modifiedAt', from = -Infinity, to = Infinity, closed = true, descending = false } = window
  const now = shop.clock.now()
  const found = [...all].filter(
    (one) => one[by] >= from && (closed ? one[by] <= to : one[by] < to) && (one.visibleAt ?? one.createdAt) <= now && keep(one),
  )
  const sign = descending ? -1 : 1
  return found.sort((a, b) => sign * (a[by] - b[by] || a.seq - b.seq))
}

export interface NumberedPage<T> {
  readonly records: readonly T[]
  /** As the channel counts: an empty page in the midst counts as a full one. */
  readonly total: number
  readonly pages: number
  readonly hasNext: boolean
}

/** Page `page`, counted from 1. */
export function numberedPage<T>(
  shop: MarketShop,
  found: readonly T[],
  { page, size }: { readonly page: number; readonly size: number },
): NumberedPage<T> {
  const pages = Array.from({ length: Math.ceil(found.length / size) }, (_, i) => found.slice(i * size, (i + 1) * size))
  const isOdd = shop.troubles.paging === 'empty-middle' && pages.length > 1
  if (isOdd) pages.splice(Math.floor(pages.length / 2), 0, [])
  const repeats = shop.troubles.paging === 'repeat' && pages.length > 0
  return {
    records: pages[page - 1] ?? (repeats ? (pages.at(-1) ?? []) : []),
    total: found.length + (isOdd ? size : 0),
    pages: pages.length,
    hasNext: repeats || page < pages.length,
  }
}

export interface CursorPage<T> {
  readonly records: readonly T[]
  readonly hasMore: boolean
  /** Where the next page begins: behind the last record shown, wherever others have moved. Empty at the beginning of an empty list. */
  readonly next: string
}

/** The page behind a cursor (empty: the first one) of a list as `inWindow` gave it; undefined when the cursor is none of ours. */
export function cursorPage<T extends Listed>(
  shop: MarketShop,
  found: readonly T[],
  given: { readonly cursor: string; readonly size: number; readonly window?: Window },
): CursorPage<T> | undefined {
  const { by = 'modifiedAt', descending = false } = given.window ?? {}
  const after = given.cursor === '' ? undefined : read(given.cursor)
  if (given.cursor !== '' && !after) return undefined
  const isBehind = (one: T): boolean => !after || (descending ? -1 : 1) * (one[by] - after.at || one.seq - after.seq) > 0
  const start = found.findIndex(isBehind)
  const first = start === -1 ? found.length : start
  const odd = shop.troubles.paging
  if (odd === 'empty-middle' && after && after.gap === 0 && first >= found.length / 3)
    return { records: [], hasMore: true, next: write({ ...after, gap: 1 }) }
  const records = found.slice(first, first + given.size)
  const last = records.at(-1)
  const hasMore = first + given.size < found.length
  if (!last) return { records: odd === 'repeat' ? found.slice(-given.size) : [], hasMore: odd === 'repeat', next: given.cursor }
  return { records, hasMore: hasMore || odd === 'repeat', next: write({ at: last[by], seq: last.seq, gap: after?.gap ?? 0 }) }
}

interface Place {
  readonly at: number
  readonly seq: number
  /** The empty page was shown. */
  readonly gap: number
}

const write = ({ at, seq, gap }: Place): string => Buffer.from(`${at}/${seq}/${gap}`).toString('base64url')

function read(cursor: string): Place | undefined {
  const match = /^(\d+)\/(\d+)\/([01])$/.exec(Buffer.from(cursor, 'base64url').toString())
  return match ? { at: Number(match[1]), seq: Number(match[2]), gap: Number(match[3]) } : undefined
}
