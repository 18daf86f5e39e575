import type { ServerType } from '@hono/node-server'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { controlRoutes } from './stage/control-routes.ts'
import type { VendureOptions, VendureSim } from './vendure/index.ts'
import { createVendure } from './vendure/index.ts'
import { vendureLevers } from './vendure/levers.ts'
import type { WooCommerceOptions, WooCommerceSim } from './woocommerce/index.ts'
import { createWooCommerce } from './woocommerce/index.ts'
import { wooLevers } from './woocommerce/levers.ts'

/** One simulated shop to serve, under `/<name>`. */
export type ShopSpec =
  | { readonly name: string; readonly channel: 'woocommerce'; readonly options?: WooCommerceOptions }
  | { readonly name: string; readonly channel: 'vendure'; readonly options?: VendureOptions }

export interface SandboxOptions {
  /** 0 or absent: a free one. Always on loopback. */
  readonly port?: number
  readonly shops?: readonly ShopSpec[]
  /** Shop n plays with seed + n. */
  readonly seed?: number
}

export type ShopSim = WooCommerceSim | VendureSim

export interface ServedShop {
  readonly name: string
  /** Where a connection points at: the site for WooCommerce, the folder of `admin-api` for Vendure. */
  readonly url: string
  readonly sim: ShopSim
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
    root.route(`/__control/${name}`, controlRoutes(sim, sim.channel === 'vendure' ? vendureLevers(sim.control) : wooLevers(sim.control)))
    root.route(`/${name}`, sim.app)
  }
  root.get('/__control', (c) => c.json(shops.map(({ name, url, sim }) => ({ name, url, channel: sim.channel, credentials: sim.credentials }))))
  const server = createAdaptorServer({ fetch: root.fetch, overrideGlobalObjects: false })
  const actual = await listen(server, port)
  const url = `http://127.0.0.1:${actual}`
  for (const { name, sim } of sims) {
    shops.push({ name, sim, url: `${url}/${name}` })
    sim.setSite(`${url}/${name}`)
  }
  return {
    url,
    port: actual,
    shops,
    woo: (name) => wooNamed(shops, name),
    vendure: (name) => vendureNamed(shops, name),
    stop: () => stop(server, shops),
  }
}

function createSim(spec: ShopSpec, seed: number): ShopSim {
  if (spec.channel === 'vendure') return createVendure({ seed, name: spec.name, ...spec.options })
  return createWooCommerce({ seed, name: spec.name, ...spec.options })
}

function wooNamed(shops: readonly ServedShop[], name: string): WooCommerceSim {
  const found = shops.find((shop) => shop.name === name)?.sim
  if (found?.channel !== 'woocommerce') throw new Error(`No WooCommerce shop is called ${name}.`)
  return found
}

function vendureNamed(shops: readonly ServedShop[], name: string): VendureSim {
  const found = shops.find((shop) => shop.name === name)?.sim
  if (found?.channel !== 'vendure') throw new Error(`No Vendure shop is called ${name}.`)
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
