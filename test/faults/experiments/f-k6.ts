import { setTimeout as sleep } from 'node:timers/promises'
import { busyWorld, changes } from '../busy.ts'
import type { Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually, secondsSince } from '../wait.ts'

const ORDERS = [
  ['worker', 'api', 'temporal', 'postgres'],
  ['api', 'temporal', 'worker', 'postgres'],
  ['postgres', 'worker', 'api', 'temporal'],
  ['temporal', 'postgres', 'api', 'worker'],
] as const

export const experiment: Experiment = {
  id: 'F-K6',
  title: 'all four killed at once, started again in four different orders',
  minutes: 2.5,
  async run(rig) {
    const { world, connection, quiet } = await busyWorld(rig, 15)
    const parts = { worker: world.worker, api: world.api, temporal: world.temporal, postgres: world.postgres }
    let worst = 0
    let upAt = 0
    for (const order of ORDERS) {
      // The channel gives up on webhooks after five failures in a row: what happened meanwhile only a poll brings.
      const from = await changes(world)
      await eventually('work before the kill', async () => {
        await world.pullNow(connection)
        return (await changes(world)) - from >= 15 ? true : undefined
      })
      await Promise.all(Object.values(parts).map((part) => part.kill()))
      const starts: Promise<void>[] = []
      for (const name of order) {
        starts.push(parts[name].start())
        await sleep(1200)
      }
      await Promise.all(starts)
      upAt = performance.now()
      const stood = await changes(world)
      await eventually(`work after ${order.join(', ')}`, async () => {
        await world.pullNow(connection)
        return (await changes(world)) > stood ? true : undefined
      })
      worst = Math.max(worst, secondsSince(upAt))
      rig.say(`${order.join(', ')}: at work ${secondsSince(upAt)} s after the last one was up`)
    }
    await quiet()
    const { verdict } = await untilAgreed(world, connection, upAt)
    return {
      faults: ORDERS.length * 4,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: worst,
      pass: sound(verdict) && worst <= 60 * rig.stretch,
      notes: [`${verdict.compared} orders compared`, ...complaints(verdict)],
    }
  },
}
