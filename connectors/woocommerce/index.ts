import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { classify } from './client.ts'
import { pushInventory, readInventory } from './inventory.ts'
import { pullListings } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { ensureWebhooks, readWebhook, verifyWebhook } from './webhooks.ts'

/** WooCommerce by its REST API v3. Facts and oddities: docs/channels/woocommerce.md. */
export const woocommerce = defineConnector({
  manifest,
  classify,
  check,
  pullOrders,
  fetchOrder,
  findOrders,
  listOrderIds,
  pullListings,
  verifyWebhook,
  readWebhook,
  ensureWebhooks,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
  decideCancel,
  signing,
})
