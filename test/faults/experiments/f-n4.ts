import { setTimeout as sleep } from 'node:timers/promises'
import { Vacuous, type Experiment } from '../experiment.ts'
import { join } from '../fleet.ts'
import { armed, setLevels } from '../outbound.ts'
import { eventually, secondsSince } from '../wait.ts'
import type { World } from '../world.ts'

const HELD_MS = 15_000
/** So long may a write still land after nobody waits for it (connectors/woocommerce/manifest.ts: skew and tMax). */
const LANDING_SECONDS = 125
const CYCLE_SECONDS = 60

interface Listing {
  readonly push_state: string
  readonly confirmed: number | null
  readonly desired: number | null
}

async function listing(world: World, connection: string, sku: string): Promise<Listing> {
  const { rows } = await world.pool.query<Listing>(
    `select case when w.quantity is null then l.push_state else 'sending' end as push_state, l.confirmed, coalesce(w.quantity, l.desired) as desired
     from listings l left join levels_on_wire w using (connection_id, listing_key) where l.connection_id = $1 and l.channel_sku = $2`,
    [connection, sku],
  )
  const [row] = rows
  if (!row) throw new Error(`No listing ${sku}.`)
  return row
}

/** What the channel shows, by the last write it took. */
const shown = async (world: World, sku: string): Promise<number | null | undefined> =>
  (await world.shop.stockWrites()).findLast((fact) => fact.sku === sku)?.to

interface Case {
  readonly world: World
  readonly connection: string
  readonly sku: string
  readonly levels: readonly [number, number]
  /** The hub loses its connection while the write is still on its way. */
  readonly cut: boolean
}

interface Outcome {
  readonly fromLanding: number
  readonly fromSending: number
  /** Times the hub said the newest level is confirmed while the channel showed another. */
  readonly lies: number
}

/** v1 is held on its way; v2 is wanted; v1 is let go. */
async function zombie({ world, connection, sku, levels: [v1, v2], cut }: Case): Promise<Outcome> {
  const before = (await world.shop.stockWrites()).length
  await world.shop.pull('fault', { kind: 'late-write', delayMs: HELD_MS, times: 1, match: { path: '/products/' } })
  await setLevels(world, [sku], v1)
  await eventually(
    'the write is on its way',
    async () => ((await listing(world, connection, sku)).push_state === 'sending' ? true : undefined),
    30,
    20,
  )
  const sentAt = performance.now()
  await sleep(1500)
  if (cut) world.network.resetAll()
  await setLevels(world, [sku], v2)
  await eventually('the held write lands', async () => ((await world.shop.stockWrites()).length > before ? true : undefined), 60, 20)
  const landedAt = performance.now()
  if ((await world.shop.stockWrites())[before]?.to !== v1) throw new Vacuous('a write went around the one that was held')
  if (landedAt - sentAt < HELD_MS / 2) throw new Vacuous('the write was not held')
  let lies = 0
  await eventually(
    'the newest level is restored',
    async () => {
      const said = await listing(world, connection, sku)
      const real = await shown(world, sku)
      const claims = said.push_state === 'idle' && said.confirmed === v2
      if (claims && real !== v2) lies += 1
      return claims && real === v2 ? true : undefined
    },
    LANDING_SECONDS + CYCLE_SECONDS,
    50,
  )
  return { fromLanding: secondsSince(landedAt), fromSending: secondsSince(sentAt), lies }
}

export const experiment: Experiment = {
  id: 'F-N4',
  title: 'a stock write that is held on its way and lands after the next one is wanted',
  minutes: 3.5,
  async run(rig) {
    const world = await rig.world()
    await world.shop.pull('seed-products', { count: 4 })
    const connection = await join(world, world.shop, { port: world.network.port, webhooks: false })
    const [sku] = await armed(world, connection, 40)
    if (sku === undefined) throw new Vacuous('the shop has no listings')
    const waiting = await zombie({ world, connection, sku, levels: [31, 17], cut: false })
    rig.say(`answered late: restored ${waiting.fromLanding} s after it landed`)
    const gone = await zombie({ world, connection, sku, levels: [29, 13], cut: true })
    rig.say(`nobody waits any more: restored ${gone.fromLanding} s after it landed, ${gone.fromSending} s after it was sent`)
    const lies = waiting.lies + gone.lies
    const inTime = waiting.fromLanding <= CYCLE_SECONDS && gone.fromSending <= LANDING_SECONDS + CYCLE_SECONDS
    return {
      faults: 2,
      lost: 0,
      doubled: 0,
      recoverySeconds: gone.fromLanding,
      pass: lies === 0 && inTime && (await shown(world, sku)) === 13,
      notes: [
        `the hub still waiting: restored after ${waiting.fromLanding} s`,
        `the hub cut off: nothing is sent while the old write may land (${LANDING_SECONDS} s by the channel's word), read back, restored after ${gone.fromSending} s`,
        `${lies} times called confirmed before the channel showed it`,
      ],
    }
  },
}
