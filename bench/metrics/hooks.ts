import type { Hub } from '../hub-process.ts'
import { sendHooks } from '../load/send.ts'
import { cpuOf, type Cpu } from '../processes.ts'
import { judge, median, quantile } from '../report.ts'
import type { Metric } from '../sitting.ts'
import { all, canonical, connect, drained, retire, settle, type Connection } from '../steps.ts'

const FLOOD = 10_000
const RATE = 500
const RATE_SECONDS = 20

/** The door: signed deliveries, each committed before it is answered, while the hub works on what came before. */
export const metric: Metric = {
  name: 'hooks',
  rank: 40,
  about: 'webhooks taken in durably, as many as it can and at a rate',
  run: async (sitting) => {
    const hub = await sitting.hub()
    const connection = await connect(hub, await sitting.mock())
    await sendHooks(connection, { count: 2000, connections: 16 }) // the code is compiled when it is used first
    await drained(hub)
    let expected = 2000
    const rates: number[] = []
    const cpu: number[] = []
    for (let i = 0; i < sitting.options.repeats; i += 1) {
      await settle(hub)
      const before = cpuOf(hub.pids)
      const sent = await sendHooks(connection, { count: FLOOD, connections: 64 })
      if (sent.refused > 0) throw new Error(`${sent.refused} of ${FLOOD} deliveries were refused.`)
      sitting.say(
        `hooks: ${Math.round(sent.accepted / sent.seconds)} accepted a second, answered within ${quantile(sent.answers, 0.99).toFixed(1)} ms (p99)`,
      )
      const door = cpuOf(hub.pids)
      const per = (name: keyof Cpu): string => (((door[name] - before[name]) / FLOOD) * 1000).toFixed(2)
      sitting.say(`hooks: meanwhile the hub used ${per('hub')} and PostgreSQL ${per('postgres')} CPU-s/1k`)
      rates.push(sent.accepted / sent.seconds)
      expected += FLOOD
      await drained(hub)
      cpu.push(((all(cpuOf(hub.pids)) - all(before)) / FLOOD) * 1000)
      await nothingLost(hub, connection, expected)
    }
    await settle(hub)
    const paced = await sendHooks(connection, { count: RATE * RATE_SECONDS, connections: 32, rate: RATE })
    await drained(hub)
    await nothingLost(hub, connection, expected + paced.accepted)
    await retire(hub, connection)
    return [
      judge({ metric: 'hooks_accept', value: median(rates), unit: 'hooks/s' }, { atLeast: 3000 }),
      judge({ metric: 'hooks_cpu', value: median(cpu), unit: 'CPU-s/1k hooks, door to order' }, {}),
      judge({ metric: 'hooks_ack_p50', value: quantile(paced.answers, 0.5), unit: `ms at ${RATE}/s` }, {}),
      judge({ metric: 'hooks_ack_p99', value: quantile(paced.answers, 0.99), unit: `ms at ${RATE}/s` }, { atMost: 50 }),
    ]
  },
}

async function nothingLost(hub: Hub, connection: Connection, expected: number): Promise<void> {
  const found = await canonical(hub, connection)
  if (found !== expected) throw new Error(`${found} orders stand in the store after ${expected} accepted deliveries.`)
}
