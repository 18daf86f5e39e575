import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { classify } from './client.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { decideCancel, pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, verifyWebhook } from './webhooks.ts'

/** Medusa 2 over its Admin API. */
export const medusa = defineConnector({
  manifest,
  classify,
  check,
  signing,
  pullOrders,
  fetchOrder,
  findOrders,
  listOrderIds,
  pullListings,
  readInventory,
  pushInventory,
  pushShipment,
  readShipments,
  decideCancel,
  verifyWebhook,
  readWebhook,
})
