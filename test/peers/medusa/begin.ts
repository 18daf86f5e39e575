import { besideHub, connectHub, type Beside } from '../beside.ts'
import { startHub, type TestHub } from '../hub.ts'
import { freePort } from '../install.ts'
import { startPeer } from './peer.ts'
import { openShop, type Shop } from './shop.ts'

export const SKUS = ['LAMP-B-EU', 'NOTE-A5', 'KETTLE-17', 'TEA-青-01', 'PEN-1'] as const

export interface Scene {
  readonly hub: TestHub
  readonly shop: Shop
  readonly beside: Beside
  stop(): Promise<void>
}

/** A whole hub and a real shop with goods, connected. The shop signs its events with a secret the hub learns later, if at all. */
export async function begin(secrets: { readonly shop: string; readonly hub: string }): Promise<Scene> {
  const hub = await startHub()
  const stops: (() => Promise<void>)[] = [() => hub.stop()]
  const stop = async (): Promise<void> => {
    for (const one of stops.toReversed()) await one()
  }
  try {
    const port = await freePort()
    const { connection, hookUrl } = await connectHub(hub, {
      channel: 'medusa', name: 'A real shop', config: { url: `http://127.0.0.1:${port}` }, secrets: { apiKey: 'sk_not-yet-CANARY', webhookSecret: secrets.hub },
    })
    const peer = await startPeer({ port, hookUrl, hookSecret: secrets.shop })
    stops.push(() => peer.stop())
    const shop = await openShop(peer)
    // The shop has two locations: the hub is told which one is its own.
    const changed = await hub.send('PATCH', `/v1/connections/${connection}`, {
      config: { url: `http://127.0.0.1:${port}`, locationId: shop.location }, secrets: { apiKey: shop.secretKey, webhookSecret: secrets.hub },
    })
    if (changed.status !== 200) throw new Error(`The connection could not be changed: ${JSON.stringify(changed.body)}`)
    return { hub, shop, beside: besideHub(hub, connection), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
