import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { ensureWebhooks, readWebhook, verifyWebhook } from './webhooks.ts'

/** TikTok Shop by its Partner API. Facts, oddities and what is unconfirmed: docs/channels/tiktok-shop.md. */
export const tiktokShop = defineConnector({
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
  refreshToken,
  signing,
})
