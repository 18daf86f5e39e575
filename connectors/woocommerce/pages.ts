import type { Cursor, HttpResponse } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { readJsonArray } from '../../src/kit/json.ts'
import { textField } from '../../src/kit/read.ts'
import { send } from './client.ts'
import type { WooCall } from './manifest.ts'
import { gmtCeil, gmtFloor, shifted } from './time.ts'

/** One document of a page: its text as received and the same parsed. */
export interface Entry {
  readonly text: string
  readonly doc: unknown
  readonly id: string
  readonly modified: string // GMT without zone, as sent
}

export interface OrderPage {
  readonly entries: readonly Entry[]
  readonly cursor: Cursor | null
}

interface Position {
  /** Documents changed strictly after this second are still to come. */
  readonly after: string
  /** Above 1 only inside a second that holds more changes than fit on a page. */
  readonly page: number
  /** How many matched when page 1 of that second was read. */
  readonly total: number | undefined
  /** The shop's list turned out not to be sorted: the whole window is paged by number. */
  readonly counted: boolean
}

/**
 * Orders changed in [from, to), oldest change first. `modified_after` is strict and counts whole seconds, so it starts one
 * second early. After each page the query starts anew behind the last change seen, on page 1: an order that changes
 * meanwhile leaves the frozen window and shifts nobody else out of sight. Only a second with more changes than a page is
 * paged by number; when its count shrinks in between, that second is read again from its first page. Where a plugin or
 * cache spoils the sorting, the whole window is read again that way.
 */
export async function* changedOrders(
  call: WooCall,
  request: {
    readonly window: { readonly from: Instant; readonly to: Instant }
    readonly after: Cursor | undefined
    readonly status: 'any' | 'trash'
    readonly fields?: string
  },
): AsyncGenerator<OrderPage> {
  const before = gmtCeil(request.window.to)
  const start: Position = { after: shifted(gmtFloor(request.window.from), -1), page: 1, total: undefined, counted: false }
  let position: Position | undefined = positionOf(request.after) ?? start
  let previous: readonly Entry[] = []
  while (position) {
    const response = await send(call, {
      path: 'orders',
      query: {
        status: request.status,
        modified_after: position.after,
        modified_before: before,
        dates_are_gmt: true,
        orderby: 'modified',
        order: 'asc',
        per_page: call.config.pageSize,
        page: position.page,
        _fields: request.fields,
      },
    })
    const entries = entriesOf(response)
    if (position.page > 1 && isSamePage(previous, entries)) {
      throw new ChannelError({
        kind: 'unreadable',
        code: 'page-repeated',
        message: 'The shop says that more orders follow and sends the same page again.',
      })
    }
    previous = entries
    const sorted = entries.every((entry, i) => i === 0 || entry.modified >= (entries[i - 1]?.modified ?? ''))
    position = sorted || position.counted ? next(position, { entries, response, pageSize: call.config.pageSize }) : { ...start, counted: true }
    yield { entries, cursor: position ? cursorOf(position) : null }
  }
}

/** A cache or plugin that ignores the page number would be read for ever. */
const isSamePage = (a: readonly Entry[], b: readonly Entry[]): boolean =>
  b.length > 0 && a.length === b.length && b.every((entry, i) => entry.id === a[i]?.id && entry.modified === a[i]?.modified)

function next(
  position: Position,
  read: { readonly entries: readonly Entry[]; readonly response: HttpResponse; readonly pageSize: number },
): Position | undefined {
  const { entries, response } = read
  const total = numberHeader(response, 'x-wp-total')
  if (position.total !== undefined && total !== undefined && total < position.total) return { ...position, page: 1, total: undefined }
  const pages = numberHeader(response, 'x-wp-totalpages')
  // A page may be shorter than asked for although more follow: WooCommerce drops orders it cannot load.
  if (pages === undefined ? entries.length < read.pageSize : position.page >= pages) return undefined
  const last = entries.at(-1)?.modified
  const behindLast = last === undefined || position.counted ? position.after : shifted(last, -1)
  if (behindLast > position.after) return { ...position, after: behindLast, page: 1, total: undefined }
  return { ...position, page: position.page + 1, total: position.total ?? total }
}

/** The documents of a page answer, each with its verbatim text. */
export const entriesOf = (response: HttpResponse): readonly Entry[] =>
  readJsonArray(response.body, '').documents.map(({ doc, text }) => entryOf(doc, text))

export function entryOf(doc: unknown, text: string): Entry {
  const id = textField(doc, 'id')
  const modified = textField(doc, 'date_modified_gmt') ?? textField(doc, 'date_created_gmt')
  if (id === undefined || modified === undefined) {
    throw new ChannelError({ kind: 'unreadable', code: 'no-order', message: 'The shop sent an order without id or date.' })
  }
  return { id, modified: modified.slice(0, 19), doc, text }
}

const cursorOf = (position: Position): Cursor => ({
  after: position.after,
  page: position.page,
  ...(position.total === undefined ? {} : { total: position.total }),
  ...(position.counted ? { counted: true } : {}),
})

function positionOf(cursor: Cursor | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const { after, page, total, counted } = cursor
  if (typeof after !== 'string' || typeof page !== 'number' || Number.isNaN(Date.parse(`${after}Z`))) {
    throw new ChannelError({ kind: 'misconfigured', code: 'cursor-invalid', message: 'The stored position of this stream cannot be read.' })
  }
  return { after, page, total: typeof total === 'number' ? total : undefined, counted: counted === true }
}

export function numberHeader(response: HttpResponse, name: string): number | undefined {
  const value = Number(response.headers[name] ?? Number.NaN)
  return Number.isSafeInteger(value) ? value : undefined
}
