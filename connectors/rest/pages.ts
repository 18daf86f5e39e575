import type { Cursor } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { pickText } from '../../src/core/pick.ts'
import type { JsonDocument } from '../../src/kit/json.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import { firstPlace, readPage, type ListPage, type Place } from './lists.ts'
import type { RestCall } from './manifest.ts'
import { readTime, unitMs, writeTime } from './time.ts'

/** One order of a page: its text as received, parsed, with its id and time of change (milliseconds). */
export interface Entry extends JsonDocument {
  readonly id: string
  readonly changed: number
}

interface Position extends Place {
  /** Changes from this moment on are still to come. */
  readonly from: number
  readonly count?: number
  /** The list turned out not to be sorted, or shrank: it is paged by number to its end. */
  readonly counted?: boolean
  readonly again?: number
}

/** A list that shrinks while it is read is read again so often. */
const MAX_AGAIN = 5

/**
 * Orders changed in [from, to). By "changed" each page starts behind the last change seen, and only a moment with more changes than
 * a page is paged by number; every other way reads the frozen window to its end. When its count says that it shrank
 * meanwhile, orders may have moved past us: it is read again from its first page.
 */
export async function* changedOrders(
  call: RestCall,
  request: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> {
  const { orders } = call.config
  const unit = unitMs(orders.window.clock)
  const opening = Math.floor(Date.parse(request.window.from) / unit) * unit - orders.window.overlapSeconds * 1000
  const start: Position = { ...firstPlace(orders.paging), from: opening }
  const end = Math.ceil(Date.parse(request.window.to) / unit) * unit
  let position: Position | undefined = positionOf(request.after) ?? start
  let previous: readonly Entry[] = []
  while (position) {
    const values = {
      from: writeTime(position.from - (orders.window.from === 'exclusive' ? unit : 0), orders.window.clock),
      to: writeTime(end - (orders.window.to === 'inclusive' ? unit : 0), orders.window.clock),
    }
    const page = await readPage(call, orders, { place: position, values })
    const entries = page.documents.map((document) => entryOf(call, document))
    if (isSamePage(previous, entries))
      throw new ChannelError({
        kind: 'unreadable',
        code: 'page-repeated',
        message: 'The channel says that more orders follow and sends the same page again.',
      })
    previous = position.page === start.page ? [] : entries
    position = following(call, { position, page, entries, start, unit })
    yield { entries, cursor: position ? cursorOf(position) : null }
  }
}

function following(
  call: RestCall,
  read: { readonly position: Position; readonly page: ListPage; readonly entries: readonly Entry[]; readonly start: Position; readonly unit: number },
): Position | undefined {
  const { position, page, entries, start, unit } = read
  const again = position.again ?? 0
  const shrunk = position.count !== undefined && page.count !== undefined && page.count < position.count && again < MAX_AGAIN
  if (call.config.orders.paging.by !== 'changed' || position.counted) {
    if (shrunk) return { ...start, ...(position.counted ? { counted: true } : {}), again: again + 1 }
    return page.next && { ...position, ...page.next, ...(page.count === undefined ? {} : { count: page.count }) }
  }
  const isSorted = entries.every((entry, i) => i === 0 || entry.changed >= (entries[i - 1]?.changed ?? 0))
  if (!isSorted) return { ...start, counted: true }
  if (shrunk) return { ...start, from: position.from, again: again + 1 }
  if (!page.next) return undefined
  const behindLast = Math.floor((entries.at(-1)?.changed ?? 0) / unit) * unit
  if (behindLast > position.from) return { ...start, from: behindLast }
  return { ...position, ...page.next, ...(page.count === undefined ? {} : { count: page.count }) }
}

/** A cache that ignores the page number would be read for ever. */
const isSamePage = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  b.length > 0 && a.length === b.length && b.every((entry, i) => entry.id === a[i]?.id && entry.changed === a[i]?.changed)

/** An order of a list or an answer. */
export function entryOf(call: RestCall, { doc, text }: JsonDocument): Entry {
  const { orders } = call.config
  const id = pickText(doc, orders.id) ?? ''
  const changed = orders.changed.map((pointer) => pickText(doc, pointer) ?? '').find((found) => found !== '')
  if (id === '' || changed === undefined)
    throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The channel sent an order without id or time of change.' })
  return { id, changed: readTime(changed, orders.clock), doc, text }
}

const cursorOf = (position: Position): Cursor => ({
  from: new Date(position.from).toISOString(),
  page: position.page,
  ...(position.next === undefined ? {} : { next: position.next }),
  ...(position.count === undefined ? {} : { count: position.count }),
  ...(position.counted ? { counted: true } : {}),
  ...(position.again === undefined ? {} : { again: position.again }),
})

function positionOf(cursor: Cursor | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const { from, page, next, count, counted, again } = cursor
  const at = typeof from === 'string' ? Date.parse(from) : Number.NaN
  if (Number.isNaN(at) || typeof page !== 'number' || (next !== undefined && typeof next !== 'string')) throw cursorInvalid()
  return {
    from: at,
    page,
    ...(next === undefined ? {} : { next }),
    ...(typeof count === 'number' ? { count } : {}),
    ...(counted === true ? { counted: true } : {}),
    ...(typeof again === 'number' ? { again } : {}),
  }
}
