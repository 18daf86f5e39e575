import { filledConnection } from '../filled.ts'
import { judge, median } from '../report.ts'
import type { Metric } from '../sitting.ts'
import { backfill, settle } from '../steps.ts'

/** The same range again: nothing changed, nothing may be stored. */
export const metric: Metric = {
  name: 'repoll',
  rank: 20,
  about: 'the same orders again, none of them changed',
  run: async (sitting) => {
    const { orders } = sitting.options
    const hub = await sitting.hub()
    const connection = await filledConnection(sitting)
    const count = async (): Promise<string> => {
      const { rows } = await hub.db.query<{ raw: string; feed: string }>(
        'select (select count(*) from raw_events where connection_id = $1) as raw, (select count(*) from feed where connection_id = $1) as feed',
        [connection.id],
      )
      return JSON.stringify(rows[0])
    }
    const before = await count()
    const seconds: number[] = []
    for (let i = 0; i < sitting.options.repeats; i += 1) {
      await settle(hub)
      const run = await backfill(hub, connection, 0, orders)
      sitting.say(`repoll: ${Math.round(orders / run.seconds)} orders/s`)
      seconds.push(run.seconds)
    }
    const after = await count()
    if (before !== after) throw new Error(`An unchanged re-read stored something: ${before} before, ${after} after.`)
    return [judge({ metric: 'repoll', value: orders / median(seconds), unit: 'orders/s' }, { atLeast: 10_000 })]
  },
}
