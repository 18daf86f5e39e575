import type { Instant } from '../core/order.ts'

const OFFSET_MS = 8 * 3_600_000

/** Chinese channels stamp in UTC+8 all year without naming a zone: "2025-06-01 10:00:04". Undefined for anything else. */
export function instantOf(stamp: string): Instant | undefined {
  const ms = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/.test(stamp) ? Date.parse(`${stamp.replace(' ', 'T')}+08:00`) : Number.NaN
  return Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** An instant as these channels write it. */
export const stampOf = (ms: number): string => new Date(ms + OFFSET_MS).toISOString().slice(0, 19).replace('T', ' ')

/** [from, to) in whole seconds, as milliseconds: a stamp stands for every moment of its second. */
export const secondsOf = (window: { readonly from: Instant; readonly to: Instant }): { readonly from: number; readonly to: number } => ({
  from: Math.floor(Date.parse(window.from) / 1000) * 1000,
  to: Math.ceil(Date.parse(window.to) / 1000) * 1000,
})
