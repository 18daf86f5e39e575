import { PddError } from './wire.ts'

export type Params = ReadonlyMap<string, string>

export function need(params: Params, name: string): string {
  const value = params.get(name) ?? ''
  if (value === '') throw new PddError(21002, '请求参数不能为空', '21002', name)
  return value
}

export const invalid = (why: string): PddError => new PddError(21001, '请求参数错误', '21001', why)

export function whole(params: Params, name: string, range: readonly [number, number], usual?: number): number {
  const text = usual === undefined ? need(params, name) : (params.get(name) ?? String(usual))
  const value = Number(text)
  if (!Number.isInteger(value) || value < range[0] || value > range[1]) throw invalid(name)
  return value
}

/** Seconds since 1970, half an hour apart at most. */
export function changeWindow(params: Params): { readonly from: number; readonly to: number } {
  const [from, to] = [whole(params, 'start_updated_at', [0, 1e11]), whole(params, 'end_updated_at', [0, 1e11])]
  if (to < from) throw invalid('end_updated_at 不能小于 start_updated_at')
  if (to - from > 1800) throw invalid('开始时间结束时间间距不超过 30 分钟')
  return { from: from * 1000, to: to * 1000 }
}
