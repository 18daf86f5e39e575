import type { Context, MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { ChannelSim } from '../channel-sim.ts'
import type { SimClock } from '../clock.ts'
import { createClock } from '../clock.ts'
import type { Lever } from '../control-routes.ts'
import type { FaultAnswers, FaultEnv } from '../faults.ts'
import { createFaultPlan } from '../faults.ts'
import { createRandom } from '../random.ts'
import { createControl, type MarketControl } from './control.ts'
import { marketLevers } from './levers.ts'
import type { MarketEvent } from './model.ts'
import { createQueue, type MessageQueue } from './queue.ts'
import { createShop, type MarketRules, type MarketShop } from './shop.ts'
import { createWebhooks, type PushRequest, type PushRules, type Subscription, type Webhooks } from './webhooks.ts'

/** The shop with the ways it talks: what the routes of a skin are given. */
export interface Market extends MarketShop {
  readonly queue: MessageQueue
  /** Without `push` in the skin nobody can subscribe, and nothing is sent. */
  readonly webhooks: Webhooks
}

/** The protocol of one channel around the shop of any. */
export interface MarketSkin {
  /** Id of the connector that talks to it. */
  readonly channel: string
  readonly timezone: string
  readonly rules: MarketRules
  /** By the connector's own field names, webhook secret left out where the caller chooses it. */
  readonly credentials: Readonly<Record<string, string>>
  /** Answers every request: signatures, paging, documents. Ids of the records an answer carries go to `c.set('returned', …)`. */
  readonly routes: (app: Hono<FaultEnv>, market: Market) => void
  readonly faults: FaultAnswers
  /** Which requests change something; anything but GET and HEAD without it. */
  readonly isWrite?: (c: Context<FaultEnv>) => Promise<boolean> | boolean
  /** How the ledger names a request; its path and query without it. */
  readonly describe?: (c: Context<FaultEnv>) => Promise<RequestName> | RequestName
  /** Settings of a connection to this shop; `{ url }` without it. */
  readonly settings?: (url: string) => Readonly<Record<string, unknown>>
  /** Messages to fetch about one event; the queue is open unless the routes close it. */
  readonly messages?: (event: MarketEvent, market: Market) => readonly { readonly topic: string; readonly content: string }[]
  /** Deliveries to subscribers. */
  readonly push?: Omit<PushRules, 'deliver'> & {
    readonly deliver: (event: MarketEvent, subscription: Subscription, market: Market) => readonly PushRequest[]
    /** Subscribing is an API call of the routes; without it a subscription is made by hand. */
    readonly byApi?: true
  }
  /** The channel's own levers over HTTP. */
  readonly levers?: (market: Market, control: MarketControl) => Readonly<Record<string, Lever>>
}

export interface RequestName {
  readonly path: string
  readonly query: string
}

export interface MarketSim extends ChannelSim {
  readonly control: MarketControl
  readonly market: Market
}

/** A simulated marketplace: the shop, its levers and its ledger, behind the skin's protocol. The same seed plays the same shop again. */
export function createMarketSim(skin: MarketSkin, seed = 1): MarketSim {
  const clock = createClock()
  const market = createMarket(skin, clock, seed)
  const faults = createFaultPlan(skin.faults, skin.isWrite ?? ((c) => c.req.method !== 'GET' && c.req.method !== 'HEAD'))
  const control = createControl({ shop: market, faults, webhooks: skin.push ? market.webhooks : undefined })
  const app = new Hono<FaultEnv>({ strict: false })
  app.use('*', recordRequest(market, skin.describe ?? plainName), faults.middleware)
  skin.routes(app, market)
  return {
    channel: skin.channel,
    credentials: skin.credentials,
    currency: skin.rules.currency,
    timezone: skin.timezone,
    app,
    ledger: market.ledger,
    control,
    clock,
    faults,
    market,
    levers: { ...marketLevers(control), ...skin.levers?.(market, control) },
    ...(skin.settings ? { settings: skin.settings } : {}),
    ...(skin.push && !skin.push.byApi ? { subscribe: (target) => void market.webhooks.add(target) } : {}),
    setSite: (url) => {
      market.site = url
    },
    stop() {
      control.trickle(0)
      market.webhooks.stop()
    },
  }
}

function createMarket(skin: MarketSkin, clock: SimClock, seed: number): Market {
  const shop = createShop(skin.rules, clock, createRandom(seed))
  const { push, messages } = skin
  const deliver: PushRules['deliver'] = (event, subscription) => push?.deliver(event, subscription, market) ?? []
  const market: Market = Object.assign(shop, { queue: createQueue(shop), webhooks: createWebhooks(shop, { ...push, deliver }) })
  if (messages)
    market.listeners.push((event) => {
      for (const { topic, content } of messages(event, market)) market.queue.put(topic, content)
    })
  return market
}

const plainName = (c: Context<FaultEnv>): RequestName => ({
  // Behind the name of the shop.
  path: c.req.path.replace(/^\/[^/]+/, ''),
  query: new URL(c.req.url).search,
})

function recordRequest(market: Market, describe: NonNullable<MarketSkin['describe']>): MiddlewareHandler<FaultEnv> {
  return async (c, next) => {
    await next()
    const fault = c.get('fault')
    market.ledger.record({
      kind: 'request',
      method: c.req.method,
      ...(await describe(c)),
      status: c.res.status,
      returned: c.get('returned') ?? [],
      ...(fault === undefined ? {} : { fault }),
    })
  }
}
