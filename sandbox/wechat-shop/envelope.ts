import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import type { MarketEvent } from '../stage/market/model.ts'
import type { Subscription, PushRequest } from '../stage/market/webhooks.ts'
import { messageOf, type WechatShop } from './words.ts'

/** Messages as the channel pushes them: encrypted with the shop's EncodingAESKey, or plain under a signature that covers the time alone. */

const sha1 = (parts: readonly string[]): string =>
  createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex')

/** sixteen bytes of chance, the length in four bytes, the text, the app's id; filled up to blocks of 32 with the number of bytes that were missing. */
export function encrypt(text: string, appId: string, encodingAesKey: string): string {
  const key = Buffer.from(`${encodingAesKey}=`, 'base64')
  const bytes = Buffer.from(text)
  const size = Buffer.from([bytes.length >>> 24, (bytes.length >>> 16) & 255, (bytes.length >>> 8) & 255, bytes.length & 255])
  const open = Buffer.concat([randomBytes(16), size, bytes, Buffer.from(appId)])
  const missing = 32 - (open.length % 32)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16))
  cipher.setAutoPadding(false)
  return cipher.update(Buffer.concat([open, Buffer.alloc(missing, missing)]), undefined, 'base64') + cipher.final('base64')
}

export function pushOf(shop: WechatShop, event: MarketEvent, { url }: Subscription): PushRequest {
  const { pushToken, encodingAesKey, appId, pushMode } = shop.settings
  const message = messageOf(event)
  const timestamp = String(Math.floor(shop.clock.now() / 1000))
  const nonce = String(shop.random.int(100_000_000, 999_999_999))
  const query: Record<string, string> = { signature: sha1([pushToken, timestamp, nonce]), timestamp, nonce, openid: String(message['FromUserName']) }
  let body = JSON.stringify(message)
  if (pushMode !== 'plain-json') {
    const isXml = pushMode === 'safe-xml'
    const sealed = encrypt(isXml ? `<xml>${xml(message)}</xml>` : body, appId, encodingAesKey)
    Object.assign(query, { encrypt_type: 'aes', msg_signature: sha1([pushToken, timestamp, nonce, sealed]) })
    const outer = { ToUserName: message['ToUserName'], Encrypt: sealed }
    body = isXml ? `<xml>${xml(outer)}</xml>` : JSON.stringify(outer)
  }
  const type = body.startsWith('<') ? 'text/xml' : 'application/json'
  return {
    topic: String(message['Event']),
    headers: { 'content-type': type, 'user-agent': 'Mozilla/4.0' },
    body,
    url: `${url}${url.includes('?') ? '&' : '?'}${new URLSearchParams(query).toString()}`,
  }
}

/** Texts stand in CDATA, numbers do not. */
const xml = (record: Readonly<Record<string, unknown>>): string =>
  Object.entries(record)
    .map(([name, value]) => {
      if (typeof value === 'object' && value !== null) return `<${name}>${xml(Object.fromEntries(Object.entries(value)))}</${name}>`
      return typeof value === 'number' ? `<${name}>${value}</${name}>` : `<${name}><![CDATA[${String(value)}]]></${name}>`
    })
    .join('\n')
