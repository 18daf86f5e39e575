import type { ShopTroubles } from '../../../sandbox/stage/shop-control.ts'
import type { Done } from '../../../sandbox/stage/shop-control.ts'
import type { Stage } from './stage.ts'

/** A trouble the simulator has to be able to make; one that cannot fails the check, because then nothing was tried. */
export function trouble<K extends keyof ShopTroubles>(stage: Stage, name: K): ShopTroubles[K] {
  const found: Partial<ShopTroubles>[K] = stage.sim.control[name]
  if (found === undefined) throw new Error(`The simulator of ${stage.subject.id} cannot make this trouble: ${name}.`)
  return found
}

/** The order something happened to. */
export function done(what: Done): string {
  if (!what.ok) throw new Error(`The simulated channel refused: ${what.reason}`)
  return what.orderId
}

/** A SKU of the simulated channel with units to spare. */
export function stocked(stage: Stage, sku: string, quantity = 100_000): string {
  if (!stage.sim.control.setStock(sku, quantity)) throw new Error(`The simulated channel does not sell ${sku}.`)
  return sku
}
