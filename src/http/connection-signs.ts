import type { ConnectionSigns } from '../store/read/connection-signs.ts'

export const NO_SIGNS: ConnectionSigns = { quiet_seconds: null, usual: [], documents: 0, fetches: 0, writes: 0, done: 0 }

/** A connection with less history than this has no habit yet. */
const WEEKS = 2
/** So many orders usually came by now: that none did happens by chance once in three thousand times. */
const EXPECTED = 8

/** Orders that usually come in the time since the last one; undefined without a habit. */
export function expectedSince({ usual }: ConnectionSigns): number | undefined {
  if (usual.length < WEEKS) return undefined
  const sorted = usual.toSorted((a, b) => a - b)
  // The quieter of the middle weeks: one busy week makes no habit.
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/** Nothing comes where by now something always had: "no orders" is then a fault until somebody says otherwise. */
export function isSilent(signs: ConnectionSigns): boolean {
  return (expectedSince(signs) ?? 0) >= EXPECTED
}

/** What waits, and how long it takes at the pace of the last ten minutes; null where nothing moved. */
export function signsView(signs: ConnectionSigns): Record<string, unknown> {
  const waiting = signs.documents + signs.fetches + signs.writes
  const perSecond = signs.done / 600
  return {
    silence: { quiet_seconds: signs.quiet_seconds, expected: expectedSince(signs) ?? null, silent: isSilent(signs) },
    backlog: {
      documents: signs.documents,
      fetches: signs.fetches,
      writes: signs.writes,
      per_minute: Math.round(signs.done / 10),
      drain_seconds: waiting === 0 ? 0 : perSecond === 0 ? null : Math.ceil(waiting / perSecond),
    },
  }
}
