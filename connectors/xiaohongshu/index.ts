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

/** Xiaohongshu shops by the ark open platform. Facts, oddities and what is unconfirmed: docs/channels/xiaohongshu.md. */
export const xiaohongshu = defineConnector({
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
  refreshToken,
  decryptRecipient,
  signing,
})
