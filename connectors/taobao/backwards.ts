import type { Cursor } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, unreadable, type Answer } from './client.ts'
import type { TopCall } from './manifest.ts'
import { secondsOf, stampOf } from './time.ts'

/** One document of a list: its text as received and the same parsed. */
export interface Entry {
  readonly id: string
  readonly text: string
  readonly doc: unknown
}

/** A list that is sorted by change time, newest first. */
export interface ChangeList {
  readonly method: string
  readonly fields: string
  /** Members of the answer that lead to the list: ["trades", "trade"]. */
  readonly path: readonly [string, string]
  readonly id: string
  readonly types?: string
}

interface Position {
  readonly page: number
  /** How many documents there were when this descent began. */
  readonly total: number
  /** Descents so far; a list that grows under our feet is read again from its new end. */
  readonly round: number
}

const MAX_ROUNDS = 5

/**
 * Documents changed in [from, to), last page first, as the channel demands: an order that changes meanwhile leaves the
 * window and moves those behind it towards page 1, which is read last, so none slips through. The first call counts;
 * when everything fits on that page it is also the only one. If the last look shows more than were counted, late ones
 * were let in and the window is read once more. The window is asked for one second wider on both sides and cut to size
 * here, since the documentation does not say which of its ends belong to it.
 */
export async function* changesBackwards(
  call: TopCall,
  list: ChangeList,
  request: { readonly window: { readonly from: string; readonly to: string }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> {
  const { pageSize } = call.config
  const range = secondsOf(request.window)
  const ask = async (page: number, count: boolean): Promise<Listed> => {
    const answer = await read(call, list.method, {
      fields: list.fields,
      start_modified: stampOf(range.from - 1000),
      end_modified: stampOf(range.to),
      ...(list.types === undefined ? {} : { type: list.types }),
      page_no: page,
      page_size: pageSize,
      use_has_next: !count,
    })
    return listedOf(answer, list, range)
  }
  let position: Position | undefined = positionOf(request.after)
  if (!position) {
    const first = await ask(1, true)
    if (first.total <= pageSize) {
      yield { entries: first.entries, cursor: null }
      return
    }
    position = { page: Math.ceil(first.total / pageSize), total: first.total, round: 1 }
  }
  while (position) {
    const listed = await ask(position.page, position.page === 1)
    position = nextOf(position, listed.total, pageSize)
    if (position && position.round > MAX_ROUNDS) throw growing(list.method)
    yield { entries: listed.entries, cursor: position ? { ...position } : null }
  }
}

/** One page towards the front; behind page 1 the window is complete unless it holds more than when its pages were counted. */
function nextOf({ page, total, round }: Position, seen: number, pageSize: number): Position | undefined {
  if (page > 1) return { page: page - 1, total, round }
  return seen > total ? { page: Math.ceil(seen / pageSize), total: seen, round: round + 1 } : undefined
}

interface Listed {
  readonly entries: readonly Entry[]
  readonly total: number
}

function listedOf({ body, root, doc }: Answer, list: ChangeList, range: { readonly from: number; readonly to: number }): Listed {
  const [count, more] = [textField(doc, 'total_results'), field(doc, 'has_next')]
  if (count === undefined && more === undefined) throw unreadable(`${list.method} answered neither how many there are nor whether there are more.`)
  const total = Number(count ?? 0)
  // An empty answer has no list at all.
  const [outer, inner] = list.path
  const docs = listField(field(doc, outer), inner)
  if (docs.length === 0) return { entries: [], total }
  const texts = sliceJsonArray(body, `/${root}/${outer}/${inner}`)
  const [from, to] = [stampOf(range.from), stampOf(range.to)]
  const entries = docs.map((each, i): Entry & { readonly modified: string } => {
    const id = textField(each, list.id)
    if (id === undefined) throw unreadable(`${list.method} sent a document without ${list.id}.`)
    return { id, text: texts[i] ?? '', doc: each, modified: textField(each, 'modified') ?? from }
  })
  return { entries: entries.filter(({ modified }) => modified >= from && modified < to), total }
}

function positionOf(cursor: Cursor | undefined): Position | undefined {
  if (cursor === undefined) return undefined
  const { page, total, round } = cursor
  const sound = [page, total, round].every((value) => typeof value === 'number' && Number.isSafeInteger(value) && value >= 1)
  if (!sound || typeof page !== 'number' || typeof total !== 'number' || typeof round !== 'number') {
    throw new ChannelError({ kind: 'misconfigured', code: 'cursor-invalid', message: 'The stored position of this stream cannot be read.' })
  }
  return { page, total, round }
}

const growing = (method: string): ChannelError =>
  new ChannelError({
    kind: 'unreadable',
    code: 'endless-pages',
    message: `${method} grows as fast as it is read. Nothing was skipped; it is read again later.`,
  })
