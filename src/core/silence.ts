/** A connection with less history than this has no habit yet. */
const WEEKS = 2
/** So many orders usually came by now: that none did happens by chance once in three thousand times. */
const EXPECTED = 8

/** What tells a quiet night from a silence: orders in the same hours of each of the past four weeks. */
export interface Habit {
  readonly usual: readonly number[]
}

/** Orders that usually come in the time since the last one; undefined without a habit. */
export function expectedSince({ usual }: Habit): number | undefined {
  if (usual.length < WEEKS) return undefined
  const sorted = usual.toSorted((a, b) => a - b)
  // The quieter of the middle weeks: one busy week makes no habit.
  return sorted[Math.floor((sorted.length - 1) / 2)]
}

/** Nothing comes where by now something always had: "no orders" is then a fault until somebody says otherwise. */
export const isSilent = (signs: Habit): boolean => (expectedSince(signs) ?? 0) >= EXPECTED
