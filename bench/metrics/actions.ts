import { sendHooks } from '../load/send.ts'
import type { Hub } from '../hub-process.ts'
import { judge } from '../report.ts'
import type { Metric } from '../sitting.ts'
import { backfill, connect, drained, pause, retire, type Connection } from '../steps.ts'
import { actionsOf } from '../temporal-actions.ts'

const RATE = 500
const SECONDS = 20
const POLLS = 10

/** What the workflow server is asked to do for an order, counted from the histories: everything that ran meanwhile counts. */
export const metric: Metric = {
  name: 'actions',
  rank: 70,
  about: 'Temporal actions an order, counted from the histories',
  run: async (sitting) => {
    const { orders } = sitting.options
    const [hub, mock] = [await sitting.hub(), await sitting.mock()]
    await mock.control(`reset?n=${orders}`)
    const connection = await connect(hub, mock)
    const bulk = await countedWhile(hub, () => backfill(hub, connection, 0, orders))
    const hooks = await countedWhile(hub, async () => {
      await sendHooks(connection, { count: RATE * SECONDS, connections: 32, rate: RATE })
      await drained(hub)
    })
    await mock.control('reset?n=0')
    const idle = await countedWhile(hub, () => idlePolls(hub, connection))
    await retire(hub, connection)
    return [
      judge({ metric: 'actions_backfill', value: bulk / orders, unit: 'actions/order' }, { atMost: 0.002 }),
      judge({ metric: 'actions_hooks', value: hooks / (RATE * SECONDS), unit: `actions/order at ${RATE}/s` }, { atMost: 0.05 }),
      judge({ metric: 'actions_idle_poll', value: idle / POLLS, unit: 'actions/poll' }, { atMost: 5 }),
    ]
  },
}

async function countedWhile(hub: Hub, work: () => Promise<unknown>): Promise<number> {
  await pause(2000) // what ran before is in the histories
  const before = await actionsOf(hub)
  await work()
  await pause(2000)
  return (await actionsOf(hub)).total - before.total
}

/** Rounds that find nothing, each asked for and waited for. */
async function idlePolls(hub: Hub, connection: Connection): Promise<void> {
  const rounds = async (): Promise<string> => {
    const { rows } = await hub.db.query<{ at: string }>(
      `select max(last_success_at)::text as at from streams where connection_id = $1 and stream = 'orders'`,
      [connection.id],
    )
    return rows[0]?.at ?? ''
  }
  for (let i = 0; i < POLLS; i += 1) {
    const before = await rounds()
    await hub.call('POST', `/v1/connections/${connection.id}/pull`)
    for (let waited = 0; (await rounds()) === before; waited += 20) {
      if (waited > 30_000) throw new Error('A round that was asked for did not come within 30 s.')
      await pause(20)
    }
  }
}
