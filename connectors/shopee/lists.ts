import type { Cursor } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { secondsOf } from '../../src/kit/beijing-time.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, responseOf } from './client.ts'
import type { ShopeeCall } from './manifest.ts'

interface Window {
  readonly from: Instant
  readonly to: Instant
}

/** What one page of a list shows: numbers with the text of their entries, and where the next page begins. */
interface Listed {
  readonly entries: ReadonlyMap<string, string>
  readonly next: string | undefined
}

/** The longest list of a page. */
const PAGE = 100
const MAX_PAGES = 3000
const MAX_ROUNDS = 5

/** Numbers of the orders changed in a window, each with its entry of the list as sent. */
export const changedOrders = (call: ShopeeCall, window: Window): Promise<ReadonlyMap<string, string>> =>
  allOf('get_order_list', async (cursor) => {
    const { body, response } = await pageOf(call, 'order/get_order_list', {
      time_range_field: 'update_time',
      ...bounds('time', window),
      page_size: PAGE,
      cursor,
      response_optional_fields: 'order_status',
      request_order_status_pending: true,
    })
    const next = field(response, 'more') === true ? (textField(response, 'next_cursor') ?? '') : undefined
    if (next === '') throw unreadable('get_order_list promises more orders and does not say where.')
    return { entries: entriesOf(body, response, { list: 'order_list', id: 'order_sn' }), next }
  })

/** The same of returns. Pages are counted from 0; where the channel should mean entries by it, they come more than once and none is missed. */
export const changedReturns = (call: ShopeeCall, window: Window): Promise<ReadonlyMap<string, string>> =>
  allOf('get_return_list', async (cursor) => {
    const page = Number(cursor === '' ? 0 : cursor)
    const { body, response } = await pageOf(call, 'returns/get_return_list', { page_no: page, page_size: PAGE, ...bounds('update_time', window) })
    const next = field(response, 'more') === true ? String(page + 1) : undefined
    return { entries: entriesOf(body, response, { list: 'return', id: 'return_sn' }), next }
  })

/** Whole seconds. Whether the last one belongs to the window is not written anywhere: it is asked for, and what comes twice is the same. */
function bounds(name: string, window: Window): Readonly<Record<string, number>> {
  const { from, to } = secondsOf(window)
  return { [`${name}_from`]: from / 1000, [`${name}_to`]: to / 1000 }
}

async function pageOf(
  call: ShopeeCall,
  path: string,
  query: Parameters<typeof read>[2],
): Promise<{ readonly body: string; readonly response: unknown }> {
  const answer = await read(call, path, query)
  return { body: answer.body, response: responseOf(answer, path) }
}

function entriesOf(body: string, response: unknown, { list, id }: { readonly list: string; readonly id: string }): Listed['entries'] {
  const docs = listField(response, list)
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/response/${list}`)
  return new Map(
    docs.map((doc, i) => {
      const sn = textField(doc, id) ?? ''
      if (sn === '') throw unreadable(`The channel sent an entry without its ${id}.`)
      return [sn, texts[i] ?? ''] as const
    }),
  )
}

/**
 * All of a list. The cursor of the channel is a count of entries ("20"), so one that changes meanwhile, and leaves the window, pulls those
 * behind it past a page's end. A list of several pages is therefore read until a whole reading shows nothing new.
 */
async function allOf(what: string, ask: (cursor: string) => Promise<Listed>): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    const before = found.size
    const pages = await once(what, ask, found)
    if (pages === 1 || found.size === before) return found
  }
  throw new ChannelError({
    kind: 'unreadable',
    code: 'endless-pages',
    message: `${what} grows as fast as it is read. Nothing was skipped; it is read again later.`,
  })
}

/** Pages that show nothing this reading has not seen: so many, and the list is taken to be at its end. */
const MAX_STALE = 3

/** One reading of the list; how many pages it had. */
async function once(what: string, ask: (cursor: string) => Promise<Listed>, found: Map<string, string>): Promise<number> {
  const seen = new Set<string>()
  let [cursor, stale] = ['', 0]
  for (let pages = 1; pages <= MAX_PAGES; pages += 1) {
    const before = seen.size
    const { entries, next } = await ask(cursor)
    for (const [id, text] of entries) {
      seen.add(id)
      found.set(id, text)
    }
    stale = seen.size === before ? stale + 1 : 0
    // A last page that comes again for ever shows nothing new.
    if (next !== undefined && stale > MAX_STALE && entries.size === 0) throw unreadable(`${what} promises more and shows nothing.`)
    if (next === undefined || (stale > 0 && next === cursor) || stale > MAX_STALE) return pages
    cursor = next
  }
  throw unreadable(`${what} does not end.`)
}

/** Numbers in their order, from where a stored position stopped: it stands for this window alone. */
export function restOf(ids: Iterable<string>, window: Window, after: Cursor | undefined): readonly string[] {
  const sorted = [...ids].sort()
  if (after === undefined) return sorted
  const { from, to, id } = after
  if (from !== window.from || to !== window.to || typeof id !== 'string' || id === '') throw cursorInvalid()
  return sorted.filter((each) => each > id)
}
