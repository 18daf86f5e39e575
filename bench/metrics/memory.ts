import { heldSizes } from '../held.ts'
import { judge, missing } from '../report.ts'
import type { Metric } from '../sitting.ts'

const GOAL_MB = 400

/** The most memory the hub's process ever had resident while it was filled to these sizes. */
export const metric: Metric = {
  name: 'memory',
  rank: 95,
  about: "peak memory of the hub's process at 10,000 and 1,000,000 orders (takes minutes)",
  run: async (sitting) => {
    const sizes = await heldSizes(sitting)
    return [sizes.at(0), sizes.at(-1)].flatMap((size) => {
      if (!size) return []
      const metric = `memory_${size.orders}`
      if (size.peakRss === undefined)
        return [missing(metric, 'MB', `≤ ${GOAL_MB}`, 'Peak memory is read from /proc, which this system does not have.')]
      return [judge({ metric, value: size.peakRss / 1e6, unit: 'MB peak' }, { atMost: GOAL_MB })]
    })
  },
}
