import type { Cursor, Page, RawRecord } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { cursorInvalid } from '../../src/kit/pages-backwards.ts'
import type { AmazonCall } from './manifest.ts'

/** A token for the next page is good for a day. */
const TOKEN_MS = 23 * 3_600_000
/** An upper bound has to be two minutes old by the channel's clock; ours may run ahead by most of this. */
const SETTLED_MS = 3_600_000

/** One page of a list that goes on by token. */
export interface Listed {
  readonly records: readonly RawRecord[]
  readonly next: string | undefined
}

/** What a list is asked for: the same with every token. */
export interface Range {
  readonly after: Instant
  /** Absent where it would be too young for the channel. */
  readonly before?: Instant
  readonly token: string | undefined
}

export type Ask = (call: AmazonCall, range: Range) => Promise<Listed>

export interface Given {
  readonly ask: Ask
  readonly window: { readonly from: Instant; readonly to: Instant }
  readonly after: Cursor | undefined
}

/** A position is the token of the next page and when the list was begun; one too old begins it anew. */
export async function* pagesOf(call: AmazonCall, { ask, window, after }: Given): AsyncGenerator<Page> {
  const now = call.now().getTime()
  const [from, to] = [Date.parse(window.from), Date.parse(window.to)]
  // Nothing changes in the future, and asking for it is refused.
  if (from >= now) {
    yield { records: [], cursor: null }
    return
  }
  const stored = positionOf(after)
  const begun = stored && now - stored.at < TOKEN_MS ? stored : undefined
  const at = begun?.at ?? now
  let token = begun?.token
  const range = { after: window.from, ...(to <= at - SETTLED_MS ? { before: window.to } : {}) }
  for (;;) {
    const page = await ask(call, { ...range, token })
    if (page.next !== undefined && page.next === token)
      throw new ChannelError({ kind: 'unreadable', code: 'endless-pages', message: 'The list hands out the same page again and again.' })
    token = page.next
    const inside = page.records.filter(({ sourceTime = window.from }) => Date.parse(sourceTime) >= from && Date.parse(sourceTime) < to)
    yield { records: inside, cursor: token === undefined ? null : { token, at } }
    if (token === undefined) return
  }
}

function positionOf(cursor: Cursor | undefined): { readonly token: string; readonly at: number } | undefined {
  if (cursor === undefined) return undefined
  const { token, at } = cursor
  if (typeof token !== 'string' || token === '' || typeof at !== 'number') throw cursorInvalid()
  return { token, at }
}
