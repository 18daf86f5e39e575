import { z } from 'zod'
import { replay } from './replays.ts'
import { eventually } from './wait.ts'
import type { World } from './world.ts'

const listed = z.object({ items: z.array(z.looseObject({ listing_key: z.string(), channel_sku: z.string() })), next_cursor: z.string().nullish() })

/** Counts every SKU of a connection and starts its outbound writes; answers the SKUs once the channel was told all levels. */
export async function armed(world: World, connection: string, onHand: number): Promise<readonly string[]> {
  await world.hub.post(`/v1/connections/${connection}/listings/refresh`, undefined, z.unknown())
  const skus = await eventually('the listings are read', async () => {
    const { items } = await world.hub.get(`/v1/listings?connection=${connection}&limit=200`, listed)
    const found = [...new Set(items.map((item) => item.channel_sku).filter((sku) => sku !== ''))]
    return found.length > 3 ? found : undefined
  })
  await world.hub.post('/v1/skus', { items: skus.map((sku) => ({ sku, title: sku })) }, z.unknown())
  await setLevels(world, skus, onHand)
  await replaysDone(world)
  // Orders that were read before their SKUs were known are read against the bindings of now.
  await replay(world, { connection }, 300)
  await eventually('arming', () => arm(world, connection), 30, 500)
  await quiet(world, connection)
  return skus
}

/** An absolute count of each SKU. */
export async function setLevels(world: World, skus: readonly string[], onHand: number): Promise<void> {
  await world.hub.post('/v1/stock', { items: skus.map((sku) => ({ sku, on_hand: String(onHand) })) }, z.unknown())
}

/** A preview that was outdated by the time it was armed is looked at again. */
async function arm(world: World, connection: string): Promise<true | undefined> {
  const { hash } = await world.hub.get(`/v1/connections/${connection}/arm-preview?what=stock`, z.looseObject({ hash: z.string() }))
  const { status } = await world.hub.ask('POST', `/v1/connections/${connection}/arm`, {
    what: ['stock', 'shipments'],
    preview_hash: hash,
    confirm_zero: true,
  })
  return status === 200 ? true : undefined
}

/** Waits until nothing is to be told to this connection any more. */
export async function quiet(world: World, connection: string, seconds = 60): Promise<void> {
  const open = (): Promise<number> =>
    world.count(
      `select (select count(*) from listing_dirty where connection_id = $1) + (select count(*) from listings where connection_id = $1 and push_state in ('pending', 'sending', 'unknown'))
         + (select count(*) from effects_now where connection_id = $1 and state in ('pending', 'sending', 'unknown'))`,
      [connection],
    )
  await eventually('all levels are told', async () => ((await open()) === 0 ? true : undefined), seconds)
}

/** Waits for every replay that was begun. */
export async function replaysDone(world: World, seconds = 120): Promise<void> {
  const open = (): Promise<number> =>
    world.count(`select count(*) from jobs where kind in ('replay', 'listings') and state in ('planned', 'running')`)
  await eventually('the replays are done', async () => ((await open()) === 0 ? true : undefined), seconds, 200)
}
