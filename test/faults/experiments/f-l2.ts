import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { judgeFleet } from '../fleet-judge.ts'
import { complaints, sound } from '../judge.ts'
import { freshness, openMembers, p95, shopping } from '../load.ts'
import { eventually } from '../wait.ts'

const SHOPS = 10
const STEADY = 0.5
const FACTOR = 50
const SECONDS = 60
/** The shop itself waits 0.3 s before it delivers and a poll comes each minute: nobody sees a difference below this. */
const UNSEEN_SECONDS = 2

export const experiment: Experiment = {
  id: 'F-L2',
  title: `one shop of ${SHOPS} has ${FACTOR} times its orders`,
  minutes: 3,
  async run(rig) {
    const world = await rig.world()
    const members = await openMembers(rig, world, SHOPS)
    const [loud, ...others] = members
    if (!loud) throw new Vacuous('there are no shops')
    await Promise.all(members.map(({ shop }) => shopping(shop, STEADY)))
    await sleep(5000)
    const calm = { from: Date.now(), to: Date.now() + SECONDS * 1000 }
    await sleep(SECONDS * 1000)
    await shopping(loud.shop, STEADY * FACTOR)
    const burst = { from: Date.now(), to: Date.now() + SECONDS * 1000 }
    await sleep(SECONDS * 1000)
    await Promise.all(members.map(({ shop }) => shopping(shop, 0)))
    const waiting = (): Promise<number> => world.count('select (select count(*) from inbox) + (select count(*) from fetch_queue)')
    await sleep(2000)
    await eventually('everything has arrived', async () => ((await waiting()) === 0 ? true : undefined), 120, 500)
    const verdict = await judgeFleet(world, members)
    const own = await freshness(world, [loud], burst)
    if (own.length < STEADY * FACTOR * SECONDS * 0.7) throw new Vacuous(`the loud shop placed ${own.length} orders`)
    const [before, during] = [await freshness(world, others, calm), await freshness(world, others, burst)]
    if (before.length < 50 || during.length < 50) throw new Vacuous(`the others placed ${before.length} and ${during.length} orders`)
    const unharmed = p95(during) <= Math.max(p95(before) * 1.1, UNSEEN_SECONDS)
    return {
      faults: own.length,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      pass: sound(verdict) && unharmed,
      notes: [
        `${verdict.compared} orders compared, ${own.length} of the loud shop in ${SECONDS} s, its own p95 ${p95(own)} s`,
        `the others: from checkout to feed p95 ${p95(before)} s before, ${p95(during)} s during`,
        ...complaints(verdict),
      ],
    }
  },
}
