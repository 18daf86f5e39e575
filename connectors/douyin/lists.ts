import type { Cursor } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import type { Listed } from '../../src/kit/pages-backwards.ts'
import { pagesInParts, type Part } from '../../src/kit/pages-in-parts.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { read } from './client.ts'
import type { DouyinCall } from './manifest.ts'
import type { Param } from './param-json.ts'

/** One document of a list: its text as received and the same parsed. */
export interface Entry {
  readonly text: string
  readonly doc: unknown
}

/** A list of the channel sorted by change time, newest first. */
export interface ChangeList {
  readonly method: string
  /** Member of the answer that holds the list. */
  readonly member: string
  /** Seconds of the last change of a document. */
  readonly changedAt: (doc: unknown) => number
  /** Of a window in whole seconds, both ends included. */
  readonly parameters: (from: number, to: number) => Readonly<Record<string, Param>>
}

/**
 * The channel pages to a depth of 50,000 and other sources say 10,000: a window that holds more is read in parts. What arrives
 * meanwhile still has room below the depth that is documented.
 */
const DEEPEST = 10_000

/** Documents changed in a window, in parts that the channel can page through, each last page first. */
export const changes = (
  call: DouyinCall,
  list: ChangeList,
  given: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> =>
  pagesInParts(
    { what: list.method, pageSize: call.config.pageSize, most: DEEPEST, ask: (part, page) => pageOf(call, list, { part, page: page - 1 }) },
    given,
  )

/**
 * The window is asked for one second wider and cut to size here, since the documentation does not say which of its ends belong to it.
 */
async function pageOf(call: DouyinCall, list: ChangeList, { part, page }: { readonly part: Part; readonly page: number }): Promise<Listed<Entry>> {
  const [from, to] = [part.from / 1000, part.to / 1000]
  const { body, data } = await read(call, list.method, { ...list.parameters(from - 1, to), page, size: call.config.pageSize })
  const total = Number(textField(data, 'total'))
  if (!Number.isSafeInteger(total)) throw unreadable(`${list.method} answered without a count.`)
  const docs = listField(data, list.member)
  // An empty answer may have null for a list.
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/data/${list.member}`)
  const entries = docs.map((doc, i) => ({ doc, text: texts[i] ?? '' }))
  // A document without a time is kept: better twice than not at all.
  const isWithin = (at: number): boolean => Number.isNaN(at) || (at >= from && at < to)
  return { total, entries: entries.filter(({ doc }) => isWithin(list.changedAt(doc))) }
}
