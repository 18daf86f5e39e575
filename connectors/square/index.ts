import { defineConnector } from '../../src/core/connector.ts'
import { pullListings, readInventory } from './catalogue.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { ensureWebhooks, readWebhook, verifyWebhook } from './webhooks.ts'

/** Square tills and online orders by the Connect API v2. Facts, oddities and what is unconfirmed: docs/channels/square.md. */
export const square = defineConnector({
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
  verifyWebhook,
  readWebhook,
  ensureWebhooks,
  refreshToken,
  signing,
})
