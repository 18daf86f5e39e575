import { z } from 'zod'
import { badInput } from './problem.ts'

/** Where a keyset page stopped: the order it was read in, and the last row's sort value and id. */
export interface PageCursor {
  readonly sort: string
  readonly value: string
  readonly id: string
}

const shape = z.strictObject({ s: z.string().max(40), v: z.string().max(300), i: z.string().max(300) })

export const encodeCursor = (cursor: PageCursor): string =>
  Buffer.from(JSON.stringify({ s: cursor.sort, v: cursor.value, i: cursor.id })).toString('base64url')

/**
 * Opens a cursor this API gave out. A cursor grants nothing (scopes apply on every page), so it is checked, not signed.
 * @throws Problem 400 `cursor-invalid` when it is garbled, of another list or of another sort order
 */
export function decodeCursor(text: string, sort: string, value: RegExp, id: RegExp): PageCursor {
  const refused = badInput([{ pointer: '?cursor', code: 'cursor-invalid', message: 'This cursor was not given out for this list and sort order.' }])
  if (!/^[A-Za-z0-9_-]{1,1200}$/.test(text)) throw refused
  const parsed = shape.safeParse(parseOrUndefined(Buffer.from(text, 'base64url').toString('utf8')))
  if (!parsed.success || parsed.data.s !== sort || !value.test(parsed.data.v) || !id.test(parsed.data.i)) throw refused
  return { sort, value: parsed.data.v, id: parsed.data.i }
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** A bigint identity that fits. */
export const ID = /^[1-9]\d{0,17}$/
/** timestamptz as Postgres prints it in UTC, microseconds kept. */
export const STAMP = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00$/
export const TEXT = /^[^\u0000]{0,300}$/u

/** `{items, next_cursor, has_more}` from one row more than asked for. */
export function page<T>(
  rows: readonly T[],
  limit: number,
  cursorOf: (row: T) => PageCursor,
): { readonly items: readonly T[]; readonly next_cursor: string | null; readonly has_more: boolean } {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const more = rows.length > limit
  return { items, next_cursor: more && last !== undefined ? encodeCursor(cursorOf(last)) : null, has_more: more }
}
