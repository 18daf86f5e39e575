import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'

/** Amazon by the Selling Partner API. Facts, oddities and what is unconfirmed: docs/channels/amazon.md. */
export const amazon = defineConnector({
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
  refreshToken,
})
