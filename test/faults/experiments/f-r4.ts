import { setTimeout as sleep } from 'node:timers/promises'
import { Client, Connection } from '@temporalio/client'
import { NOW_SIGNAL, pollId } from '../../../src/core/runs.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import type { World } from '../world.ts'
import { within } from '../wait.ts'

const MOST_EVENTS = 4000
const SIGNALS = 6000
const AT_ONCE = 4

/** Signals for a round, as the API sends one for each call, as fast as Temporal takes them; an order now and then. */
async function hammer(world: World, connection: string): Promise<number> {
  const link = await Connection.connect({ address: world.temporal.address })
  let sent = 0
  let over = false
  const one = async (): Promise<void> => {
    // Without a run id each signal reaches the run of the moment.
    const handle = new Client({ connection: link, namespace: 'channel-hub' }).workflow.getHandle(pollId(connection))
    while (sent < SIGNALS && !over) {
      await handle.signal(NOW_SIGNAL)
      sent += 1
      if (sent % 300 === 0) await world.shop.act('shop')
    }
  }
  await within(Promise.all(Array.from({ length: AT_ONCE }, one)), 60_000)
  over = true
  await sleep(1000)
  await link.close()
  return sent
}

/** Length of every run of the connection's workflows, longest first. */
async function lengths(world: World): Promise<readonly { readonly id: string; readonly events: number; readonly status: string }[]> {
  const link = await Connection.connect({ address: world.temporal.address })
  try {
    const client = new Client({ connection: link, namespace: 'channel-hub' })
    const runs: { readonly id: string; readonly events: number; readonly status: string }[] = []
    for await (const run of client.workflow.list()) {
      const described = await client.workflow.getHandle(run.workflowId, run.runId).describe()
      runs.push({ id: run.workflowId, events: described.historyLength, status: described.status.name })
    }
    return runs.toSorted((a, b) => b.events - a.events)
  } finally {
    await link.close()
  }
}

export const experiment: Experiment = {
  id: 'F-R4',
  title: 'histories stay short while rounds are asked for without end',
  minutes: 1.5,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-products', { count: 30 })
    world.tail.start()
    const connection = await world.connect()
    const asked = await hammer(world, connection)
    await sleep(2000)
    const runs = await lengths(world)
    const renewed = runs.filter((run) => run.id === `poll/${connection}` && run.status === 'CONTINUED_AS_NEW').length
    if (asked < 1000) throw new Vacuous(`only ${asked} signals were sent`)
    const longest = runs[0]
    const { verdict } = await untilAgreed(world, connection, performance.now())
    return {
      faults: asked,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      pass: sound(verdict) && renewed >= 1 && (longest?.events ?? MOST_EVENTS) < MOST_EVENTS,
      notes: [
        `${asked} signals for a round, the poll began anew ${renewed} times`,
        `the longest history is ${longest?.events ?? 0} events (${longest?.id ?? 'none'}, limit ${MOST_EVENTS})`,
        ...complaints(verdict),
      ],
    }
  },
}
