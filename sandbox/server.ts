import type { ServerType } from '@hono/node-server'
import { createAdaptorServer } from '@hono/node-server'
import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import { createAmazon } from './amazon/index.ts'
import { createDouyin } from './douyin/index.ts'
import { createEbay } from './ebay/index.ts'
import { createFiles } from './files/index.ts'
import type { ChannelSim } from './stage/channel-sim.ts'
import { controlRoutes, type Lever } from './stage/control-routes.ts'
import { createJd } from './jd/index.ts'
import { asText } from './stage/json-input.ts'
import { createKuaishou } from './kuaishou/index.ts'
import { createLazada } from './lazada/index.ts'
import { createLoyverse } from './loyverse/index.ts'
import { createMagento } from './magento/index.ts'
import { createMedusa } from './medusa/index.ts'
import { createMeituan } from './meituan/index.ts'
import { createPinduoduo } from './pinduoduo/index.ts'
import { createRest } from './rest/index.ts'
import { createShopee } from './shopee/index.ts'
import { createShopify } from './shopify/index.ts'
import { createSquare } from './square/index.ts'
import { createTaobao } from './taobao/index.ts'
import { createTikTokShop } from './tiktok-shop/index.ts'
import type { VendureOptions, VendureSim } from './vendure/index.ts'
import { createVendure } from './vendure/index.ts'
import { createWechatMini } from './wechat-mini/index.ts'
import { createWechatShop } from './wechat-shop/index.ts'
import type { WooCommerceOptions, WooCommerceSim } from './woocommerce/index.ts'
import { createWooCommerce } from './woocommerce/index.ts'
import { createXiaohongshu } from './xiaohongshu/index.ts'
import { createYouzan } from './youzan/index.ts'

/** A shop of each channel by its id, as `npm start` and `sandbox/main.ts` serve them. */
const simulators: Readonly<Record<string, (options: { readonly seed: number; readonly name: string }) => ChannelSim>> = {
  amazon: (options) => createAmazon(options),
  douyin: (options) => createDouyin(options),
  ebay: (options) => createEbay(options),
  files: (options) => createFiles(options),
  jd: (options) => createJd(options),
  kuaishou: (options) => createKuaishou(options),
  lazada: (options) => createLazada(options),
  loyverse: (options) => createLoyverse(options),
  magento: (options) => createMagento(options),
  medusa: (options) => createMedusa(options),
  meituan: (options) => createMeituan(options),
  pinduoduo: (options) => createPinduoduo(options),
  rest: (options) => createRest(options),
  shopee: (options) => createShopee(options),
  shopify: (options) => createShopify(options),
  square: (options) => createSquare(options),
  taobao: (options) => createTaobao(options),
  'tiktok-shop': (options) => createTikTokShop(options),
  vendure: (options) => remember(vendures, createVendure(options)),
  'wechat-mini': (options) => createWechatMini(options),
  'wechat-shop': (options) => createWechatShop(options),
  woocommerce: (options) => remember(woos, createWooCommerce(options)),
  xiaohongshu: (options) => createXiaohongshu(options),
  youzan: (options) => createYouzan(options),
}

export const channels: readonly string[] = Object.keys(simulators)

/** One simulated shop to serve, under `/<name>`: of a channel's usual make, with options, or made by the caller. */
export type ShopSpec =
  | { readonly name: string; readonly channel: string }
  | { readonly name: string; readonly sim: ChannelSim }
  | { readonly name: string; readonly channel: 'woocommerce'; readonly options?: WooCommerceOptions }
  | { readonly name: string; readonly channel: 'vendure'; readonly options?: VendureOptions }

export interface SandboxOptions {
  /** 0 or absent: a free one. Always on loopback. */
  readonly port?: number
  readonly shops?: readonly ShopSpec[]
  /** Shop n plays with seed + n. */
  readonly seed?: number
}

export interface ServedShop {
  readonly name: string
  /** Where a connection points at: the site for WooCommerce, the folder of `admin-api` for Vendure. */
  readonly url: string
  readonly sim: ChannelSim
}

export interface Sandbox {
  readonly url: string
  readonly port: number
  readonly shops: readonly ServedShop[]
  /** The WooCommerce shop of that name; throws when there is none. */
  woo(name: string): WooCommerceSim
  /** The Vendure shop of that name; throws when there is none. */
  vendure(name: string): VendureSim
  stop(): Promise<void>
}

const usualShops: readonly ShopSpec[] = [
  { name: 'woo-1', channel: 'woocommerce' },
  { name: 'vendure-1', channel: 'vendure' },
]

/** Serves simulated shops on one loopback port, with their levers and ledgers under `/__control/<name>`. */
export async function start(options: SandboxOptions = {}): Promise<Sandbox> {
  const { port = 0, shops: specs = usualShops, seed = 1 } = options
  const root = new Hono({ strict: false })
  const sims = specs.map((spec, n) => ({ name: spec.name, sim: createSim(spec, seed + n) }))
  const shops: ServedShop[] = []
  for (const { name, sim } of sims) {
    root.route(`/__control/${name}`, controlRoutes(sim, { ...sim.levers, ...byHand(sim) }))
    root.use(`/${name}/*`, tellTime(sim))
    root.route(`/${name}`, sim.app)
  }
  root.get('/__control', (c) => c.json(shops.map(served)))
  const server = createAdaptorServer({ fetch: root.fetch, overrideGlobalObjects: false })
  const actual = await listen(server, port)
  const url = `http://127.0.0.1:${actual}`
  for (const { name, sim } of sims) {
    shops.push({ name, sim, url: `${url}/${name}` })
    sim.setSite(`${url}/${name}`)
  }
  const named = (name: string): ChannelSim | undefined => shops.find((shop) => shop.name === name)?.sim
  return {
    url,
    port: actual,
    shops,
    woo: (name) => known(woos, named(name), name),
    vendure: (name) => known(vendures, named(name), name),
    stop: () => stop(server, shops),
  }
}

/** Answers carry the shop's own time, not that of the machine. */
function tellTime(sim: ChannelSim): MiddlewareHandler {
  return async (c, next) => {
    await next()
    c.res.headers.set('date', new Date(sim.clock.now()).toUTCString())
  }
}

/** What a connection to this shop needs: its address, settings and credentials. */
const served = ({ name, url, sim }: ServedShop): Readonly<Record<string, unknown>> => ({
  name,
  url,
  channel: sim.channel,
  currency: sim.currency ?? 'USD',
  timezone: sim.timezone ?? 'UTC',
  settings: sim.settings?.(url) ?? { url },
  credentials: sim.credentials,
  ...(sim.folder === undefined ? {} : { folder: sim.folder }),
})

/** The page of an app where its maker enters an address for notices, where the channel has no call for it. */
const byHand = ({ subscribe }: ChannelSim): Readonly<Record<string, Lever>> =>
  subscribe ? { subscribe: (input) => subscribe({ url: asText(input['url']) ?? '', secret: asText(input['secret']) ?? '' }) } : {}

/** Simulators under their own types, for tests that pull channel-specific levers. */
const woos = new WeakMap<ChannelSim, WooCommerceSim>()
const vendures = new WeakMap<ChannelSim, VendureSim>()

function createSim(spec: ShopSpec, seed: number): ChannelSim {
  if ('sim' in spec) return spec.sim
  const options = { seed, name: spec.name, ...('options' in spec ? spec.options : {}) }
  const create = simulators[spec.channel]
  if (!create) throw new Error(`There is no simulated channel ${spec.channel}; there are ${channels.join(', ')}.`)
  return create(options)
}

function remember<S extends ChannelSim>(typed: WeakMap<ChannelSim, S>, sim: S): S {
  typed.set(sim, sim)
  return sim
}

function known<S>(typed: WeakMap<ChannelSim, S>, sim: ChannelSim | undefined, name: string): S {
  const found = sim && typed.get(sim)
  if (!found) throw new Error(`No such shop is called ${name}.`)
  return found
}

function listen(server: ServerType, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return reject(new Error('The sandbox has no port.'))
      server.off('error', reject)
      resolve(address.port)
    })
  })
}

async function stop(server: ServerType, shops: readonly ServedShop[]): Promise<void> {
  for (const { sim } of shops) sim.stop()
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  if ('closeAllConnections' in server) server.closeAllConnections()
  await closed
}
