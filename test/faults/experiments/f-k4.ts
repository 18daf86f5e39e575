import type { Experiment } from '../experiment.ts'
import { deliverySender, documentsOf, lostDeliveries } from '../delivery-sender.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { Vacuous } from '../experiment.ts'
import { deathsOf, type World } from '../world.ts'
import { eventually } from '../wait.ts'

const ORDERS = 1500
const TIMES = 21

/** The commit of a transaction, or one statement that is a transaction of its own: deliveries stored, deliveries settled. A prepared one travels by its name. */
const COMMIT = /\bcommit\b|insert into inbox|\binsert-hooks-\d|\bsettle-small\b/

/** Three ways a commit is left in doubt, in turn. */
const WAYS = ['ended before it arrived', 'ended while it ran', 'answer lost'] as const

async function strike(world: World, way: (typeof WAYS)[number]): Promise<void> {
  const endBackend = (port: number): Promise<unknown> =>
    world.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where client_port = $1`, [port])
  const before = world.database.fired
  let ended: Promise<unknown> = Promise.resolve()
  const onHit = (port: number): void => void (ended = endBackend(port))
  if (way === 'ended before it arrived') await world.database.set({ kind: 'hold' }, { match: COMMIT, times: 1, onHit })
  if (way === 'ended while it ran') await world.database.set({ kind: 'pass' }, { match: COMMIT, times: 1, onHit })
  if (way === 'answer lost') await world.database.set({ kind: 'reset' }, { match: COMMIT, times: 1 })
  const hit = await eventually('a commit', () => (world.database.fired > before ? true : undefined), 20, 5).catch(() => undefined)
  if (hit === undefined) throw new Vacuous('no commit came by')
  await ended
  await world.database.heal()
}

export const experiment: Experiment = {
  id: 'F-K4',
  title: 'pg_terminate_backend during COMMIT, and commits whose answer is lost',
  minutes: 1,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(100)
    for (let n = 0; n < TIMES; n += 1) {
      const before = sender.acked.size
      await strike(world, WAYS[n % WAYS.length] ?? 'answer lost')
      const moved = await eventually('progress', () => (sender.acked.size - before >= 15 ? true : undefined), 20, 20).catch(() => undefined)
      if (moved === undefined) throw new Vacuous(`no progress after strike ${n + 1}`)
    }
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 90)
    const last = performance.now()
    const { verdict, seconds } = await untilAgreed(world, connection, last, { pull: false })
    const gone = await lostDeliveries(world, sender)
    const died = deathsOf(world)
    const wrong = sender.attempts.filter((attempt) => attempt.status !== 503 && attempt.status >= 300)
    return {
      faults: world.database.fired,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: seconds,
      pass: sound(verdict) && gone.length === 0 && wrong.length === 0 && died.length === 0,
      notes: [
        `${TIMES} commits: ${WAYS.join(', ')}`,
        ...(wrong.length === 0 ? [] : [`${wrong.length} deliveries were answered ${wrong[0]?.status}`]),
        ...died,
        ...gone.slice(0, 3),
        ...complaints(verdict),
      ],
    }
  },
}
