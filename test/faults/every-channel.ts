import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { registry } from '../../connectors/index.ts'
import { channels } from '../../sandbox/server.ts'
import type { Member } from './fleet-judge.ts'
import { Part } from './part.ts'
import type { Rig } from './rig.ts'
import { Shop } from './shop.ts'
import { eventually } from './wait.ts'
import { HOOK_SECRET, type World } from './world.ts'

/** What there are several of; each channel has one shop in any case. Where an app serves many shops, the simulator plays the same one each time. */
const POPULAR = ['woocommerce', 'shopify', 'taobao', 'pinduoduo', 'jd', 'woocommerce']
const PRODUCTS = 40

const served = z.array(
  z.object({
    name: z.string(),
    channel: z.string(),
    currency: z.string(),
    timezone: z.string(),
    settings: z.record(z.string(), z.unknown()),
    credentials: z.record(z.string(), z.string()),
    folder: z.string().optional(),
  }),
)
type Served = z.output<typeof served>[number]

/** A member whose channel is known. */
export type Speaker = Member & { readonly channel: string }

/** So many shops over all channels there is a simulator of, connected and subscribed. */
export async function openEveryChannel(rig: Rig, world: World, count: number): Promise<readonly Speaker[]> {
  const spoken = channels.filter((channel) => registry.has(channel))
  const more = Array.from({ length: Math.max(0, count - spoken.length) }, (_, n) => POPULAR[n % POPULAR.length] ?? 'woocommerce')
  return openShops(rig, world, [...spoken.map((channel) => `${channel}-1`), ...more.map((channel, n) => `${channel}-${n + 2}`)])
}

/** Shops by their names, which begin with their channel, connected and subscribed. */
export async function openShops(rig: Rig, world: World, names: readonly string[], products = PRODUCTS): Promise<readonly Speaker[]> {
  const part = new Part({
    name: 'fleet',
    args: ['--import', 'tsx', 'sandbox/main.ts', '--shops', names.join(','), '--orders', '0', '--seed', String(rig.seed)],
    env: {},
  })
  rig.afterwards(() => part.kill())
  await part.start()
  const members: Speaker[] = []
  for (const one of served.parse(await (await fetch(`${part.url}/__control`)).json())) {
    const shop = new Shop(part, one.name)
    await shop.pull('seed-products', { count: products })
    members.push({ shop, channel: one.channel, connection: await connect(world, shop, one) })
  }
  return members
}

async function connect(world: World, shop: Shop, one: Served): Promise<string> {
  const manifest = registry.get(one.channel)?.manifest
  const chosen = manifest?.secrets instanceof z.ZodObject && 'webhookSecret' in manifest.secrets.shape
  const { id } = await world.hub.post(
    '/v1/connections',
    {
      channel: one.channel,
      name: one.name,
      config: one.settings,
      secrets: { ...one.credentials, ...(chosen ? { webhookSecret: HOOK_SECRET } : {}) },
      timezone: one.timezone,
      currency: one.currency,
      start_from: new Date(Date.now() - 60_000).toISOString(),
    },
    z.looseObject({ id: z.string() }),
  )
  if (one.folder !== undefined) await lend(join(world.home, 'files'), id, one.folder)
  await subscribe(world, shop, id)
  return id
}

/** The folder of the portal is that of the connection. */
async function lend(files: string, connection: string, folder: string): Promise<void> {
  await mkdir(files, { recursive: true })
  const tried = async (): Promise<true | undefined> => {
    await rm(join(files, connection), { recursive: true, force: true })
    return symlink(folder, join(files, connection)).then(
      () => true as const,
      () => undefined,
    )
  }
  await eventually('the portal lends its folder', tried, 20)
}

/** By hand, where the channel has no call for it and the simulator has a page to enter the address; the rest the hub does itself. */
async function subscribe(world: World, shop: Shop, connection: string): Promise<void> {
  const { rows } = await world.pool.query<{ token: string }>('select webhook_token as token from connections where id = $1', [connection])
  const url = `${world.api.url}/hooks/${rows[0]?.token ?? ''}`
  await shop.pull('subscribe', { url, secret: HOOK_SECRET }).catch((error: unknown) => {
    if (!/No lever subscribe/.test(String(error))) throw error
  })
}
