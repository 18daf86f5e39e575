import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { woocommerce as connector } from '../../connectors/woocommerce/index.ts'
import type { Inbound } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { hmacBase64 } from '../../src/kit/sign.ts'
import { testShop, type TestShop } from './woo-shop.ts'

const secret = 'whsec0123456789'
const secrets = { consumerKey: 'ck_1', consumerSecret: 'x', webhookSecret: secret }
const received: Inbound[] = []
let answer = 200
let hub: Server
let url: string
let shop: TestShop

beforeAll(async () => {
  hub = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => void chunks.push(chunk))
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]))
      received.push({ method: request.method ?? '', url: request.url ?? '', headers, query: {}, body: Buffer.concat(chunks) })
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve))
  const address = hub.address()
  url = `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/hooks/c_7`
  shop = await testShop({ webhookDelayMs: 1 })
  shop.sim.control.seedProducts(10)
})
afterAll(async () => {
  await shop.stop()
  hub.close()
})

const verify = (inbound: Inbound, given = secrets) => connector.verifyWebhook(inbound, given, new Date())
const refusal = (inbound: Inbound, given?: typeof secrets | { readonly consumerKey: string; readonly consumerSecret: string }): string => {
  try {
    connector.verifyWebhook(inbound, { ...(given ?? secrets) }, new Date())
  } catch (error) {
    if (error instanceof ChannelError) return error.fault.kind
    throw error
  }
  return 'accepted'
}
const ensure = () => connector.ensureWebhooks(shop.call(), { url, secret })

describe('subscribing', () => {
  it('creates what is missing, answers the pings, and then has nothing to do', async () => {
    const state = await ensure()
    expect(state).toMatchObject({ healthy: true, repaired: true, topics: ['order.created', 'order.updated', 'order.deleted', 'order.restored'] })
    expect(received.map((inbound) => verify(inbound).type)).toEqual(['ping', 'ping', 'ping', 'ping'])
    expect(await ensure()).toMatchObject({ healthy: true, repaired: false, ids: state.ids })
  })

  it('wakes a webhook the shop disabled, follows a new address and a new secret, and leaves strangers alone', async () => {
    await connector.ensureWebhooks({ ...shop.call(), connectionId: 'c_8' }, { url: `${url}8`, secret })
    answer = 500
    for (let i = 0; i < 7; i++) {
      shop.sim.control.shop()
      await shop.sim.control.webhooksSettled()
    }
    answer = 200
    expect(shop.sim.ledger.webhooks().filter((entry) => entry.outcome === 'failed').length).toBeGreaterThan(5)
    expect(await ensure()).toMatchObject({ healthy: true, repaired: true })
    const moved = await connector.ensureWebhooks(shop.call(), { url: `${url}?moved`, secret: 'rotated' })
    expect(moved).toMatchObject({ healthy: true, repaired: true })
    received.length = 0
    shop.sim.control.shop()
    await shop.sim.control.webhooksSettled()
    const ours = received.filter((inbound) => inbound.url.endsWith('?moved'))
    expect(ours.length).toBeGreaterThan(0)
    for (const inbound of ours) expect(verify(inbound, { ...secrets, webhookSecret: 'rotated' }).type).toBe('event')
    expect((await ensure()).ids.length).toBe(4)
  })
})

describe('deliveries', () => {
  it('carry the order in any order of events, and an id to fetch once it is deleted', async () => {
    received.length = 0
    const done = shop.sim.control.shop()
    const orderId = done.ok ? done.orderId : ''
    await shop.sim.control.webhooksSettled()
    shop.sim.control.trash(orderId, true)
    await shop.sim.control.webhooksSettled()
    const mine = received.filter((inbound) => inbound.url.endsWith('/hooks/c_7'))
    const contents = mine.map((inbound) => {
      const delivery = verify(inbound)
      return {
        topic: delivery.meta['topic'],
        content: connector.readWebhook(Buffer.from(inbound.body).toString('utf8'), delivery.meta),
        text: Buffer.from(inbound.body).toString('utf8'),
      }
    })
    expect(contents.map((each) => each.topic)).toEqual(expect.arrayContaining(['order.created', 'order.deleted']))
    for (const { topic, content, text } of contents) {
      if (topic === 'order.deleted') expect(content).toEqual({ records: [], fetch: [{ kind: 'order', externalId: orderId }] })
      if (topic === 'order.created') expect(content.records).toMatchObject([{ kind: 'order', externalId: orderId, payload: text }])
    }
    const [again] = mine
    if (again)
      expect(verify(again).deliveryId).toBe(verify({ ...again, headers: { ...again.headers, 'x-wc-webhook-delivery-id': 'other' } }).deliveryId)
  })

  const body = Buffer.from('{"id":727,"status":"processing"}')
  const good: Inbound = {
    method: 'POST',
    url,
    query: {},
    body,
    headers: {
      'content-type': 'application/json',
      'x-wc-webhook-topic': 'order.updated',
      'x-wc-webhook-signature': hmacBase64('sha256', secret, body),
    },
  }

  it('matches the published signature', () => {
    expect(
      verify(
        { ...good, headers: { ...good.headers, 'x-wc-webhook-signature': 'CBGQM/uSsZa0es2U4cfBfxFah8cclSEsqTSIiiel8PQ=' } },
        { ...secrets, webhookSecret: 's3cret' },
      ).type,
    ).toBe('event')
  })

  it.each([
    ['a flipped byte in the body', { body: Buffer.from('{"id":728,"status":"processing"}') }, undefined],
    ['a re-serialised body', { body: Buffer.from('{"id": 727, "status": "processing"}') }, undefined],
    [
      'a flipped byte in the signature',
      {
        headers: {
          ...good.headers,
          'x-wc-webhook-signature': hmacBase64('sha256', secret, body).replace(/^./, (first) => (first === 'X' ? 'Y' : 'X')),
        },
      },
      undefined,
    ],
    ['a signature of another length', { headers: { ...good.headers, 'x-wc-webhook-signature': 'abc' } }, undefined],
    [
      'a hex signature',
      { headers: { ...good.headers, 'x-wc-webhook-signature': Buffer.from(hmacBase64('sha256', secret, body), 'base64').toString('hex') } },
      undefined,
    ],
    ['no signature', { headers: { 'x-wc-webhook-topic': 'order.updated' } }, undefined],
    ['another secret', {}, { ...secrets, webhookSecret: 'other' }],
    [
      'no secret of ours',
      { headers: { ...good.headers, 'x-wc-webhook-signature': hmacBase64('sha256', '', body) } },
      { consumerKey: 'ck', consumerSecret: 'cs' },
    ],
    ['a ping with more in it', { body: Buffer.from('webhook_id=5&x=1'), headers: {} }, undefined],
    ['a ping by GET', { method: 'GET', body: Buffer.from('webhook_id=5'), headers: {} }, undefined],
    ['a ping without a secret of ours', { body: Buffer.from('webhook_id=5'), headers: {} }, { consumerKey: 'ck', consumerSecret: 'cs' }],
    ['an empty body', { body: Buffer.alloc(0), headers: {} }, undefined],
  ])('refuses %s', (_, change, given) => {
    expect(refusal({ ...good, ...change }, given)).toBe('unauthorized')
  })

  it('says why a body cannot be read, and passes over other topics', () => {
    expect(() =>
      connector.readWebhook('{"code":"woocommerce_rest_cannot_view","message":"Sorry","data":{"status":401}}', { topic: 'order.updated' }),
    ).toThrow('may not read orders')
    expect(() => connector.readWebhook('<html>', { topic: 'order.updated' })).toThrow(ChannelError)
    expect(connector.readWebhook('{"id":5,"name":"Tea"}', { topic: 'product.updated' })).toEqual({ records: [], fetch: [] })
  })
})
