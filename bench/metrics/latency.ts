import type { Hub } from '../hub-process.ts'
import { sendHooks } from '../load/send.ts'
import { judge, quantile, type Row } from '../report.ts'
import type { Metric, Sitting } from '../sitting.ts'
import { connect, drained, retire, settle, type Connection } from '../steps.ts'
import { watchOrders } from '../watch-orders.ts'

const SECONDS = 20

/** From the moment a webhook is due at the door to its order standing committed in the canonical store. */
export const metric: Metric = {
  name: 'latency',
  rank: 50,
  about: 'webhook to committed order, at 50 and 500 a second',
  run: async (sitting) => {
    const hub = await sitting.hub()
    const connection = await connect(hub, await sitting.mock())
    await sendHooks(connection, { count: 2000, connections: 16 })
    await drained(hub)
    const slow = await delays(sitting, hub, connection, 50)
    const fast = await delays(sitting, hub, connection, 500)
    await retire(hub, connection)
    return [...rows(slow, 50, { p50: 10, p99: 50 }), ...rows(fast, 500, { p99: 100 })]
  },
}

async function delays(sitting: Sitting, hub: Hub, connection: Connection, rate: number): Promise<readonly number[]> {
  await settle(hub)
  const watch = await watchOrders(hub, connection)
  const count = rate * SECONDS
  const sent = await sendHooks(connection, { count, connections: 32, rate })
    .then(async (answered) => {
      await watch.until(count, 30_000)
      return answered
    })
    .finally(() => watch.stop())
  if (sent.accepted !== count || watch.seen.size !== count)
    throw new Error(`Of ${count} deliveries ${sent.accepted} were accepted and ${watch.seen.size} arrived.`)
  const found = Object.entries(sent.due).map(([number, due]) => (watch.seen.get(number) ?? Number.NaN) - due)
  sitting.say(`latency at ${rate}/s: p50 ${quantile(found, 0.5).toFixed(1)} ms, p99 ${quantile(found, 0.99).toFixed(1)} ms`)
  return found
}

const rows = (found: readonly number[], rate: number, goals: { readonly p50?: number; readonly p99: number }): readonly Row[] => [
  judge(
    { metric: `latency_${rate}_p50`, value: quantile(found, 0.5), unit: `ms at ${rate}/s` },
    goals.p50 === undefined ? {} : { atMost: goals.p50 },
  ),
  judge({ metric: `latency_${rate}_p99`, value: quantile(found, 0.99), unit: `ms at ${rate}/s` }, { atMost: goals.p99 }),
]
