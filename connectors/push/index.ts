import { defineConnector } from '../../src/core/connector.ts'
import { manifest } from './manifest.ts'

/**
 * Orders that come to the hub by themselves: a dealer's system posts them, a person types them. There is nobody to call,
 * so a package counts as told once it can be read at the order's address.
 */
export const push = defineConnector({
  manifest,
  check: async () => [{ step: { en: 'Ready: orders may be sent with a key of this connection', zh: '就绪：可用该连接的密钥发送订单' }, ok: true }],
  pushShipment: async (_call, shipment) => ({ key: shipment.key, status: 'applied', proof: { told: 'readable at the order' } }),
})
