import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pullListings, readInventory } from './products.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, routeWebhook, verifyWebhook } from './webhooks.ts'

/** Lazada shops of six countries by the open platform. Facts, oddities and what is unconfirmed: docs/channels/lazada.md. */
export const lazada = defineConnector({
  manifest,
  classify,
  check,
  pullOrders,
  fetchOrder,
  findOrders,
  listOrderIds,
  pullListings,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
  decideCancel,
  verifyWebhook,
  readWebhook,
  refreshToken,
  routeWebhook,
  signing,
})
