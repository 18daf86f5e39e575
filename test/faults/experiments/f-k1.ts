import type { Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { killLoop } from '../kill-loop.ts'

const ORDERS = 5000
const KILLS = 5

/** Two years of history, so that every 31 days are a window of their own, read while the worker dies again and again. */
export const experiment: Experiment = {
  id: 'F-K1',
  title: 'kill -9 of the worker while it reads 5,000 orders',
  minutes: 3,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: ORDERS, spreadDays: 720 })
    world.tail.start()
    const connection = await world.connect({ startFrom: new Date(Date.now() - 721 * 86_400_000).toISOString(), pageSize: 10 })
    const faults = await killLoop({
      rig,
      times: KILLS,
      atLeast: 15,
      jitterMs: 400,
      progress: () => world.count('select count(*) from raw_dispositions'),
      kill: async () => {
        await world.worker.kill()
        await world.worker.start()
      },
    })
    const last = performance.now()
    const { verdict, seconds } = await untilAgreed(world, connection, last, { pull: false, seconds: 90 })
    const pass = sound(verdict) && verdict.compared === ORDERS && seconds <= 60 * rig.stretch
    return {
      faults,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass,
      notes: [`${verdict.compared} orders compared`, ...complaints(verdict)],
    }
  },
}
