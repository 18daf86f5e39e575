import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { shopify } from '../../../connectors/shopify/index.ts'
import type { Inbound } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'

const secrets = { clientSecret: 'test_secret_key' }
const signed = (body: string, secret: string): string => createHmac('sha256', secret).update(body).digest('base64')

function delivery(topic: string, body: unknown, change: Readonly<Record<string, string>> = {}): Inbound {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const headers = {
    'x-shopify-topic': topic,
    'x-shopify-hmac-sha256': signed(text, secrets.clientSecret),
    'x-shopify-webhook-id': 'w-1',
    'x-shopify-event-id': 'e-1',
    'x-shopify-triggered-at': '2026-11-22T08:00:00.123Z',
    ...change,
  }
  return { method: 'POST', url: 'https://hub.example.com/hooks/x', headers, query: {}, body: Buffer.from(text) }
}
const verify = (inbound: Inbound, given: Parameters<typeof shopify.verifyWebhook>[1] = secrets) => shopify.verifyWebhook(inbound, given, new Date())
const meant = (topic: string, body: unknown, change: Readonly<Record<string, string>> = {}) => {
  const inbound = delivery(topic, body, change)
  return shopify.readWebhook(Buffer.from(inbound.body).toString('utf8'), verify(inbound).meta).fetch.map((one) => one.externalId)
}
const refusal = (run: () => unknown): string | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof ChannelError) return error.fault.kind
  }
  return undefined
}

describe('a delivery of Shopify', () => {
  it('with the signature of the documented example passes, under either style of headers', () => {
    const body = '{"foo": "bar"}'
    const hmac = 'B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g='
    const bare = { method: 'POST', url: 'https://h/', query: {}, body: Buffer.from(body) }
    expect(verify({ ...bare, headers: { 'x-shopify-hmac-sha256': hmac, 'x-shopify-topic': 'orders/create' } })).toMatchObject({
      type: 'event',
      reply: { status: 200 },
    })
    const event = verify({
      ...bare,
      headers: {
        'shopify-hmac-sha256': hmac,
        'shopify-handle': 'orders',
        'shopify-action': 'update',
        'shopify-event-id': 'e-9',
        'shopify-resource-id': 'gid://shopify/Order/6001',
      },
    })
    expect(event).toMatchObject({ deliveryId: 'orders/update/e-9', meta: { topic: 'orders/update', resource: 'gid://shopify/Order/6001' } })
    expect(shopify.readWebhook(body, event.meta).fetch).toEqual([{ kind: 'order', externalId: '6001' }])
  })

  it('names the order it is about, whatever the topic, and carries no document: its payload is of the moment it was triggered', () => {
    expect(meant('orders/create', { id: 6001 })).toEqual(['6001'])
    expect(meant('orders/updated', '{"id":6000000000123456789}')).toEqual(['6000000000123456789'])
    expect(meant('orders/delete', { id: 6001 })).toEqual(['6001'])
    expect(meant('orders/edited', { order_edit: { id: 1, order_id: 6001 } })).toEqual(['6001'])
    expect(meant('refunds/create', { id: 9, order_id: 6001 })).toEqual(['6001'])
    expect(meant('fulfillments/update', { id: 9, order_id: 6001 })).toEqual(['6001'])
    expect(meant('order_transactions/create', { id: 9, order_id: 6001 })).toEqual(['6001'])
    expect(refusal(() => meant('orders/updated', {}))).toBe('unreadable')
  })

  it('about privacy or the end of an installation is answered and kept, and asks for nothing', () => {
    for (const topic of ['customers/data_request', 'customers/redact', 'shop/redact', 'app/uninstalled']) {
      expect(verify(delivery(topic, { shop_id: 1, customer: { id: 5 } }))).toMatchObject({ type: 'event', reply: { status: 200 } })
      expect(meant(topic, { shop_id: 1, orders_to_redact: [6001] })).toEqual([])
      expect(refusal(() => verify(delivery(topic, {}, { 'x-shopify-hmac-sha256': 'AAAA' })))).toBe('unauthorized')
    }
  })

  it('that comes again has the same id; another topic of the same event has its own', () => {
    const first = verify(delivery('orders/create', { id: 1 }))
    expect(verify(delivery('orders/create', { id: 1 }, { 'x-shopify-webhook-id': 'w-2' })).deliveryId).toBe(first.deliveryId)
    expect(verify(delivery('orders/updated', { id: 1 })).deliveryId).not.toBe(first.deliveryId)
  })

  it('signed with the old secret passes while the secret is rotated, and with neither, none or an empty one never', () => {
    const old = delivery('orders/create', { id: 1 }, { 'x-shopify-hmac-sha256': signed('{"id":1}', 'old_secret') })
    expect(verify(old, { clientSecret: 'test_secret_key', previousClientSecret: 'old_secret' }).type).toBe('event')
    expect(refusal(() => verify(old))).toBe('unauthorized')
    const empty = delivery('orders/create', { id: 1 }, { 'x-shopify-hmac-sha256': signed('{"id":1}', '') })
    for (const given of [secrets, {}, { clientSecret: '' }]) expect(refusal(() => verify(empty, given))).toBe('unauthorized')
    expect(refusal(() => verify(delivery('orders/create', { id: 1 }, { 'x-shopify-hmac-sha256': '' })))).toBe('unauthorized')
  })
})

describe('signatures on their own', () => {
  const query = { code: '0907a61c', shop: 'some-shop.myshopify.com', state: '0.67', timestamp: '1337178173', host: 'a b*c' }
  // Digest computed with Python's hmac over the sorted, percent-encoded query.
  const stringToSign = 'code=0907a61c&host=a%20b%2Ac&shop=some-shop.myshopify.com&state=0.67&timestamp=1337178173'
  const hmac = createHmac('sha256', 'hush').update(stringToSign).digest('hex')

  it('cover the address a browser is sent back to, without the signature in it', () => {
    expect(shopify.signing?.sign({ secret: 'hush', query: { ...query, hmac: 'x', signature: 'y' } })).toEqual({ stringToSign, signature: hmac })
    expect(shopify.signing?.verify?.({ secret: 'hush', query: { ...query, hmac } })).toEqual({ valid: true })
    expect(shopify.signing?.verify?.({ secret: 'hush', query: { ...query, code: 'other', hmac } })).toMatchObject({ valid: false })
  })

  it('of a delivery are found among its headers', () => {
    const body = '{"foo": "bar"}'
    const headers = { 'X-Shopify-Hmac-Sha256': 'B23tXN681gZ0qIWNRrgtzBE9XSDo5yaUu6wfmhu3a7g=' }
    expect(shopify.signing?.verify?.({ secret: 'test_secret_key', body, headers })).toEqual({ valid: true })
    expect(shopify.signing?.verify?.({ secret: 'test_secret_key', body: `${body} `, headers })).toMatchObject({ valid: false })
  })
})
