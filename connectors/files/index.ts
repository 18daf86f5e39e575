import { defineConnector } from '../../src/core/connector.ts'
import { commitPull } from './archive.ts'
import { check } from './check.ts'
import { pullListings } from './listings.ts'
import { manifest } from './manifest.ts'
import { pushInventory, pushShipment, readInventory, readShipments } from './outgoing.ts'
import { pullOrders } from './pull.ts'

/** Tills, spreadsheets and suppliers: files by upload, in a watched folder or on an SFTP server. */
export const files = defineConnector({
  manifest,
  check,
  pullOrders,
  commitPull,
  pullListings,
  pushInventory,
  readInventory,
  pushShipment,
  readShipments,
})
