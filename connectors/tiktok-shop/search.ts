import type { Cursor } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { secondsOf } from '../../src/kit/beijing-time.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { TikTokCall } from './manifest.ts'

/** One document of a list: its text as received and the same parsed. */
export interface Entry {
  readonly text: string
  readonly doc: unknown
}

/** A list of the channel that can be searched by change time. */
export interface Search {
  readonly path: string
  /** Member of the answer that holds the list. */
  readonly member: string
  readonly most: number
}

interface Position {
  /** Seconds since 1970. */
  readonly from: number
  readonly to: number
  /** Of the page behind one that ended within the second `from`. */
  readonly token: string
}

interface Listed {
  readonly entries: readonly Entry[]
  readonly next: string
}

const isAscending = (times: readonly number[]): boolean => times.every((time, i) => i === 0 || !(time < (times[i - 1] ?? time)))
const updatedAt = ({ doc }: Entry): number => Number(textField(doc, 'update_time') ?? Number.NaN)

/**
 * Documents changed in [from, to), oldest change first. What a page token stands for is not documented, and a document that changes
 * meanwhile leaves the window: the next page is therefore asked for anew from the last second that was shown. Tokens are followed only
 * within one second, and behind a page that is not in the order that was asked for. Documents of that second come twice.
 */
export async function* changes(
  call: TikTokCall,
  search: Search,
  given: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> {
  const whole = secondsOf(given.window)
  let at = positionOf(given.after, { from: whole.from / 1000, to: whole.to / 1000, token: '' })
  while (at.from < at.to) {
    const { entries, next } = await pageOf(call, search, at)
    const isLast = next === '' || next === at.token
    const times = entries.map(updatedAt)
    const shown: number = times.findLast((time) => time >= at.from && time < at.to) ?? at.from
    at = shown > at.from && isAscending(times) ? { ...at, from: shown, token: '' } : { ...at, token: next }
    yield { entries, cursor: isLast ? null : { ...at } }
    if (isLast) return
  }
}

function pageOf(call: TikTokCall, search: Search, { from, to, token }: Position): Promise<Listed> {
  return listed(call, search, { body: { update_time_ge: from, update_time_lt: to }, token })
}

async function listed(call: TikTokCall, search: Search, given: { readonly body: unknown; readonly token: string }): Promise<Listed> {
  const query = {
    page_size: String(Math.min(search.most, call.config.pageSize)),
    sort_field: 'update_time',
    sort_order: 'ASC',
    ...(given.token === '' ? {} : { page_token: given.token }),
  }
  const { body, data } = await read(call, { method: 'POST', path: search.path, query, body: given.body })
  const docs = listField(data, search.member)
  // Where nothing was found the list itself may be missing.
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/data/${search.member}`)
  return { entries: docs.map((doc, i) => ({ doc, text: texts[i] ?? '' })), next: textField(data, 'next_page_token') ?? '' }
}

/** Behind so many pages of one search it goes round in circles. */
const MOST_PAGES = 1000

/** Everything that fits these conditions; a page without documents is not the last one. */
export async function everything(call: TikTokCall, search: Search, body: unknown): Promise<readonly Entry[]> {
  const found: Entry[] = []
  let token = ''
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const { entries, next } = await listed(call, search, { body, token })
    found.push(...entries)
    if (next === '' || next === token) return found
    token = next
  }
  throw unreadable(`${search.path} does not come to an end.`)
}

/** A position belongs to its window: one of another window would leave something out. */
function positionOf(cursor: Cursor | undefined, whole: Position): Position {
  if (cursor === undefined) return whole
  const { from, to, token } = cursor
  const isSound = typeof from === 'number' && Number.isSafeInteger(from) && typeof token === 'string'
  if (!isSound || to !== whole.to || from < whole.from || from >= whole.to) throw cursorInvalid()
  return { from, to, token }
}
