import type { Instant } from '../../src/core/order.ts'

/** As requests want it: "2018-02-10T16:00:00+08:00" (E017 for anything else). */
export const stampOf = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}+00:00`

/**
 * "2018-02-10 16:00:00 +0800", ISO 8601 with a zone, or milliseconds since 1970, as the samples of the channel have it now
 * this way, now that. Undefined for a time without a zone, which could be any.
 */
export function instantOf(text: string): Instant | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,3})? ?(Z|[+-]\d\d:?\d\d)$/.exec(text.trim())
  const zone = (match?.[3] ?? '').replace(/^([+-]\d\d)(\d\d)$/, '$1:$2')
  const ms = match ? Date.parse(`${match[1] ?? ''}T${match[2] ?? ''}${zone}`) : msOf(text)
  return ms === undefined || Number.isNaN(ms) ? undefined : `${new Date(ms).toISOString().slice(0, 19)}Z`
}

/** Milliseconds, or seconds where there are too few digits for those: both are seen in numbers of this channel. */
export function msOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{10,14}$/.test(text)) return undefined
  return text.length > 11 ? Number(text) : Number(text) * 1000
}
