import { defineConnector } from '../../src/core/connector.ts'
import { decideCancel } from './cancel.ts'
import { check } from './check.ts'
import { refreshWechatToken } from '../../src/kit/wechat-api.ts'
import { classify } from './client.ts'
import { decryptRecipient } from './decrypt.ts'
import { pushInventory } from './inventory.ts'
import { pullListings, readInventory } from './items.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, listOrderIds, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, verifyWebhook } from './webhooks.ts'

/** WeChat shops (微信小店, once 视频号小店). Facts, oddities and what is unconfirmed: docs/channels/wechat-shop.md. */
export const wechatShop = defineConnector({
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
  verifyWebhook,
  readWebhook,
  decryptRecipient,
  refreshToken: refreshWechatToken,
  signing,
})
