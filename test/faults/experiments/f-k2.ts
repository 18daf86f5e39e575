import type { Experiment } from '../experiment.ts'
import { deliverySender, documentsOf, lostDeliveries } from '../delivery-sender.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { killLoop } from '../kill-loop.ts'
import { eventually, secondsSince } from '../wait.ts'

const ORDERS = 4000
const KILLS = 5

/** The orders lie in the past of the connection: no poll would ever bring what a lost delivery took away. */
export const experiment: Experiment = {
  id: 'F-K2',
  title: 'kill -9 of the API under 200 webhooks a second',
  minutes: 1.5,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(200)
    let downAt = 0
    let recovery = 0
    const faults = await killLoop({
      rig,
      times: KILLS,
      atLeast: 100,
      jitterMs: 800,
      progress: () => Promise.resolve(sender.acked.size),
      kill: async () => {
        await world.api.kill()
        downAt = performance.now()
        const before = sender.acked.size
        await world.api.start()
        await eventually('the first delivery after the kill', () => (sender.acked.size > before ? true : undefined), 60, 20)
        recovery = Math.max(recovery, secondsSince(downAt))
      },
    })
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 90)
    const { verdict } = await untilAgreed(world, connection, downAt, { pull: false })
    const gone = await lostDeliveries(world, sender)
    const unanswered = sender.attempts.filter((attempt) => attempt.status === 0).length
    return {
      faults,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: recovery,
      pass: sound(verdict) && gone.length === 0 && recovery <= 60 * rig.stretch,
      notes: [`${sender.acked.size} deliveries acknowledged, ${unanswered} attempts found nobody`, ...gone.slice(0, 3), ...complaints(verdict)],
    }
  },
}
