import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { FeedReader, freshness, p95, shopping, watchMemory } from '../load.ts'
import { eventually } from '../wait.ts'

const HISTORY = 3000
const READERS = 10
const RATE = 10
const SECONDS = 60
const UNSEEN_SECONDS = 2
/** Memory may still move by this much between the first and the last third of the time. */
const DRIFT_MB = 80

const mean = (values: readonly number[]): number => Math.round(values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length))

export const experiment: Experiment = {
  id: 'F-L3',
  title: `${READERS} consumers read the feed at once and one hardly reads at all, while orders arrive`,
  minutes: 3.5,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: HISTORY, spreadDays: 30 })
    const connection = await world.connect({ startFrom: new Date(Date.now() - 31 * 86_400_000).toISOString() })
    const members = [{ shop: world.shop, connection }]
    const known = (): Promise<number> => world.count('select count(*) from orders')
    await eventually('the history is read', async () => ((await known()) >= HISTORY ? true : undefined), 180, 500)
    const subscribed = (): Promise<number> => world.count('select count(*) from connections where webhook_state is not null')
    await eventually('webhooks are delivered', async () => ((await subscribed()) === 1 ? true : undefined), 60, 500)
    await shopping(world.shop, RATE)
    await sleep(5000)
    const calm = { from: Date.now(), to: Date.now() + (SECONDS / 2) * 1000 }
    await sleep((SECONDS / 2) * 1000)
    const slow = new FeedReader(world.hub, { limit: 100, pauseMs: 10_000 })
    const readers = Array.from({ length: READERS }, () => new FeedReader(world.hub, { limit: 500, pauseMs: 50 }))
    for (const reader of [slow, ...readers]) {
      reader.start()
      rig.afterwards(() => reader.stop())
    }
    const memory = watchMemory([world.api])
    const crowd = { from: Date.now(), to: Date.now() + SECONDS * 1000 }
    await sleep(SECONDS * 1000)
    await shopping(world.shop, 0)
    const { verdict } = await untilAgreed(world, connection, performance.now())
    const samples = memory()[0]?.samples ?? []
    const end = await world.count('select max(seq) from feed')
    await eventually('all readers are at the end', () => (readers.every((reader) => reader.position >= end) ? true : undefined), 60)
    const [before, during] = [await freshness(world, members, calm), await freshness(world, members, crowd)]
    const pages = readers.reduce((sum, reader) => sum + reader.pages, 0)
    if (during.length < RATE * SECONDS * 0.3 || slow.pages < 3 || pages < 100)
      throw new Vacuous(`${during.length} orders, ${pages} pages, ${slow.pages} slow ones`)
    const third = Math.floor(samples.length / 3)
    const drift = mean(samples.slice(-third)) - mean(samples.slice(third, third * 2))
    const disorder = [slow, ...readers].reduce((sum, reader) => sum + reader.disorder + reader.failures, 0)
    const heard = Math.min(...readers.map((reader) => reader.heard.size))
    const unharmed = p95(during) <= Math.max(p95(before) * 1.1, UNSEEN_SECONDS)
    return {
      faults: READERS + 1,
      lost: verdict.lost.length + Math.max(0, verdict.compared - heard),
      doubled: verdict.doubled.length,
      pass: sound(verdict) && disorder === 0 && heard >= verdict.compared && drift <= DRIFT_MB && unharmed,
      notes: [
        `${verdict.compared} orders compared; each reader heard of at least ${heard}; ${pages} pages read beside ${slow.pages} slow ones`,
        `from checkout to feed p95 ${p95(before)} s before, ${p95(during)} s with the readers`,
        `the API's memory at most ${Math.max(0, ...samples)} MB, ${drift} MB between the middle and the last third`,
        ...complaints(verdict),
      ],
    }
  },
}
