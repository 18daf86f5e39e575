import type { Cursor } from '../../src/core/connector.ts'
import { secondsOf, stampOf } from '../../src/kit/beijing-time.ts'
import { sliceJsonArray } from '../../src/kit/json.ts'
import { unreadable } from '../../src/kit/outcomes.ts'
import { pagesBackwards, type Listed } from '../../src/kit/pages-backwards.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, type Answer } from './client.ts'
import type { TopCall } from './manifest.ts'

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

/**
 * Documents changed in [from, to), last page first, as the channel demands. The window is asked for one second wider on
 * both sides and cut to size here, since the documentation does not say which of its ends belong to it.
 */
export function changesBackwards(
  call: TopCall,
  list: ChangeList,
  request: { readonly window: { readonly from: string; readonly to: string }; readonly after: Cursor | undefined },
): AsyncGenerator<{ readonly entries: readonly Entry[]; readonly cursor: Cursor | null }> {
  const { pageSize } = call.config
  const range = secondsOf(request.window)
  return pagesBackwards({ what: list.method, pageSize, after: request.after }, async (page, count) => {
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
  })
}

function listedOf({ body, root, doc }: Answer, list: ChangeList, range: { readonly from: number; readonly to: number }): Listed<Entry> {
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
