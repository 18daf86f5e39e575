import { inWindow, numberedPage, type Listed } from '../stage/market/paging.ts'
import { fromStamp, refuse, TopError } from './wire.ts'
import type { TaobaoShop } from './words.ts'

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

export interface Slice<T> {
  readonly records: readonly T[]
  /** The count or, where asked for, only whether there is more. */
  readonly head: Readonly<Record<string, unknown>>
}

/** Newest change first; ties keep the order they were made in, the youngest first. Nothing older than 92 days. */
export function changedIn<T extends Listed>(shop: TaobaoShop, all: Iterable<T>, params: Params, keep: (one: T) => boolean): Slice<T> {
  const oldest = shop.clock.now() - 92 * DAY_MS
  const found = inWindow(shop, all, { ...changeWindow(params), descending: true }, (one) => one.modifiedAt >= oldest && keep(one))
  const size = whole(params, 'page_size', 40, [1, 100])
  const { records, total, hasNext } = numberedPage(shop, found, { page: whole(params, 'page_no', 1, [1, 1_000_000]), size })
  return { records, head: params.get('use_has_next') === 'true' ? { has_next: hasNext } : { total_results: total } }
}
