import type { TaobaoShop } from './shop.ts'
import { fromStamp, refuse, TopError } from './wire.ts'

export type Params = ReadonlyMap<string, string>

export function need(params: Params, name: string): string {
  const value = params.get(name) ?? ''
  if (value === '') throw new TopError(40, 'Missing required arguments:' + name, 'isv.missing-parameter', name)
  return value
}

export const invalid = (name: string, why: string): TopError => new TopError(41, `Invalid arguments:${name}`, `isv.invalid-parameter:${name}`, why)

export function whole(params: Params, name: string, usual: number, range: readonly [number, number]): number {
  const text = params.get(name) ?? ''
  if (text === '') return usual
  const value = Number(text)
  if (!Number.isInteger(value) || value < range[0] || value > range[1]) throw invalid(name, `between ${range[0]} and ${range[1]}`)
  return value
}

export function time(params: Params, name: string): number {
  const ms = fromStamp(need(params, name))
  if (ms === undefined) throw invalid(name, 'yyyy-MM-dd HH:mm:ss')
  return ms
}

const DAY_MS = 86_400_000

/** Both ends belong to the window; more than a day is refused. */
export function changeWindow(params: Params): { readonly from: number; readonly to: number } {
  const window = { from: time(params, 'start_modified'), to: time(params, 'end_modified') }
  if (window.to <= window.from) throw refuse('isv.invalid-parameter:end_modified', '结束时间必须大于开始时间')
  if (window.to - window.from > DAY_MS) throw refuse('isv.invalid-parameter:modified-time-span', '修改时间跨度不能大于一天')
  return window
}

interface Changed {
  readonly modifiedAt: number
  readonly visibleAt: number
}

export interface Slice<T> {
  readonly records: readonly T[]
  /** The count or, where asked for, only whether there is more. */
  readonly head: Readonly<Record<string, unknown>>
}

/** Newest change first; ties keep the order they were made in, the youngest first. */
export function changedIn<T extends Changed>(shop: TaobaoShop, all: Iterable<T>, params: Params, keep: (one: T) => boolean): Slice<T> {
  const window = changeWindow(params)
  const now = shop.clock.now()
  const oldest = now - 92 * DAY_MS
  const found = [...all].filter(
    (one) => one.modifiedAt >= window.from && one.modifiedAt <= window.to && one.modifiedAt >= oldest && one.visibleAt <= now && keep(one),
  )
  return sliced(
    shop,
    found.reverse().sort((a, b) => b.modifiedAt - a.modifiedAt),
    params,
  )
}

function sliced<T>(shop: TaobaoShop, found: readonly T[], params: Params): Slice<T> {
  const size = whole(params, 'page_size', 40, [1, 100])
  const page = whole(params, 'page_no', 1, [1, 1_000_000])
  const pages = Array.from({ length: Math.ceil(found.length / size) }, (_, i) => found.slice(i * size, (i + 1) * size))
  // The empty page counts as a full one: its records were filtered out behind the count.
  const isOdd = shop.paging === 'empty-middle' && pages.length > 1
  if (isOdd) pages.splice(Math.floor(pages.length / 2), 0, [])
  const repeats = shop.paging === 'repeat'
  const records = pages[page - 1] ?? (repeats ? (pages.at(-1) ?? []) : [])
  const total = found.length + (isOdd ? size : 0)
  return { records, head: params.get('use_has_next') === 'true' ? { has_next: repeats || page < pages.length } : { total_results: total } }
}
