import { defineConnector } from '../../src/core/connector.ts'
import { check } from './check.ts'
import { classify } from './client.ts'
import { pushInventory, readInventory } from './inventory.ts'
import { pullListings } from './listings.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'

/** Magento. Facts and oddities: docs/channels/magento.md. */
export const magento = defineConnector({
  manifest,
  classify,
  check,
  pullOrders,
  fetchOrder,
  pullListings,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
})
