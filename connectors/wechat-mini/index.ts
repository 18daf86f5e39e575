import { defineConnector } from '../../src/core/connector.ts'
import { classifyWechat, refreshWechatToken } from '../../src/kit/wechat-api.ts'
import { check } from './check.ts'
import { manifest } from './manifest.ts'
import { fetchOrder, findOrders, pullOrders } from './orders.ts'
import { pushShipment, readShipments } from './shipments.ts'
import { signing } from './signing.ts'
import { readWebhook, verifyWebhook } from './webhooks.ts'

/** Mini-programs with a backend of their own: payments by WeChat Pay, parcels by the channel's shipping service. docs/channels/wechat-mini.md. */
export const wechatMini = defineConnector({
  manifest,
  // 10060001: no such payment, or not yet.
  classify: classifyWechat(new Map([['10060001', 'missing']])),
  check,
  pullOrders,
  fetchOrder,
  findOrders,
  pushShipment,
  readShipments,
  verifyWebhook,
  readWebhook,
  refreshToken: refreshWechatToken,
  signing,
})
