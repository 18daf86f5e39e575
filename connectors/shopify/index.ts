import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './cost.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { ensureWebhooks, readWebhook, verifyWebhook } from './webhooks.ts'

/** Shopify by its GraphQL Admin API. Facts and oddities: docs/channels/shopify.md. */
export const shopify = defineConnector({
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
  verifyWebhook,
  readWebhook,
  ensureWebhooks,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
  decideCancel,
})
