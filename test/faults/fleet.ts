import { randomBytes } from 'node:crypto'
import { z } from 'zod'
import { Part } from './part.ts'
import type { Rig } from './rig.ts'
import { Shop } from './shop.ts'
import { HOOK_SECRET, type World } from './world.ts'

export interface JoinOptions {
  /** Where the hub reaches it; the channel's own port by default. */
  readonly port?: number
  readonly scheme?: 'http' | 'https'
  /** Without webhooks orders come by polls alone. */
  readonly webhooks?: boolean
  readonly startFrom?: string
}

/** Several simulated WooCommerce shops in one process of their own; stopped after the experiment. */
export async function openFleet(rig: Rig, count: number): Promise<readonly Shop[]> {
  const names = Array.from({ length: count }, (_, n) => `woo-${n + 1}`)
  const part = new Part({
    name: 'fleet',
    args: ['--import', 'tsx', 'sandbox/main.ts', '--shops', names.join(','), '--orders', '0', '--seed', String(rig.seed)],
    env: {},
  })
  rig.afterwards(() => part.kill())
  await part.start()
  return names.map((name) => new Shop(part, name))
}

/** Adds a shop of a fleet as a connection. */
export async function join(world: World, shop: Shop, options: JoinOptions = {}): Promise<string> {
  const { id } = await world.hub.post(
    '/v1/connections',
    {
      channel: 'woocommerce',
      name: `${shop.name} ${randomBytes(3).toString('hex')}`,
      ...place(shop, options),
      timezone: 'UTC',
      currency: 'USD',
      start_from: options.startFrom ?? new Date().toISOString(),
    },
    z.looseObject({ id: z.string() }),
  )
  return id
}

/** Settings and credentials of a connection to this shop. */
export const place = (shop: Shop, options: JoinOptions = {}): { readonly config: unknown; readonly secrets: unknown } => ({
  config: { url: `${options.scheme ?? 'http'}://127.0.0.1:${options.port ?? shop.port}/${shop.name}`, auth: 'oauth1' },
  secrets: { consumerKey: 'ck_sandbox', consumerSecret: 'cs_sandbox', ...(options.webhooks === false ? {} : { webhookSecret: HOOK_SECRET }) },
})
