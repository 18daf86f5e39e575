import type { MarketShop } from './shop.ts'

const BEIJING_MS = 8 * 3_600_000
const DAY_MS = 86_400_000

/** What each shop had opened on its last such day. */
const opened = new WeakMap<MarketShop, { readonly day: number; readonly keys: Set<string> }>()

/**
 * Counts what a shop has opened for it since midnight in Beijing, each key once. False, and nothing counted, when that would be more than
 * `perDay`; without a number there is no end to it.
 */
export function mayOpen(shop: MarketShop, keys: readonly string[], perDay: number | undefined): boolean {
  const day = Math.floor((shop.clock.now() + BEIJING_MS) / DAY_MS)
  const known = opened.get(shop)
  const today = known?.day === day ? known : { day, keys: new Set<string>() }
  const all = new Set([...today.keys, ...keys])
  if (perDay !== undefined && all.size > perDay) return false
  opened.set(shop, { day, keys: all })
  return true
}
