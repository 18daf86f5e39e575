import type { Rig } from './rig.ts'
import { eventually } from './wait.ts'
import type { World, WorldOptions } from './world.ts'
import { z } from 'zod'

const health = z.looseObject({ webhook: z.looseObject({ healthy: z.boolean().nullable() }) })

export interface BusyWorld {
  readonly world: World
  readonly connection: string
  /** Nothing happens at the channel any more; deliveries under way arrive. */
  quiet(): Promise<void>
}

/** A hub whose channel is alive: orders, edits, cancellations, refunds and shipments at a steady rate, each told by webhook. */
export async function busyWorld(rig: Rig, eventsPerSecond: number, options: WorldOptions = {}): Promise<BusyWorld> {
  const world = await rig.world(options)
  await world.shop.pull('seed-products', { count: 60 })
  world.tail.start()
  const connection = await world.connect()
  await eventually('webhooks subscribed', async () => {
    const { webhook } = await world.hub.get(`/v1/connections/${connection}`, health)
    return webhook.healthy === true ? true : undefined
  })
  await world.shop.pull('trickle', { perMinute: eventsPerSecond * 60, mix: { fault: 0, restock: 15 } })
  return { world, connection, quiet: async () => void (await world.shop.pull('trickle', { perMinute: 0 })) }
}

/** Committed changes of orders so far: what the hub has achieved. */
export const changes = (world: World): Promise<number> => world.count('select count(*) from order_versions')
