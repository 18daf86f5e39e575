import { setTimeout as sleep } from 'node:timers/promises'
import { deliverySender, documentsOf, lostDeliveries } from '../delivery-sender.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually } from '../wait.ts'

const ORDERS = 1500
const TIMES = 3

/** A slow database keeps dozens of deliveries in flight at the moment of the signal. */
export const experiment: Experiment = {
  id: 'F-K7',
  title: 'SIGTERM to API and worker under 200 webhooks a second',
  minutes: 1,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(200)
    const failed: string[] = []
    let slowest = 0
    let inFlight = 0
    for (let n = 0; n < TIMES; n += 1) {
      const before = sender.acked.size
      await eventually('deliveries before the signal', () => (sender.acked.size - before >= 100 ? true : undefined)).catch((error: unknown) => {
        const last = sender.attempts.slice(-3).map((one) => `${one.status} ${one.error} after ${Math.round(one.endedAt - one.startedAt)} ms`)
        throw new Error(`${sender.acked.size} acknowledged, ${sender.left} left, last answers: ${last.join(', ')}`, { cause: error })
      })
      await world.database.set({ kind: 'latency', ms: 40 })
      await sleep(600)
      const [at, flying] = [performance.now(), sender.flying]
      const ends = await Promise.all([world.api.stop(), world.worker.stop()])
      await world.database.heal()
      if (flying < 5) throw new Vacuous(`${flying} deliveries were in flight`)
      inFlight += flying
      rig.say(`signal ${n + 1} with ${flying} deliveries in flight; ended after ${ends.map((end) => `${end.ms} ms`).join(' and ')}`)
      for (const end of ends) {
        slowest = Math.max(slowest, end.ms)
        if (end.code !== 0) failed.push(`ended with ${end.code ?? end.signal} after ${end.ms} ms`)
      }
      // What set out clearly before the signal and was not over by then is the server's to answer.
      const cut = sender.attempts.filter((one) => one.startedAt < at - 50 && one.endedAt > at && one.status !== 200)
      failed.push(...cut.map((one) => `a delivery in flight got ${one.status} ${one.error}`))
      sender.pace(0)
      await Promise.all([world.api.start(), world.worker.start()])
      sender.pace(200)
    }
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 90)
    const { verdict, seconds } = await untilAgreed(world, connection, performance.now(), { pull: false })
    const gone = await lostDeliveries(world, sender)
    return {
      faults: TIMES * 2,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass: sound(verdict) && gone.length === 0 && failed.length === 0 && slowest <= 10_000 * rig.stretch,
      notes: [`${inFlight} deliveries in flight at the signals, the slowest end took ${slowest} ms`, ...failed.slice(0, 3), ...complaints(verdict)],
    }
  },
}
