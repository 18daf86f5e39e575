/** A seeded source of chance: the same seed plays the same shop again. */
export interface Random {
  /** In [0, 1). */
  next(): number
  /** A whole number, both ends included. */
  int(from: number, to: number): number
  pick<T>(from: readonly T[]): T
  chance(probability: number): boolean
  /** Lower-case hexadecimal text. */
  hex(length: number): string
}

/** mulberry32: small, fast, good enough to shuffle shops (never for secrets). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  const int = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    int,
    pick(from) {
      const chosen = from[int(0, from.length - 1)]
      if (chosen === undefined) throw new Error('Cannot pick from an empty list.')
      return chosen
    },
    chance: (probability) => next() < probability,
    hex: (length) => Array.from({ length }, () => int(0, 15).toString(16)).join(''),
  }
}
