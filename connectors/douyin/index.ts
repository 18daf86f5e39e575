import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { decryptRecipient } from './decrypt.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './items.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, routeWebhook, verifyWebhook } from './webhooks.ts'

/** Douyin shops (抖店) by the open gateway. Facts, oddities and what is unconfirmed: docs/channels/douyin.md. */
export const douyin = defineConnector({
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
  decideCancel,
  decryptRecipient,
  refreshToken,
  routeWebhook,
  signing,
})
