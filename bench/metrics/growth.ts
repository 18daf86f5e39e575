import type { Costs } from '../costs.ts'
import { heldSizes, type Size } from '../held.ts'
import { judge, type Row } from '../report.ts'
import type { Metric } from '../sitting.ts'

const KINDS: readonly (readonly [keyof Costs, string])[] = [
  ['fresh', 'growth_new'],
  ['changed', 'growth_changed'],
  ['unchanged', 'growth_unchanged'],
  ['lookup', 'growth_lookup'],
  ['feedTail', 'growth_feed_tail'],
]

/** What the same piece of work costs when a hundred times as many orders are held. */
export const metric: Metric = {
  name: 'growth',
  rank: 90,
  about: 'the same work with a hundred times as many orders held (takes minutes)',
  run: async (sitting) => {
    const sizes = await heldSizes(sitting)
    const [small, large] = [sizes.at(0), sizes.at(-1)]
    if (!small || !large) return []
    return [...KINDS.map(([kind, metric]) => ratio(metric, kind, small, large)), disk(large)]
  },
}

function ratio(metric: string, kind: keyof Costs, small: Size, large: Size): Row {
  const unit = `× from ${small.orders} to ${large.orders} orders (${small.costs[kind].toFixed(1)} → ${large.costs[kind].toFixed(1)} ms)`
  return judge({ metric, value: large.costs[kind] / small.costs[kind], unit }, { atMost: 1.5 })
}

const disk = (large: Size): Row =>
  judge({ metric: 'growth_disk', value: large.databaseBytes / large.orders / 1000, unit: 'KB of database/order' }, {})
