import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { deliverySender, documentsOf, lostDeliveries } from '../delivery-sender.ts'
import { Vacuous, type Experiment } from '../experiment.ts'
import { complaints, sound, untilAgreed } from '../judge.ts'
import { eventually, secondsSince } from '../wait.ts'
import { deathsOf, type World } from '../world.ts'

const ORDERS = 1200
const SLOTS = 40

/** Ends the hub's connections and takes every slot of the server; answers how to give them back. */
async function hog(world: World): Promise<() => Promise<void>> {
  const hogs: pg.Client[] = []
  for (let full = 0; full < 20;) {
    await world.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'channel-hub%'`)
    const client = new pg.Client({ connectionString: world.postgres.url, application_name: 'hog' })
    client.on('error', () => undefined)
    const took = await client.connect().then(
      () => true,
      () => false,
    )
    if (took) hogs.push(client)
    else full += 1
  }
  return async () => void (await Promise.all(hogs.map((client) => client.end())))
}

export const experiment: Experiment = {
  id: 'F-R2',
  title: 'every connection of the database taken; a lock held on the orders',
  minutes: 1,
  async run(rig) {
    const world = await rig.world({ postgresConfig: [`max_connections=${SLOTS}`] })
    await world.shop.pull('seed-orders', { count: ORDERS })
    world.tail.start()
    const documents = await documentsOf(world)
    const connection = await world.connect()
    const sender = await deliverySender(world, connection, documents)
    rig.afterwards(() => sender.stop())
    sender.start(60)
    await eventually('deliveries before', () => (sender.acked.size >= 60 ? true : undefined))
    const release = await hog(world)
    const from = sender.attempts.length
    await sleep(4000)
    const refused = sender.attempts.slice(from).filter((one) => one.status === 503).length
    await release()
    const freedAt = performance.now()
    if (refused < 20) throw new Vacuous(`${refused} deliveries were refused while no connection was free`)
    const acked = sender.acked.size
    await eventually('deliveries taken again', () => (sender.acked.size > acked + 20 ? true : undefined))
    const recovery = secondsSince(freedAt)

    const blocker = await world.pool.connect()
    await blocker.query(`set idle_in_transaction_session_timeout = 0; begin; lock table orders in access exclusive mode`)
    const [held, applied] = [sender.acked.size, await world.count('select count(*) from raw_dispositions')]
    const asked = world.hub.ask('GET', '/v1/orders?limit=1').catch((error: unknown) => ({ status: 0, body: String(error), ms: 0 }))
    await sleep(14_000)
    const [taken, moved] = [sender.acked.size - held, (await world.count('select count(*) from raw_dispositions')) - applied]
    const { status } = await asked
    await blocker.query('rollback')
    blocker.release()
    if (moved > 200) throw new Vacuous(`${moved} documents were applied although the orders were locked`)
    await eventually('every delivery acknowledged', () => (sender.left === 0 && sender.acked.size >= ORDERS ? true : undefined), 90)
    const { verdict } = await untilAgreed(world, connection, performance.now(), { pull: false })
    const gone = await lostDeliveries(world, sender)
    const odd = sender.attempts.filter((one) => one.status !== 503 && one.status !== 200)
    const died = deathsOf(world)
    return {
      faults: refused + 1,
      lost: verdict.lost.length + gone.length,
      doubled: verdict.doubled.length,
      recoverySeconds: recovery,
      pass:
        sound(verdict) && gone.length === 0 && odd.length === 0 && died.length === 0 && taken > 0 && status === 503 && recovery <= 20 * rig.stretch,
      notes: [
        `${refused} deliveries answered 503 while no connection was free`,
        `while the orders were locked ${taken} deliveries were acknowledged and a list was answered ${status}`,
        ...(odd.length === 0 ? [] : [`${odd.length} deliveries were answered ${odd[0]?.status} ${odd[0]?.error}`]),
        ...died,
        ...complaints(verdict),
      ],
    }
  },
}
