import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import type { FaultProxy, NetFault } from '../fault-proxy.ts'
import { join, openFleet, place } from '../fleet.ts'
import { complaints, sound, untilAgreed, type Judgement } from '../judge.ts'
import type { Rig } from '../rig.ts'
import type { Shop } from '../shop.ts'
import { eventually, secondsSince } from '../wait.ts'
import type { World } from '../world.ts'

/** What one call to a WooCommerce shop may take (connectors/woocommerce/client.ts). */
const DEADLINE_SECONDS = 60
const FIRST_ORDERS = 25
const CALM_SECONDS = 4
const LONGEST_SECONDS = DEADLINE_SECONDS * 1.1

interface Trouble {
  readonly name: string
  readonly fault: NetFault
  readonly https?: boolean
}
const TROUBLES: readonly Trouble[] = [
  { name: 'connection refused', fault: { kind: 'refuse' } },
  { name: 'RST after the request', fault: { kind: 'reset' } },
  { name: 'FIN in the midst of the answer', fault: { kind: 'half-closed', bytes: 3000 } },
  { name: 'RST in the midst of the answer', fault: { kind: 'cut', bytes: 3000 } },
  { name: 'half-open', fault: { kind: 'half-open' } },
  { name: 'one byte a second', fault: { kind: 'drip', ms: 1000 } },
  { name: 'no answer for ever', fault: { kind: 'blackhole' } },
  { name: 'TLS handshake stalls', fault: { kind: 'blackhole' }, https: true },
]

interface End {
  readonly seconds: number
  /** Position before and after, where they differ. */
  readonly moved: string | undefined
}

interface Ward extends Trouble {
  readonly shop: Shop
  readonly proxy: FaultProxy
  readonly connection: string
  /** When connections were hit, milliseconds. */
  readonly hits: number[]
}

/** Position and counted pages of a connection: what a broken answer must not move. */
async function position(world: World, connection: string): Promise<string> {
  const { rows } = await world.pool.query(
    `select s.watermark, s.window_from, s.window_to, s.cursor::text, (select count(*) from pull_pages p where p.connection_id = s.connection_id) as pages,
       (select count(*) from raw_events r where r.connection_id = s.connection_id) as raw
     from streams s where s.connection_id = $1 and s.stream = 'orders'`,
    [connection],
  )
  return JSON.stringify(rows)
}

/** When a call was given up, whichever stream it was for: a round may be in the midst of another one than that of orders. */
const faultAfter = (world: World, connection: string, sinceMs: number): Promise<number> =>
  world.count(
    `select coalesce(min(extract(epoch from last_fault_at) * 1000), 0) from streams where connection_id = $1 and extract(epoch from last_fault_at) * 1000 > $2::float8`,
    [connection, sinceMs],
  )

async function ward(rig: Rig, world: World, shop: Shop, trouble: Trouble): Promise<Ward> {
  const proxy = await rig.proxy(() => shop.port)
  const hits: number[] = []
  if (trouble.https) await proxy.set(trouble.fault, { onHit: () => hits.push(Date.now()) })
  const connection = await join(world, shop, { port: proxy.port, webhooks: false, scheme: trouble.https ? 'https' : 'http' })
  const known = (): Promise<number> => world.count('select count(*) from orders where connection_id = $1', [connection])
  const arrived = async (): Promise<true | undefined> => {
    await world.pullNow(connection)
    return (await known()) === FIRST_ORDERS ? true : undefined
  }
  if (!trouble.https) {
    for (let n = 0; n < FIRST_ORDERS; n += 1) await shop.act('shop')
    await eventually(`${trouble.name}: the first orders`, arrived, 60, 1000)
  }
  return { ...trouble, shop, proxy, connection, hits }
}

/** Where it stands once nothing is on its way any more. */
async function settledPosition(world: World, connection: string): Promise<string> {
  let last = await position(world, connection)
  for (let calm = 0; calm < CALM_SECONDS; calm += 1) {
    await sleep(1000)
    const now = await position(world, connection)
    if (now !== last) calm = -1
    last = now
  }
  return last
}

/** Breaks every call of this connection; answers how long the first took until the hub gave it up, and what moved. */
async function suffer(world: World, { name, fault, https, shop, proxy, connection, hits }: Ward): Promise<End> {
  const startedAt = Date.now()
  if (!https) await proxy.set(fault, { onHit: () => hits.push(Date.now()) })
  const before = await settledPosition(world, connection)
  for (let n = 0; n < 5; n += 1) await shop.act('shop')
  await world.pullNow(connection)
  const since = https ? 0 : startedAt
  const givenUp = async (): Promise<number | undefined> => (await faultAfter(world, connection, since)) || undefined
  const at = await eventually(`${name}: the hub gives the call up`, givenUp, LONGEST_SECONDS + 60)
  if (fault.kind !== 'refuse' && hits.length === 0) throw new Vacuous(`${name} hit no connection`)
  await sleep(1000)
  const after = await position(world, connection)
  // A call that stalls in its handshake has failed before, once a round, since the connection was made.
  const begun = (https ? hits.findLast((hit) => hit < at) : hits[0]) ?? startedAt
  return { seconds: (at - begun) / 1000, moved: after === before ? undefined : `${before} became ${after}` }
}

export const experiment: Experiment = {
  id: 'F-N2',
  title: 'the network between hub and channel: refused, reset, cut off, dripping, silent, TLS stalled',
  minutes: 3,
  async run(rig) {
    const world = await rig.world()
    const shops = await openFleet(rig, TROUBLES.length)
    for (const shop of shops) {
      await shop.pull('seed-products', { count: 20 })
      // Orders are to come by polls alone.
      await shop.pull('fail-webhooks', { drop: 1 })
    }
    const wards = await Promise.all(TROUBLES.map((trouble, n) => ward(rig, world, shops[n] ?? world.shop, trouble)))
    const ends = await Promise.all(wards.map((one) => suffer(world, one)))
    for (const [n, { seconds, moved }] of ends.entries())
      rig.say(`${wards[n]?.name}: given up after ${seconds.toFixed(1)} s${moved === undefined ? '' : `, but ${moved}`}`)
    const healedAt = performance.now()
    for (const one of wards) {
      await one.proxy.heal()
      if (one.https) await world.hub.ask('PATCH', `/v1/connections/${one.connection}`, place(one.shop, { port: one.proxy.port, webhooks: false }))
    }
    const verdicts: Judgement[] = []
    for (const one of wards) verdicts.push((await untilAgreed(world, one.connection, healedAt, { shop: one.shop })).verdict)
    const recoverySeconds = secondsSince(healedAt)
    const slowest = Math.max(...ends.map((end) => end.seconds))
    const moved = ends.filter((end) => end.moved !== undefined).length
    return {
      faults: wards.reduce((sum, one) => sum + one.proxy.fired, 0),
      lost: verdicts.reduce((sum, verdict) => sum + verdict.lost.length, 0),
      doubled: verdicts[0]?.doubled.length ?? 0,
      recoverySeconds,
      pass: verdicts.every(sound) && moved === 0 && slowest <= LONGEST_SECONDS && world.worker.deaths === 0,
      notes: [
        `${verdicts.reduce((sum, verdict) => sum + verdict.compared, 0)} orders compared`,
        `longest call ${slowest.toFixed(1)} s of ${LONGEST_SECONDS.toFixed(0)} s`,
        `${moved} positions moved by a broken answer`,
        ...verdicts.flatMap(complaints).slice(0, 5),
      ],
    }
  },
}
