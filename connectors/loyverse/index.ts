import { defineConnector } from '../../src/core/connector.ts'
import { pullListings, readInventory } from './catalogue.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { signing } from './signing.ts'
import { ensureWebhooks, readWebhook, verifyWebhook } from './webhooks.ts'

/** Loyverse tills by the API v1.0. Facts, oddities and what is unconfirmed: docs/channels/loyverse.md. */
export const loyverse = defineConnector({
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
  verifyWebhook,
  readWebhook,
  ensureWebhooks,
  refreshToken,
  signing,
})
