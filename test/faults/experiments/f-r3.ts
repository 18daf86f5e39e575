import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { deliverySender, documentsOf, lostDeliveries, type DeliverySender } from '../delivery-sender.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually, secondsSince } from '../wait.ts'
import { deathsOf, type World } from '../world.ts'

const ORDERS = 1200
const DESCRIPTORS = 256
const MEGABYTES = 160
/** PostgreSQL ends the open transaction of a process that stands still after 5 s; in the second half the other worker has to be at work. */
const FREEZE_MS = 16_000

/** The process gets no time at all, as if one endless calculation held its event loop. Answers what the hub applied meanwhile. */
async function frozen(world: World, freeze: (signal: NodeJS.Signals) => void, ms: number): Promise<number> {
  const applied = (): Promise<number> => world.count('select count(*) from raw_dispositions')
  freeze('SIGSTOP')
  await sleep(ms / 2)
  const half = await applied()
  await sleep(ms / 2)
  const moved = (await applied()) - half
  freeze('SIGCONT')
  return moved
}

/** More connections than the API has descriptors for, held for a while. Answers how many stood at once. */
async function crowd(world: World): Promise<number> {
  const port = Number(new URL(world.api.url).port)
  const sockets: Socket[] = []
  for (let n = 0; n < DESCRIPTORS + 60; n += 1) sockets.push(connect({ port, host: '127.0.0.1' }).on('error', () => undefined))
  await sleep(4000)
  const stood = sockets.filter((socket) => socket.readyState === 'open').length
  for (const socket of sockets) socket.destroy()
  return stood
}

async function goesOn(what: string, sender: DeliverySender): Promise<number> {
  const [since, acked] = [performance.now(), sender.acked.size]
  await eventually(what, () => (sender.acked.size >= acked + 10 ? true : undefined), 60, 20)
  return secondsSince(since)
}

export const experiment: Experiment = {
  id: 'F-R3',
  title: 'frozen worker and API, no descriptors left, little memory',
  minutes: 1,
  async run(rig) {
    const world = await rig.world({
      workers: 2,
      env: { NODE_OPTIONS: `--max-old-space-size=${MEGABYTES}` },
      wrapApi: ['sh', '-c', `ulimit -n ${DESCRIPTORS}; exec "$@"`, 'sh'],
    })
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(25)
    await eventually('deliveries before', () => (sender.acked.size >= 40 ? true : undefined))
    const taken: number[] = []
    for (const worker of world.workers) taken.push(await frozen(world, (signal) => worker.signal(signal), FREEZE_MS))
    await frozen(world, (signal) => world.api.signal(signal), 3000)
    const recovery = await goesOn('the API after it was frozen', sender)
    const stood = await crowd(world)
    if (stood >= DESCRIPTORS) throw new Vacuous(`${stood} connections stood at once: the limit did not hold`)
    const after = await goesOn('the API after the crowd', sender)
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 120)
    const { verdict } = await untilAgreed(world, connection, performance.now(), { pull: false })
    const gone = await lostDeliveries(world, sender)
    const died = deathsOf(world)
    return {
      faults: 4,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: Math.max(recovery, after),
      pass:
        sound(verdict) &&
        gone.length === 0 &&
        died.length === 0 &&
        taken.every((moved) => moved > 0) &&
        Math.max(recovery, after) <= 60 * rig.stretch,
      notes: [
        `while one of two workers stood still the other applied ${taken.join(' and ')} documents`,
        `of ${DESCRIPTORS + 60} connections ${stood} got in with ${DESCRIPTORS} descriptors; ${MEGABYTES} MB of heap each`,
        ...died,
        ...gone.slice(0, 3),
        ...complaints(verdict),
      ],
    }
  },
}
