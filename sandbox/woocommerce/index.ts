import type { MiddlewareHandler } from 'hono'
import { Hono } from 'hono'
import type { ChannelSim } from '../stage/channel-sim.ts'
import type { SimClock } from '../stage/clock.ts'
import { createClock } from '../stage/clock.ts'
import type { FaultPlan } from '../stage/faults.ts'
import { createFaultPlan } from '../stage/faults.ts'
import type { Ledger } from '../stage/ledger.ts'
import { createRandom } from '../stage/random.ts'
import { forbid, identify } from './auth.ts'
import type { WooControl } from './control.ts'
import { createControl } from './control.ts'
import type { WooEnv } from './env.ts'
import { publicQuery, rawPath, rawSearch } from './env.ts'
import { wooFaults } from './fault-answers.ts'
import { wooLevers } from './levers.ts'
import { orderDocument } from './order-document.ts'
import { phpJson } from './php-json.ts'
import { productDocument } from './product-document.ts'
import { orderChildRoutes } from './routes-order-children.ts'
import { orderRoutes } from './routes-orders.ts'
import { productRoutes } from './routes-products.ts'
import { shipmentRoutes } from './routes-shipments.ts'
import { siteRoutes } from './routes-site.ts'
import { webhookRoutes } from './routes-webhooks.ts'
import type { WooEvent, WooKey, WooSettings, WooShop } from './shop.ts'
import { createShop } from './shop.ts'
import { createWebhooks } from './webhooks.ts'
import { noRoute, wpFail } from './wp-response.ts'

export interface WooCommerceOptions extends Partial<WooSettings> {
  readonly seed?: number
  /** The first key; more are added through `control.addKey`. */
  readonly key?: Partial<Omit<WooKey, 'nonces'>>
}

export interface WooCommerceSim extends ChannelSim {
  readonly channel: 'woocommerce'
  readonly credentials: { readonly consumerKey: string; readonly consumerSecret: string }
  /** Serves `/wp-json/…`; mount it under any folder. Faults that touch the socket need @hono/node-server. */
  readonly app: Hono<WooEnv>
  readonly ledger: Ledger
  readonly control: WooControl
  readonly clock: SimClock
  readonly faults: FaultPlan
  /** Tells the simulator its own address (webhook headers carry it). */
  setSite(url: string): void
  stop(): void
}

const usual: WooSettings = {
  name: 'Sandbox WooCommerce',
  currency: 'USD',
  currencySymbol: '$',
  digits: 2,
  timezone: 'UTC',
  taxBasisPoints: 0,
  version: '10.3.5',
  fulfilments: false,
  shipmentTracking: false,
  extraStatuses: ['cancel-request'],
  assumeHttps: false,
  webhookDelayMs: 300,
  listLagMs: 0,
  oddPaging: 'none',
}

/** A simulated WooCommerce shop that speaks REST v3 and remembers everything. */
export function createWooCommerce(options: WooCommerceOptions = {}): WooCommerceSim {
  const { seed = 1, key, ...settings } = options
  const clock = createClock()
  const shop = createShop({ ...usual, ...settings }, clock, createRandom(seed))
  const first: WooKey = {
    consumerKey: 'ck_sandbox',
    consumerSecret: 'cs_sandbox',
    permissions: 'read_write',
    manager: true,
    ...key,
    nonces: new Map(),
  }
  shop.keys.push(first)
  let site = 'http://127.0.0.1'
  const webhooks = createWebhooks({ shop, site: () => site, payload: (event) => payloadOf(shop, event, site) })
  const faults = wooFaults(createFaultPlan)
  const control = createControl({ shop, webhooks, faults })
  const app = new Hono<WooEnv>({ strict: false })
  app.use('*', recordRequest(shop), faults.middleware, guard(shop))
  siteRoutes(app, shop)
  orderRoutes(app, shop)
  orderChildRoutes(app, shop)
  shipmentRoutes(app, shop)
  productRoutes(app, shop)
  webhookRoutes(app, shop, webhooks)
  app.all('*', () => wpFail(noRoute))
  return {
    channel: 'woocommerce',
    credentials: { consumerKey: first.consumerKey, consumerSecret: first.consumerSecret },
    app,
    ledger: shop.ledger,
    control,
    clock,
    faults,
    levers: wooLevers(control),
    setSite(url) {
      site = url
    },
    stop() {
      control.trickle(0)
      webhooks.stop()
    },
  }
}

type Middleware = MiddlewareHandler<WooEnv>

function recordRequest(shop: WooShop): Middleware {
  return async (c, next) => {
    await next()
    const fault = c.get('fault')
    shop.ledger.record({
      kind: 'request',
      method: c.req.method,
      path: `/wp-json${rawPath(c).split('/wp-json')[1] ?? ''}`,
      query: publicQuery(rawSearch(c)),
      status: c.res.status,
      returned: c.get('returned') ?? [],
      ...(fault === undefined ? {} : { fault }),
    })
  }
}

/** Keys are asked for inside the `wc` namespaces only; the index is open. */
function guard(shop: WooShop): Middleware {
  return async (c, next) => {
    const route = rawPath(c).split('/wp-json/')[1] ?? ''
    if (!route.startsWith('wc/') && !route.startsWith('wc-')) return next()
    const who = identify(shop, c)
    if (who && 'code' in who) return wpFail(who)
    if (route === 'wc/v3' || route === 'wc/v3/') return next()
    const refusal = forbid(who, c.req.method)
    return refusal ? wpFail(refusal) : next()
  }
}

function payloadOf(shop: WooShop, event: WooEvent, home: string): { id: string; body: string } {
  if ('product' in event) return { id: String(event.product.id), body: phpJson(productDocument(shop, event.product, home)) }
  const { order } = event
  const body = event.topic === 'order.deleted' ? { id: order.id } : orderDocument(shop, order, { home })
  return { id: String(order.id), body: phpJson(body) }
}
