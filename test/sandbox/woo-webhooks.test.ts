import { createHmac } from 'node:crypto'
import type { IncomingHttpHeaders, Server } from 'node:http'
import { createServer } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Sandbox } from '../../sandbox/server.ts'
import { start } from '../../sandbox/server.ts'
import type { WooCommerceSim } from '../../sandbox/woocommerce/index.ts'

interface Heard {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

let sandbox: Sandbox
let sim: WooCommerceSim
let heard: Heard[]
let answer: number
let receiver: Server
let receiverUrl: string

const topics = ['order.created', 'order.updated', 'order.deleted'] as const
const headers = { authorization: `Basic ${Buffer.from('ck_sandbox:cs_sandbox').toString('base64')}`, 'content-type': 'application/json' }
const api = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${sandbox.url}/woo-1/wp-json/wc/v3/${path}`, { headers, ...init })
const record = async (response: Response): Promise<Record<string, unknown>> => response.json().then((body: unknown) => Object(body))

async function subscribe(topic: string): Promise<Record<string, unknown>> {
  const body = JSON.stringify({ topic, delivery_url: receiverUrl, secret: 's3cret', name: topic })
  const response = await api('webhooks', { method: 'POST', body })
  expect(response.status).toBe(201)
  return record(response)
}

beforeEach(async () => {
  heard = []
  answer = 200
  receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') })
      response.writeHead(answer).end()
    })
  })
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
  const address = receiver.address()
  receiverUrl = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`
  sandbox = await start({ shops: [{ name: 'woo-1', channel: 'woocommerce', options: { assumeHttps: true, webhookDelayMs: 10 } }] })
  sim = sandbox.woo('woo-1')
  sim.control.seedProducts(5)
})

afterEach(async () => {
  await sandbox.stop()
  receiver.closeAllConnections()
  receiver.close()
})

describe('webhooks of the WooCommerce simulator', () => {
  it('pings unsigned and form-encoded before the creation is answered, and never shows the secret', async () => {
    const made = await subscribe('order.updated')
    expect(heard).toHaveLength(1)
    expect(heard[0]?.body).toBe('webhook_id=1')
    expect(heard[0]?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect(Object.keys(heard[0]?.headers ?? {}).filter((name) => name.startsWith('x-wc'))).toEqual([])
    expect(made).not.toHaveProperty('secret')
  })

  it('sends the update before the creation, with equal bodies and signatures over the raw bytes', async () => {
    for (const topic of topics) await subscribe(topic)
    heard = []
    const placed = sim.control.placeOrder({ lines: [{ sku: 'W-0', quantity: 1 }], person: 2 })
    await sim.control.webhooksSettled()
    expect(heard.map((one) => one.headers['x-wc-webhook-topic'])).toEqual(['order.updated', 'order.created'])
    const [first, second] = heard
    expect(first?.body).toBe(second?.body)
    for (const one of heard) {
      expect(one.headers['x-wc-webhook-signature']).toBe(createHmac('sha256', 's3cret').update(one.body).digest('base64'))
    }
    expect(first?.headers['x-wc-webhook-source']).toBe(`${sandbox.url}/woo-1/`)
    expect(JSON.parse(first?.body ?? '{}')).toMatchObject({ id: placed.ok ? Number(placed.orderId) : 0, status: 'processing' })
  })

  it('tells only the id of a trashed order', async () => {
    await subscribe('order.deleted')
    heard = []
    const placed = sim.control.shop()
    if (!placed.ok) throw new Error(placed.reason)
    sim.control.trash(placed.orderId)
    await sim.control.webhooksSettled()
    expect(heard.map((one) => one.body)).toEqual([`{"id":${placed.orderId}}`])
  })

  it('disables a webhook at the sixth failure in a row and sends nothing more until it is activated', async () => {
    await subscribe('order.updated')
    answer = 500
    for (let n = 0; n < 5; n += 1) sim.control.shop()
    await sim.control.webhooksSettled()
    expect((await record(await api('webhooks/1')))['status']).toBe('active')
    sim.control.shop()
    await sim.control.webhooksSettled()
    expect((await record(await api('webhooks/1')))['status']).toBe('disabled')
    answer = 200
    heard = []
    sim.control.shop()
    await sim.control.webhooksSettled()
    expect(heard).toEqual([])
    await api('webhooks/1', { method: 'PUT', body: JSON.stringify({ status: 'active' }) })
    sim.control.shop()
    await sim.control.webhooksSettled()
    expect(heard).toHaveLength(1)
  })

  it('loses and doubles deliveries on demand and writes it down', async () => {
    await subscribe('order.updated')
    heard = []
    sim.control.failWebhooks({ drop: 1 })
    sim.control.shop()
    await sim.control.webhooksSettled()
    sim.control.failWebhooks({ duplicate: 1 })
    sim.control.shop()
    await sim.control.webhooksSettled()
    expect(heard).toHaveLength(2)
    expect(sim.ledger.webhooks().map((one) => one.outcome)).toEqual(['ping', 'dropped', 'delivered', 'delivered'])
  })

  it('refuses an unknown topic, a bad URL and a deletion without force', async () => {
    const post = (body: object): Promise<Response> => api('webhooks', { method: 'POST', body: JSON.stringify(body) })
    expect((await post({ topic: 'order.exploded', delivery_url: receiverUrl })).status).toBe(400)
    expect((await record(await post({ topic: 'order.updated', delivery_url: 'ftp://x' })))['code']).toBe(
      'woocommerce_rest_shop_webhook_invalid_delivery_url',
    )
    await subscribe('order.updated')
    expect((await api('webhooks/1', { method: 'DELETE' })).status).toBe(501)
    expect((await api('webhooks/1?force=true', { method: 'DELETE' })).status).toBe(200)
    expect((await api('webhooks/1')).status).toBe(404)
  })
})
