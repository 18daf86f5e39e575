import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { decryptRecipient } from './decrypt.ts'
import { classify } from './faults.ts'
import { pullListings, readInventory } from './goods.ts'
import { pushInventory } from './inventory.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'

/** Pinduoduo by its open platform's gateway. Facts, oddities and what is unconfirmed: docs/channels/pinduoduo.md. */
export const pinduoduo = defineConnector({
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
  decideCancel,
  decryptRecipient,
  refreshToken,
  signing,
})
