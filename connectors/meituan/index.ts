import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory, readInventory } from './inventory.ts'
import { pullListings } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, pullOrders } from './orders.ts'
import { pushShipment } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, routeWebhook, verifyWebhook } from './webhooks.ts'

/** Meituan flash retail by the open gateway. Facts, oddities and what is unconfirmed: docs/channels/meituan.md. */
export const meituan = defineConnector({
  manifest,
  classify,
  check,
  pullOrders,
  fetchOrder,
  findOrders,
  pullListings,
  pushInventory,
  readInventory,
  pushShipment,
  decideCancel,
  verifyWebhook,
  readWebhook,
  routeWebhook,
  refreshToken,
  signing,
})
