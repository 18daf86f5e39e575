import { setTimeout as sleep } from 'node:timers/promises'
import { busyWorld, changes } from '../busy.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually, secondsSince } from '../wait.ts'

export const experiment: Experiment = {
  id: 'F-K5',
  title: 'kill -9 of Temporal; a worker is started while it is down',
  minutes: 1,
  async run(rig) {
    const { world, connection, quiet } = await busyWorld(rig, 20)
    await eventually('work before the kill', async () => ((await changes(world)) >= 50 ? true : undefined))
    await world.temporal.kill()
    const downAt = new Date().toISOString()
    const before = await changes(world)
    await sleep(8000)
    const drained = (await changes(world)) - before
    await world.worker.kill()
    const back = world.worker.start()
    await sleep(5000)
    const told = (await world.shop.webhooks()).filter((fact) => fact.at >= downAt)
    const refused = told.filter((fact) => fact.outcome !== 'delivered')
    if (told.length < 50) throw new Vacuous(`${told.length} webhooks while Temporal was down`)
    await world.temporal.start()
    const upAt = performance.now()
    await back
    await world.shop.pull('fail-webhooks', { drop: 1 })
    const silent = await world.shop.act('shop')
    await eventually('a poll finds the order nobody told of', async () => {
      await world.pullNow(connection)
      return (await world.count('select count(*) from orders where external_id = $1', [silent])) === 1 ? true : undefined
    })
    const recovery = secondsSince(upAt)
    await quiet()
    const { verdict } = await untilAgreed(world, connection, upAt)
    return {
      faults: 2,
      lost: verdict.lost.length + refused.length,
      doubled: verdict.doubled.length,
      recoverySeconds: recovery,
      pass: sound(verdict) && refused.length === 0 && drained >= 30 && recovery <= 60 * rig.stretch,
      notes: [
        `${told.length} webhooks while it was down, ${refused.length} not acknowledged; ${drained} changes applied without Temporal`,
        `${verdict.compared} orders compared`,
        ...complaints(verdict),
      ],
    }
  },
}
