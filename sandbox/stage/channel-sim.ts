import type { Hono } from 'hono'
import type { SimClock } from './clock.ts'
import type { Lever } from './control-routes.ts'
import type { FaultEnv, FaultPlan } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { ShopControl } from './shop-control.ts'

/** What every simulated channel is made of, whichever protocol it speaks: what the sandbox serves and the conformance kit plays on. */
export interface ChannelSim {
  /** Id of the connector that talks to it. */
  readonly channel: string
  /** Secrets of a connection to this shop, by the connector's own field names, webhook secret left out where the caller chooses it. */
  readonly credentials: Readonly<Record<string, string>>
  /** The shop's money and wall clock; USD and UTC without them. */
  readonly currency?: string
  readonly timezone?: string
  /** Mounted under `/<shop name>`. Faults that touch the socket need @hono/node-server. */
  readonly app: Hono<FaultEnv>
  readonly ledger: Ledger
  readonly control: ShopControl
  readonly clock: SimClock
  readonly faults: FaultPlan
  /** The channel's own levers over HTTP, beside the ones every simulator has. */
  readonly levers?: Readonly<Record<string, Lever>>
  /** Settings of a connection to this shop, served at `url`; `{ url }` without it. */
  settings?(url: string): Readonly<Record<string, unknown>>
  /** Where a subscription is made by hand (an app's page, a plugin) and not by an API call: notices go to `url`, signed with `secret`. */
  subscribe?(target: { readonly url: string; readonly secret: string }): void
  /** Where the channel is a folder of files: its place, which the connection gets as its own. */
  readonly folder?: string
  /** Tells the simulator its own address, where its answers carry it. */
  setSite(url: string): void
  stop(): void
}
