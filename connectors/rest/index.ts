import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { classify, refreshToken } from './client.ts'
import { pushInventory, readInventory } from './inventory.ts'
import { pullListings } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, verifyWebhook } from './webhooks.ts'

/** A channel described by settings: any shop that speaks REST and JSON. How to describe one: docs/channels/rest.md. */
export const rest = defineConnector({
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
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
  refreshToken,
  signing,
})
