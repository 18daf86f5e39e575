import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import type { NetFault } from '../fault-proxy.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { lively, percentile } from '../measure.ts'
import { eventually, secondsSince } from '../wait.ts'
import type { World } from '../world.ts'

const TROUBLES: readonly { readonly fault: NetFault; readonly seconds: number }[] = [
  { fault: { kind: 'latency', ms: 200 }, seconds: 12 },
  { fault: { kind: 'slice', bytes: 7 }, seconds: 6 },
  { fault: { kind: 'cut', bytes: 2000 }, seconds: 8 },
  { fault: { kind: 'reset' }, seconds: 8 },
  { fault: { kind: 'blackhole' }, seconds: 12 },
]
/** A free connection is waited for 10 s and an answer 25 s (src/store/db.ts); a tenth for a busy machine. */
const LONGEST_MS = (10_000 + 25_000) * 1.1
const RECOVERY_SECONDS = 60

interface Probe {
  readonly status: number
  readonly ms: number
}

/** Asks the API four times a second, each on its own; answers how each went. */
function probing(world: World): () => Promise<readonly Probe[]> {
  const probes: Promise<Probe>[] = []
  const ask = async (): Promise<Probe> => {
    const startedAt = performance.now()
    const status = await world.hub.ask('GET', '/v1/orders?limit=1', undefined, 90_000).then(
      (answer) => answer.status,
      () => 0,
    )
    return { status, ms: performance.now() - startedAt }
  }
  const timer = setInterval(() => probes.push(ask()), 250)
  return async () => {
    clearInterval(timer)
    return Promise.all(probes)
  }
}

/** Seconds until the API answers and an order placed now has come all the way. */
async function recovery(world: World, connection: string): Promise<number> {
  const startedAt = performance.now()
  await eventually('the API answers', async () =>
    (await world.hub.ask('GET', '/v1/orders?limit=1').catch(() => undefined))?.status === 200 ? true : undefined,
  )
  const id = await world.shop.act('shop')
  const known = (): Promise<number> => world.count('select count(*) from orders where connection_id = $1 and external_id = $2', [connection, id])
  await eventually(`order ${id} arrives`, async () => ((await known()) === 1 ? true : undefined), RECOVERY_SECONDS + 30)
  return secondsSince(startedAt)
}

export const experiment: Experiment = {
  id: 'F-N1',
  title: 'the network between hub and PostgreSQL: slow, sliced, cut, reset, gone',
  minutes: 3,
  async run(rig) {
    const world = await rig.world()
    const connection = await world.connect()
    world.tail.start()
    await world.shop.pull('seed-products', { count: 40 })
    await world.shop.pull('trickle', lively(150))
    await recovery(world, connection)
    const stop = probing(world)
    const recoveries: number[] = []
    for (const { fault, seconds } of TROUBLES) {
      const fired = world.database.fired
      await world.database.set(fault)
      await sleep(seconds * 1000)
      await world.database.heal()
      if (world.database.fired - fired < 2) throw new Vacuous(`${fault.kind} hit fewer than two connections`)
      recoveries.push(await recovery(world, connection))
      rig.say(`${fault.kind}: hit ${world.database.fired - fired} connections, whole again after ${recoveries.at(-1)} s`)
    }
    const probes = await stop()
    await world.shop.pull('trickle', { perMinute: 0 })
    const { verdict } = await untilAgreed(world, connection, performance.now())
    const failed = probes.filter((probe) => probe.status !== 200)
    const odd = failed.filter((probe) => probe.status !== 503)
    const worst = Math.max(0, ...failed.map((probe) => probe.ms))
    const deaths = world.api.deaths + world.worker.deaths
    const slowest = Math.max(...recoveries)
    return {
      faults: world.database.fired,
      lost: verdict.lost.length,
      doubled: verdict.doubled.length,
      recoverySeconds: slowest,
      pass: sound(verdict) && deaths === 0 && odd.length === 0 && failed.length > 0 && worst <= LONGEST_MS && slowest <= RECOVERY_SECONDS,
      notes: [
        `${verdict.compared} orders compared`,
        `${probes.length} requests, ${failed.length} refused with 503 (p50 ${Math.round(
          percentile(
            failed.map((one) => one.ms),
            0.5,
          ),
        )} ms, longest ${Math.round(worst)} ms)`,
        `${deaths} processes died`,
        ...(odd.length === 0 ? [] : [`${odd.length} other answers, the first is ${odd[0]?.status}`]),
        ...complaints(verdict),
      ],
    }
  },
}
