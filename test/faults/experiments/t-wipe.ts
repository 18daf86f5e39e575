import { Client, Connection } from '@temporalio/client'
import { busyWorld, changes } from '../busy.ts'
import type { Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually, secondsSince } from '../wait.ts'
import { deathsOf, type World } from '../world.ts'

/** What always runs, as Temporal itself tells it. */
async function standing(world: World, connection: string): Promise<boolean> {
  const link = await Connection.connect({ address: world.temporal.address, connectTimeout: 2_000 })
  try {
    const client = new Client({ connection: link, namespace: 'channel-hub' })
    const running = new Set<string>()
    for await (const run of client.workflow.list({ query: `ExecutionStatus = 'Running'` })) running.add(run.workflowId)
    await client.schedule.getHandle('daily').describe()
    return [`poll/${connection}`, `push/${connection}`, 'receive/0', 'receive/1'].every((id) => running.has(id))
  } finally {
    await link.close()
  }
}

/** API and worker are left alone: nobody restarts them. */
export const experiment: Experiment = {
  id: 'T-WIPE',
  title: 'Temporal killed and its database deleted under load',
  minutes: 1.5,
  async run(rig) {
    const { world, connection, quiet } = await busyWorld(rig, 20)
    let worst = 0
    for (let n = 0; n < 2; n += 1) {
      const from = await changes(world)
      await eventually('work before the wipe', async () => ((await changes(world)) - from >= 50 ? true : undefined))
      await world.temporal.kill()
      await world.temporal.wipe()
      await world.temporal.start()
      const upAt = performance.now()
      await eventually(
        'workflows and schedule stand again',
        async () => ((await standing(world, connection).catch(() => false)) ? true : undefined),
        60,
        300,
      )
      worst = Math.max(worst, secondsSince(upAt))
      rig.say(`all of it stood again after ${secondsSince(upAt)} s`)
    }
    await quiet()
    await world.shop.pull('fail-webhooks', { drop: 1 })
    const silent = await world.shop.act('shop')
    // Nobody asks for a round: the poll that came back has to find it at its own pace.
    await eventually(
      'the poll reads by itself',
      async () => ((await world.count('select count(*) from orders where external_id = $1', [silent])) === 1 ? true : undefined),
      90,
    )
    const { verdict } = await untilAgreed(world, connection, performance.now())
    const died = deathsOf(world)
    return {
      faults: 2,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: worst,
      pass: sound(verdict) && worst <= 60 * rig.stretch && died.length === 0,
      notes: [`${verdict.compared} orders compared`, ...died, ...complaints(verdict)],
    }
  },
}
