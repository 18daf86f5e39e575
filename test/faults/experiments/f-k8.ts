import { z } from 'zod'
import { Vacuous, type Experiment } from '../experiment.ts'
import { eventually, secondsSince } from '../wait.ts'
import type { Shop } from '../shop.ts'
import type { World } from '../world.ts'

const CONNECTIONS = 10
const KILLS = 3

/** A connection to a shop of its own that may ship, with one order per kill. */
interface Line {
  readonly connection: string
  readonly orders: readonly string[]
}

async function lineOf(world: World, shop: Shop): Promise<Line> {
  await shop.pull('configure', { fulfilments: true })
  await shop.pull('add-product', { name: 'Parcel', sku: 'SHIP-1', priceMinor: 1000, stock: 1000 })
  const connection = await world.connect({ shop })
  const orders: string[] = []
  for (let k = 0; k < KILLS; k += 1) orders.push(await shop.act('place', { lines: [{ sku: 'SHIP-1', quantity: 1 }] }))
  const { hash } = await world.hub.get(`/v1/connections/${connection}/arm-preview?what=shipments`, z.looseObject({ hash: z.string() }))
  await world.hub.post(`/v1/connections/${connection}/arm`, { what: ['shipments'], preview_hash: hash }, z.unknown())
  return { connection, orders }
}

async function ship(world: World, connection: string, externalId: string): Promise<void> {
  const { rows } = await world.pool.query<{ id: string }>('select id::text from orders where connection_id = $1 and external_id = $2', [
    connection,
    externalId,
  ])
  await world.hub.post(`/v1/orders/${rows[0]?.id ?? ''}/shipments`, { carrier: 'SF', tracking_no: `SF${externalId.padStart(12, '0')}` }, z.unknown())
}

/** Packages the shops have, each as shop and tracking number. */
async function made(world: World): Promise<readonly string[]> {
  const found: string[] = []
  for (const shop of world.shops)
    for (const fact of await shop.shipments()) if (fact.action === 'created') found.push(`${shop.name} ${fact.trackingNumber}`)
  return found
}

/** The channel takes each package and its answer vanishes; then the worker dies. The five minutes of the lease are taken off the rows' age. */
export const experiment: Experiment = {
  id: 'F-K8',
  title: 'kill -9 between "channel accepted the package" and "hub recorded it"',
  minutes: 2,
  async run(rig) {
    const world = await rig.world({ shops: CONNECTIONS })
    await world.hub.post('/v1/skus', { items: [{ sku: 'SHIP-1', title: 'Parcel' }] }, z.unknown())
    const lines: Line[] = []
    for (const shop of world.shops) lines.push(await lineOf(world, shop))
    for (const { connection } of lines) await world.pullNow(connection)
    const all = CONNECTIONS * KILLS
    await eventually(
      'every connection knows its orders',
      async () => ((await world.count('select count(*) from orders')) >= all ? true : undefined),
      120,
    )
    let recovery = 0
    let faults = 0
    for (let k = 0; k < KILLS; k += 1) {
      await world.network.set({ kind: 'mute' }, { match: /^POST \S*\/fulfillments/ })
      await Promise.all(lines.map(({ connection, orders }) => ship(world, connection, orders[k] ?? '')))
      const wanted = CONNECTIONS * (k + 1)
      await eventually('the channel has taken each package', async () => ((await made(world)).length >= wanted ? true : undefined), 90)
      const sending = await world.count(`select count(*) from effects where kind = 'shipment' and state = 'sending'`)
      if (sending < CONNECTIONS / 2) throw new Vacuous(`${sending} of ${CONNECTIONS} packages were on the wire at kill ${k + 1}`)
      await world.worker.kill()
      faults += sending
      await world.network.heal()
      await world.pool.query(
        `update effects set sent_at = sent_at - interval '10 minutes', not_before = not_before - interval '10 minutes' where state in ('sending', 'unknown')`,
      )
      await world.pool.query(`update level_calls set sent_at = sent_at - interval '10 minutes'`)
      await world.worker.start()
      const since = performance.now()
      const open = `select count(*) from effects where kind = 'shipment' and state <> 'done'`
      await eventually('every package is settled', async () => ((await world.count(open)) === 0 ? true : undefined), 90).catch(() => undefined)
      recovery = Math.max(recovery, secondsSince(since))
      rig.say(`kill ${k + 1} with ${sending} packages on the wire, settled after ${secondsSince(since)} s`)
    }
    const packages = await made(world)
    const expected = all
    const unsettled = await world.count(`select count(*) from effects where kind = 'shipment' and state <> 'done'`)
    return {
      faults,
      lost: expected - new Set(packages).size + unsettled,
      doubled: packages.length - new Set(packages).size,
      recoverySeconds: recovery,
      pass: packages.length === expected && new Set(packages).size === expected && unsettled === 0 && recovery <= 60 * rig.stretch,
      notes: [`${packages.length} packages at the channel for ${expected} intents, ${unsettled} not settled`],
    }
  },
}
