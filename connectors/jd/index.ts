import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { classify } from './faults.ts'
import { pushInventory, readInventory } from './inventory.ts'
import { pullListings } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { decideCancel } from './refunds.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'

/** JD.com by the JOS gateway. Facts, oddities and what is unconfirmed: docs/channels/jd.md. */
export const jd = defineConnector({
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
  signing,
})
