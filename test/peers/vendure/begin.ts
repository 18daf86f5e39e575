import { besideHub, connectHub, type Beside } from '../beside.ts'
import { startHub, type TestHub } from '../hub.ts'
import { freePort } from '../install.ts'
import { startPeer, type Peer } from './peer.ts'
import { signIn, type Staff } from './shop.ts'

export interface Scene {
  readonly hub: TestHub
  readonly peer: Peer
  readonly staff: Staff
  readonly beside: Beside
  stop(): Promise<void>
}

const ACCOUNT = { username: 'hub@example.com', password: 'hub-password-CANARY' }

/** A whole hub and a real shop, connected by an administrator with five permissions; each has its own idea of the event secret. */
export async function begin(secrets: { readonly shop: string; readonly hub: string }): Promise<Scene> {
  const hub = await startHub()
  const stops: (() => Promise<void>)[] = [() => hub.stop()]
  const stop = async (): Promise<void> => {
    for (const one of stops.toReversed()) await one()
  }
  try {
    const port = await freePort()
    const { connection, hookUrl } = await connectHub(hub, {
      channel: 'vendure', name: 'A real shop', config: { url: `http://127.0.0.1:${port}` }, secrets: { ...ACCOUNT, webhookSecret: secrets.hub },
    })
    const peer = await startPeer({ port, hookUrl, hookSecret: secrets.shop })
    stops.push(() => peer.stop())
    const staff = await signIn(peer)
    await staff.administrator(ACCOUNT.username, ACCOUNT.password, ['ReadOrder', 'UpdateOrder', 'ReadCatalog', 'UpdateCatalog', 'ReadStockLocation'])
    return { hub, peer, staff, beside: besideHub(hub, connection), stop }
  } catch (error) {
    await stop()
    throw error
  }
}
