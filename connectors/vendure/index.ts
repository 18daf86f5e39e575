import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { classify, refreshToken } from './client.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { decideCancel, pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, verifyWebhook } from './webhooks.ts'

/** Vendure 3, Admin API (GraphQL). */
export const vendure = defineConnector({
  manifest,
  classify,
  check,
  refreshToken,
  pullOrders,
  fetchOrder,
  findOrders,
  listOrderIds,
  pullListings,
  verifyWebhook,
  readWebhook,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
  decideCancel,
  signing,
})
