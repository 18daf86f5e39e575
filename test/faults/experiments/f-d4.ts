import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { lively } from '../measure.ts'
import { replay } from '../replays.ts'
import { eventually } from '../wait.ts'

const HISTORY = 300
const REPLAYS = 3
const UPDATES = 60
const LONGEST_SECONDS = 240
const EVENTS_PER_MINUTE = 900

/** The same orders are replayed again and again while webhooks and polls change them. */
export const experiment: Experiment = {
  id: 'F-D4',
  title: 'replays of everything while the same orders change',
  minutes: 1.5,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: HISTORY, spreadDays: 3 })
    const connection = await world.connect({ startFrom: new Date(Date.now() - 4 * 86_400_000).toISOString() })
    world.tail.start()
    const known = (): Promise<number> => world.count('select count(*) from orders where connection_id = $1', [connection])
    await eventually('the history is read', async () => ((await known()) >= HISTORY ? true : undefined), 120, 500)
    // Orders come before their refunds: the calm begins when both are there.
    const { verdict: calm } = await untilAgreed(world, connection, performance.now())
    const changed = (): Promise<number> =>
      world.count(`select count(*) from order_versions v join orders o on o.id = v.order_id where o.connection_id = $1 and v.version > 1`, [
        connection,
      ])
    const before = await changed()
    await world.shop.pull('trickle', lively(EVENTS_PER_MINUTE))
    const end = performance.now() + LONGEST_SECONDS * 1000
    let replays = 0
    let documents = 0
    while (performance.now() < end && (replays < REPLAYS || (await changed()) - before < UPDATES)) {
      const run = await replay(world, { connection })
      replays += 1
      documents += run.done
      await world.pullNow(connection)
      await sleep(rig.int(0, 500))
    }
    await world.shop.pull('trickle', { perMinute: 0 })
    const updates = (await changed()) - before
    if (replays < REPLAYS || updates < UPDATES) throw new Vacuous(`${replays} replays, ${updates} live updates`)
    const { verdict, seconds } = await untilAgreed(world, connection, performance.now())
    const rowsBefore = await world.count('select count(*) from feed')
    const last = await replay(world, { connection })
    const idle = last.change === 0 && last.create === 0 && (await world.count('select count(*) from feed')) === rowsBefore
    return {
      faults: replays,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass: sound(calm) && sound(verdict) && idle,
      notes: [
        `${replays} replays of ${documents} documents beside ${updates} live updates`,
        `${verdict.compared} orders compared, a last replay changed ${last.change}`,
        ...(idle
          ? []
          : [`a last replay created ${last.create} and wrote ${(await world.count('select count(*) from feed')) - rowsBefore} rows of the feed`]),
        ...complaints(calm),
        ...complaints(verdict),
      ],
    }
  },
}
