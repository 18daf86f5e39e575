import { filledConnection } from '../filled.ts'
import type { Hub } from '../hub-process.ts'
import { judge, median } from '../report.ts'
import type { Metric } from '../sitting.ts'
import { pause, settle, type Connection } from '../steps.ts'

const PATIENCE_MS = 30_000

/** One order in a hundred changed: from "read now" until all of them stand as the channel has them. */
export const metric: Metric = {
  name: 'incremental',
  rank: 30,
  about: '1 % of the orders changed, read now',
  run: async (sitting) => {
    const [hub, mock] = [await sitting.hub(), await sitting.mock()]
    const connection = await filledConnection(sitting)
    const seconds: number[] = []
    // The first round is not counted: the poll has not read this connection before.
    for (let i = 0; i <= sitting.options.repeats; i += 1) {
      await settle(hub)
      const { mutated, at } = await mock.control('mutate?pct=1')
      const started = performance.now()
      await hub.call('POST', `/v1/connections/${connection.id}/pull`)
      await standing(hub, connection, Number(mutated), String(at))
      const elapsed = (performance.now() - started) / 1000
      sitting.say(`incremental: ${String(mutated)} orders in ${elapsed.toFixed(3)} s`)
      if (i > 0) seconds.push(elapsed)
    }
    return [judge({ metric: 'incremental', value: median(seconds), unit: 's' }, { atMost: 0.5 })]
  },
}

async function standing(hub: Hub, connection: Connection, count: number, at: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  for (;;) {
    const { rows } = await hub.db.query<{ count: number }>(
      'select count(*)::int as count from orders where connection_id = $1 and source_time = $2',
      [connection.id, at],
    )
    if (rows[0]?.count === count) return
    if (performance.now() > deadline)
      throw new Error(`Only ${rows[0]?.count ?? 0} of ${count} changed orders arrived within ${PATIENCE_MS / 1000} s.`)
    await pause(5)
  }
}
