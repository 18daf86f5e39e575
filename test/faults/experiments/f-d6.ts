import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { Vacuous, type Experiment } from '../experiment.ts'
import { backup, hubOn, restored } from '../hub-copy.ts'
import { complaints, sound, untilAgreed, type Judged } from '../judge.ts'
import { armed, quiet } from '../outbound.ts'
import { eventually } from '../wait.ts'
import type { World } from '../world.ts'

const SENT_BEFORE = 5
const WAITING = 4
/** An effect in doubt is given up as absent only once it can no longer land (connectors/woocommerce/manifest.ts). */
const DOUBT_SECONDS = 160

const changes = z.object({
  items: z.array(z.looseObject({ seq: z.number(), order: z.looseObject({ external_id: z.string() }).nullish() })),
  next_after: z.number(),
  has_more: z.boolean(),
})

/** Reads the feed from a position to its end. */
async function read(hub: Judged['hub'], from: number): Promise<{ readonly position: number; readonly orders: ReadonlySet<string> }> {
  const orders = new Set<string>()
  let position = from
  for (let more = true; more;) {
    const page = await hub.get(`/v1/changes?after=${position}&limit=500`, changes)
    for (const item of page.items) if (item.order) orders.add(item.order.external_id)
    position = page.next_after
    more = page.has_more
  }
  return { position, orders }
}

/** Hands so many packages of open orders to the hub; answers their orders. */
async function ship(world: World, connection: string, count: number, from: number): Promise<readonly string[]> {
  const orders = (await world.shop.openOrders()).slice(from, from + count)
  const { items } = await world.hub.post(
    '/v1/shipments',
    { items: orders.map((order) => ({ connection, channel_order_no: order, carrier: 'UPS', tracking_no: `1ZRESTORE${order}` })) },
    z.object({ items: z.array(z.looseObject({ result: z.string() })) }),
  )
  const refused = items.find((item) => item.result !== 'created')
  if (refused) throw new Error(`A package was refused: ${JSON.stringify(refused)}`)
  return orders
}

const packages = async (world: World): Promise<number> => (await world.shop.shipments()).filter((fact) => fact.action === 'created').length

export const experiment: Experiment = {
  id: 'F-D6',
  title: 'backup, more work, disaster, restore, and on it goes',
  minutes: 4,
  async run(rig) {
    const masterKey = randomBytes(32).toString('base64')
    const world = await rig.world({ env: { HUB_MASTER_KEY: masterKey } })
    await world.shop.pull('configure', { fulfilments: true })
    await world.shop.pull('seed-orders', { count: 150, spreadDays: 2 })
    const connection = await world.connect({ startFrom: new Date(Date.now() - 3 * 86_400_000).toISOString() })
    await untilAgreed(world, connection, performance.now(), { seconds: 120, pull: false })
    await armed(world, connection, 900)
    await ship(world, connection, SENT_BEFORE, 0)
    await quiet(world, connection, 120)
    await world.hub.post('/v1/outbound/stop', { reason: 'backup with work waiting' }, z.unknown())
    const waiting = await ship(world, connection, WAITING, SENT_BEFORE)
    const early = await read(world.hub, 0)
    const file = join(world.home, 'hub.gz')
    await backup(world, file)
    await world.hub.post('/v1/outbound/start', { reason: 'on it goes' }, z.unknown())
    await quiet(world, connection, 120)
    if ((await packages(world)) !== SENT_BEFORE + WAITING) throw new Vacuous(`${await packages(world)} packages were told before the disaster`)
    const since: string[] = []
    for (let n = 0; n < 12; n += 1) since.push(await world.shop.act('shop'))
    for (const id of (await world.shop.openOrders()).slice(-6)) await world.shop.act('edit', { orderId: id })
    await untilAgreed(world, connection, performance.now(), { seconds: 120 })
    const late = await read(world.hub, early.position)
    if (since.some((id) => !late.orders.has(id))) throw new Vacuous('the consumer did not read past the backup')
    const port = new URL(world.api.url).port
    await Promise.all([world.api.kill(), world.worker.kill()])
    const diedAt = performance.now()
    const told = (await world.shop.stockWrites()).length
    const databaseUrl = await restored(world, 'restored', file)
    const copy = await hubOn(rig, world, { databaseUrl, masterKey, namespace: 'restored', port })
    const { verdict, seconds } = await untilAgreed(copy, connection, diedAt, { seconds: 180 })
    await copy.hub.post('/v1/outbound/start', { reason: 'on it goes' }, z.unknown())
    const open = (): Promise<number> => copy.count(`select count(*) from effects where kind <> 'stock' and state <> 'done'`)
    await eventually('all packages are settled', async () => ((await open()) === 0 ? true : undefined), DOUBT_SECONDS, 500)
    const [made, again] = [await packages(world), await read(copy.hub, late.position)]
    const unheard = since.filter((id) => !again.orders.has(id))
    const fromEarly = await read(copy.hub, early.position)
    const unheardEarly = since.filter((id) => !fromEarly.orders.has(id))
    return {
      faults: 1,
      lost: verdict.lost.length + unheard.length + unheardEarly.length,
      doubled: verdict.doubled.length + made - SENT_BEFORE - WAITING,
      recoverySeconds: seconds,
      pass: sound(verdict) && made === SENT_BEFORE + WAITING && unheard.length === 0 && unheardEarly.length === 0,
      notes: [
        `${verdict.compared} orders compared after the restore`,
        `${made} packages at the channel of ${SENT_BEFORE + WAITING}, ${waiting.length} of them waited in the backup and were sent after it`,
        `consumers at position ${early.position} (before) and ${late.position} (past the backup) hear of all ${since.length} orders placed since: ${unheard.length + unheardEarly.length} missed`,
        `${(await world.shop.stockWrites()).length - told} levels told after the restore`,
        ...complaints(verdict),
      ],
    }
  },
}
