import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './items.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { ensureWebhooks } from './subscriptions.ts'
import { readWebhook, verifyWebhook } from './webhooks.ts'

/** eBay by its REST APIs, and by the Trading API where those do not reach. Facts, oddities and what is unconfirmed: docs/channels/ebay.md. */
export const ebay = defineConnector({
  manifest,
  classify,
  check,
  signing,
  refreshToken,
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
  ensureWebhooks,
})
