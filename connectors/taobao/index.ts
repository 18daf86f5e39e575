import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { refreshToken } from './client.ts'
import { decryptRecipient } from './decrypt.ts'
import { classify } from './faults.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './items.ts'
import { manifest } from './manifest.ts'
import { commitPull } from './messages.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'

/** Taobao and Tmall by the TOP gateway. Facts, oddities and what is unconfirmed: docs/channels/taobao.md. */
export const taobao = defineConnector({
  manifest,
  classify,
  check,
  pullOrders,
  commitPull,
  fetchOrder,
  findOrders,
  listOrderIds,
  pullListings,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
  refreshToken,
  decryptRecipient,
  signing,
})
