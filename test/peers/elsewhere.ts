import { expect } from 'vitest'
import { z } from 'zod'
import { start, type Sandbox, type ServedShop } from '../../sandbox/server.ts'
import { connectHub } from './beside.ts'
import type { TestHub } from './hub.ts'

/** Two simulated channels that sell the same goods as a real shop, to the same hub. */
export interface Elsewhere {
  /** Somebody buys one piece at one of them; false where it shows none. */
  buy(n: number): boolean
  /** What each of them would still sell. */
  shelves(sku: string): readonly number[]
  readonly connections: readonly string[]
  stop(): Promise<void>
}

const cells = z.object({ items: z.tuple([z.object({ promisable: z.string(), cells: z.array(z.looseObject({ connection_id: z.string(), confirmed: z.number().nullable() })) })]) })

export async function openElsewhere(hub: TestHub, skus: readonly string[]): Promise<Elsewhere> {
  const sandbox: Sandbox = await start({ seed: 5, shops: [{ name: 'woo-1', channel: 'woocommerce' }, { name: 'shopify-1', channel: 'shopify' }] })
  const connections: string[] = []
  for (const shop of sandbox.shops) {
    for (const sku of skus) await lever(sandbox, shop, 'add-product', { name: sku, sku, priceMinor: 1000, stock: 5 })
    const { connection } = await connectHub(hub, {
      channel: shop.sim.channel, name: shop.name, config: shop.sim.settings?.(shop.url) ?? { url: shop.url }, secrets: { ...shop.sim.credentials, webhookSecret: 'elsewhere-secret-1' },
    })
    await hub.send('PATCH', `/v1/connections/${connection}`, { poll_seconds: 10 })
    connections.push(connection)
  }
  return {
    connections,
    buy: (n) => sandbox.shops[n % sandbox.shops.length]?.sim.control.shop([{ sku: skus[n % skus.length] ?? '', quantity: 1 }]).ok ?? false,
    shelves: (sku) => sandbox.shops.map(({ sim }) => sim.control.stockOf(sku) ?? 0),
    stop: () => sandbox.stop(),
  }
}

async function lever(sandbox: Sandbox, shop: ServedShop, name: string, input: unknown): Promise<void> {
  const answer = await fetch(`${sandbox.url}/__control/${shop.name}/${name}`, { method: 'POST', body: JSON.stringify(input) })
  if (!answer.ok) throw new Error(`${name}: ${await answer.text()}`)
}

/** Counts these SKUs, waits until every connection lists them, and lets the hub tell all of them its levels. */
export async function sellEverywhere(hub: TestHub, connections: readonly string[], skus: readonly string[], onHand: string): Promise<void> {
  await hub.send('POST', '/v1/skus', { items: skus.map((sku) => ({ sku, title: sku })) })
  const list = z.object({ items: z.array(z.object({ sku: z.string().nullable() })) })
  for (const connection of connections) {
    await hub.send('POST', `/v1/connections/${connection}/listings/refresh`)
    const bound = async (): Promise<readonly string[]> => {
      const { items } = await hub.get(`/v1/listings?connection=${connection}&limit=200`, list)
      return skus.filter((sku) => items.some((item) => item.sku === sku))
    }
    await expect.poll(bound, { timeout: 60_000, interval: 1000 }).toEqual([...skus])
  }
  await hub.send('POST', '/v1/stock', { items: skus.map((sku) => ({ sku, on_hand: onHand })) })
  for (const connection of connections) {
    const arm = async (): Promise<number> => {
      const { hash } = await hub.get(`/v1/connections/${connection}/arm-preview?what=stock`, z.object({ hash: z.string() }))
      return (await hub.send('POST', `/v1/connections/${connection}/arm`, { what: ['stock'], preview_hash: hash, confirm_zero: true })).status
    }
    await expect.poll(arm, { timeout: 60_000, interval: 1000 }).toBe(200)
  }
}

/** The hub's promise of a SKU, and what it believes every channel shows. */
export async function promised(hub: TestHub, sku: string): Promise<{ readonly promisable: number; readonly confirmed: readonly (number | null)[] }> {
  const { items: [item] } = await hub.get(`/v1/stock?sku=${encodeURIComponent(sku)}`, cells)
  return { promisable: Number(item.promisable), confirmed: item.cells.map(({ confirmed }) => confirmed) }
}
