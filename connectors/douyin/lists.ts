import type { Cursor } from '../../src/core/connector.ts'
import type { Instant } from '../../src/core/order.ts'
import { secondsOf } from '../../src/kit/beijing-time.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { cursorInvalid, pagesBackwards, type Listed } from '../../src/kit/pages-backwards.ts'
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
  readonly parameters: (part: Part) => Readonly<Record<string, Param>>
}

/** [from, to) in whole seconds. */
export interface Part {
  readonly from: number
  readonly to: number
}

/**
 * The channel pages to a depth of 50,000 and other sources say 10,000: a window that holds more is halved until each half can be
 * read to its end. What arrives while a half is read still has room below the depth that is documented.
 */
const DEEPEST = 10_000

/**
 * Documents changed in a window, in parts that the channel can page through, each last page first: what changes meanwhile
 * leaves the window and moves what lies behind it towards page 0, which is read last. The window is asked for one second wider and
 * cut to size here, since the documentation does not say which of its ends belong to it.
 */
export async function* changes(
  call: DouyinCall,
  list: ChangeList,
  request: { readonly window: { readonly from: Instant; readonly to: Instant }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> {
  const { pageSize } = call.config
  const ends = secondsOf(request.window)
  const whole = { from: ends.from / 1000, to: ends.to / 1000 }
  let { part, inside } = positionOf(request.after, whole)
  while (part.from < part.to) {
    const ask = (page: number): Promise<Listed<Entry>> => pageOf(call, list, part, page - 1)
    const rest: Part = { from: part.to, to: whole.to }
    const behind = rest.from < rest.to ? { ...rest } : null
    const first = inside ? undefined : await ask(1)
    if (first && first.total > DEEPEST) {
      part = firstHalf(part, list.method)
      continue
    }
    if (first && first.total <= pageSize) yield { entries: first.entries, cursor: behind }
    else {
      const after = inside ?? { page: Math.ceil((first?.total ?? 0) / pageSize), total: first?.total ?? 0, round: 1 }
      for await (const { entries, cursor } of pagesBackwards({ what: list.method, pageSize, after }, ask))
        yield { entries, cursor: cursor === null ? behind : { ...part, ...cursor } }
    }
    part = rest
    inside = undefined
  }
}

async function pageOf(call: DouyinCall, list: ChangeList, part: Part, page: number): Promise<Listed<Entry>> {
  const wide = { from: part.from - 1, to: part.to }
  const { body, data } = await read(call, list.method, { ...list.parameters(wide), page, size: call.config.pageSize })
  const total = Number(textField(data, 'total'))
  if (!Number.isSafeInteger(total)) throw unreadable(`${list.method} answered without a count.`)
  const docs = listField(data, list.member)
  // An empty answer may have null for a list.
  const texts = docs.length === 0 ? [] : sliceJsonArray(body, `/data/${list.member}`)
  const entries = docs.map((doc, i) => ({ doc, text: texts[i] ?? '' }))
  return { total, entries: entries.filter(({ doc }) => isWithin(list.changedAt(doc), part)) }
}

/** A document without a time is kept: better twice than not at all. */
const isWithin = (at: number, { from, to }: Part): boolean => Number.isNaN(at) || (at >= from && at < to)

function firstHalf({ from, to }: Part, method: string): Part {
  if (to - from > 1) return { from, to: from + Math.floor((to - from) / 2) }
  throw unreadable(`${method} shows more than ${DEEPEST} changes in one second.`)
}

function positionOf(cursor: Cursor | undefined, whole: Part): { readonly part: Part; readonly inside: Cursor | undefined } {
  if (cursor === undefined) return { part: whole, inside: undefined }
  const { from, to, ...inside } = cursor
  const sound = typeof from === 'number' && typeof to === 'number' && from >= whole.from && from < to && to <= whole.to
  if (!sound || !Number.isSafeInteger(from) || !Number.isSafeInteger(to)) throw cursorInvalid()
  return { part: { from, to }, inside: Object.keys(inside).length === 0 ? undefined : inside }
}
