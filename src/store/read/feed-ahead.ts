import type pg from 'pg'
import { type FeedPage, type FeedRequest, readFeed } from './feed.ts'

/** A page read ahead is dropped after this long, so that what it says is never older. */
const KEEP_MS = 500
/** So many readers are remembered at once; a page is a few megabytes. */
const READERS = 4

interface Kept {
  readonly at: number
  readonly page: Promise<FeedPage | undefined> | undefined
}

/** What each reader that goes through the feed asks for next, by its request. */
const expected = new WeakMap<pg.Pool, Map<string, Kept>>()

/**
 * The change log for a reader that comes back with the position it was given: once it does, the page after is read while it works on
 * this one. Only full pages are taken from what was read ahead: behind them nothing can have come in (I7), and what changed
 * since stands in the feed again, further on. The end of the feed is always read anew.
 */
export async function readFeedAhead(pool: pg.Pool, request: FeedRequest): Promise<FeedPage> {
  const readers = expected.get(pool) ?? new Map<string, Kept>()
  expected.set(pool, readers)
  const key = JSON.stringify(request)
  const kept = readers.get(key)
  readers.delete(key)
  const goesThrough = kept !== undefined && performance.now() - kept.at < KEEP_MS
  const page = (goesThrough ? await kept.page : undefined) ?? (await readFeed(pool, request))
  if (page.hasMore) remember(pool, readers, { ...request, after: page.nextAfter }, goesThrough)
  return page
}

function remember(pool: pg.Pool, readers: Map<string, Kept>, next: FeedRequest, ahead: boolean): void {
  const oldest = readers.keys().next()
  if (readers.size >= READERS && !oldest.done) readers.delete(oldest.value)
  const key = JSON.stringify(next)
  const kept: Kept = { at: performance.now(), page: ahead ? fullPage(pool, next) : undefined }
  readers.set(key, kept)
  setTimeout(() => readers.get(key) === kept && readers.delete(key), KEEP_MS).unref()
}

/** Undefined when it is not full or could not be read: whoever asks for it reads for himself. */
const fullPage = (pool: pg.Pool, request: FeedRequest): Promise<FeedPage | undefined> =>
  readFeed(pool, request).then(
    (page) => (page.items.length === request.limit ? page : undefined),
    () => undefined,
  )
