import { createCipheriv, generateKeyPairSync, sign } from 'node:crypto'
import type { MarketEvent } from '../stage/market/model.ts'
import type { PushRequest } from '../stage/market/webhooks.ts'
import { amountOf, tradeNo, type MiniShop } from './words.ts'

/** Made once: keys cost more than everything else of a shop. */
let pair: { readonly privateKey: string; readonly publicKey: string } | undefined
export function platformKeys(): { readonly privateKey: string; readonly publicKey: string } {
  pair ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
  return pair
}

const rfc3339 = (ms: number): string => `${new Date(ms + 28_800_000).toISOString().slice(0, 19)}+08:00`

/** Notices of WeChat Pay: money came, or went back. Everything else is not its business. */
export function noticesOf(shop: MiniShop, event: MarketEvent): readonly PushRequest[] {
  const { order, refund, topic } = event
  const { appId, mchId } = shop.settings
  const trade = { mchid: mchId, out_trade_no: tradeNo(order), transaction_id: order.id }
  const time = { success_time: rfc3339(event.at) }
  if (topic === 'paid') {
    const amount = { total: amountOf(order), payer_total: amountOf(order), currency: 'CNY', payer_currency: 'CNY' }
    const payer = { openid: shop.openidOf(order.person) }
    return [notice(shop, 'TRANSACTION.SUCCESS', { ...trade, appid: appId, trade_type: 'JSAPI', trade_state: 'SUCCESS', ...time, payer, amount })]
  }
  if (topic !== 'refund-done' || !refund) return []
  const amount = { total: amountOf(order), refund: refund.minor, payer_total: amountOf(order), payer_refund: refund.minor }
  return [
    notice(shop, 'REFUND.SUCCESS', { ...trade, refund_id: refund.id, out_refund_no: `R${refund.id}`, refund_status: 'SUCCESS', ...time, amount }),
  ]
}

function notice(shop: MiniShop, event: string, paid: Readonly<Record<string, unknown>>): PushRequest {
  const [kind, nonce] = [event.startsWith('REFUND') ? 'refund' : 'transaction', shop.random.hex(12)]
  const cipher = createCipheriv('aes-256-gcm', shop.settings.apiV3Key, nonce).setAAD(Buffer.from(kind))
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(paid), 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
  const body = JSON.stringify({
    id: `${shop.random.hex(8)}-sandbox-${shop.nextId('message')}`,
    create_time: rfc3339(shop.clock.now()),
    resource_type: 'encrypt-resource',
    event_type: event,
    summary: kind === 'refund' ? '退款成功' : '支付成功',
    resource: { original_type: kind, algorithm: 'AEAD_AES_256_GCM', ciphertext, associated_data: kind, nonce },
  })
  const [timestamp, random] = [String(Math.floor(shop.clock.now() / 1000)), shop.random.hex(32)]
  const signature = sign('sha256', Buffer.from(`${timestamp}\n${random}\n${body}\n`), platformKeys().privateKey).toString('base64')
  return {
    topic: event,
    headers: {
      'content-type': 'application/json',
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': random,
      'wechatpay-signature': signature,
      'wechatpay-serial': 'PUB_KEY_ID_0000000000000000000000000000',
    },
    body,
  }
}
