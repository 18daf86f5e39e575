import type { ChannelSim } from '../../sandbox/stage/channel-sim.ts'
import type { LineTruth } from '../../sandbox/stage/ledger.ts'
import { createRandom } from '../../sandbox/stage/random.ts'

/** One order at which something may happen, with two of its lines, and which of the acts it will be. */
export interface Moment<Sim extends ChannelSim> {
  readonly sim: Sim
  readonly id: string
  readonly line: LineTruth | undefined
  readonly other: LineTruth | undefined
  readonly what: number
}

type Act = () => { readonly ok: true; readonly orderId: string } | { readonly ok: false; readonly reason: string } | undefined

/**
 * Plays things that may happen in a shop, three seconds apart, to orders of any age, and never lets it run out of goods. What cannot happen to an
 * order is refused and leaves it alone. The first of `acts` places an order. Returns the orders there are.
 */
export function playLife<Sim extends ChannelSim>(
  sim: Sim,
  { seed, steps }: { readonly seed: number; readonly steps: number },
  acts: (moment: Moment<Sim>) => readonly Act[],
): ReadonlySet<string> {
  const random = createRandom(seed)
  const many = acts({ sim, id: '', line: undefined, other: undefined, what: 0 }).length
  const ids = new Set<string>()
  for (let n = 0; n < steps; n += 1) {
    sim.clock.advance(3000)
    const known = [...ids]
    const what = known.length < 4 ? 0 : random.int(0, many - 1)
    const id = known[random.int(0, Math.max(0, known.length - 1))] ?? ''
    const [line, other] = sim.ledger.order(id)?.lines ?? []
    const done = acts({ sim, id, line, other, what })[what]?.()
    for (const each of [line, other]) if (each && (sim.control.stockOf(each.sku) ?? 9) < 5) sim.control.setStock(each.sku, 100)
    if (done?.ok) ids.add(done.orderId)
  }
  return ids
}
