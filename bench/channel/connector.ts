import { z } from 'zod'
import {
  defineConnector,
  defineManifest,
  type Call,
  type ListingPage,
  type Page,
  type PullRequest,
  type RawRecord,
} from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import { parseJson, readJsonArray } from '../../src/kit/json.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { named } from '../../src/kit/setting.ts'
import { equalText, hmacBase64 } from '../../src/kit/sign.ts'

/**
 * The channel of the measurements: orders as Shopify's REST API shaped them, 250 a page, oldest change first, from a mock
 * that knows no limits. It goes through the very contract every connector goes through.
 */
const manifest = defineManifest({
  id: 'bench',
  title: { en: 'Measured channel', zh: '性能测试渠道' },
  kind: 'custom',
  stability: 'experimental',
  api: { version: '1', docs: 'https://example.test/bench' },
  config: z.object({ url: z.url({ protocol: /^https?$/ }).meta(named({ en: 'Address with the number of the shop', zh: '地址' })) }),
  secrets: z.object({ webhookSecret: z.string().meta(named({ en: 'Webhook secret', zh: 'Webhook 密钥' })) }),
  limits: [{ id: 'api', scope: 'connection', calls: 10_000, perSeconds: 1 }],
  hosts: (config) => [config.url],
  capabilities: {
    pullOrders: { streams: [{ id: 'orders', mode: 'window', pageSize: 250, overlapSeconds: 0, lagSeconds: 0, everySeconds: 60 }] },
    pullListings: { pageSize: 1000 },
    verifyWebhook: { topics: ['orders/updated'], secretScope: 'connection' },
    readWebhook: {},
    pushInventory: { write: 'absolute', maxBatch: 250, lagSeconds: 0, skewSeconds: 0, tMaxSeconds: 60, restocks: false, decrementAt: 'placing' },
  },
})

type BenchCall = Call<{ readonly url: string }, { readonly webhookSecret: string }>

export const bench = defineConnector({
  manifest,
  check: async (call: BenchCall) => {
    await read(call, `${call.config.url}/orders.json?limit=1`)
    return [{ step: { en: 'Orders can be read', zh: '可读取订单' }, ok: true }]
  },
  pullOrders,
  pullListings,
  verifyWebhook: (inbound, secrets) => {
    const body = Buffer.from(inbound.body)
    const signature = inbound.headers['x-shopify-hmac-sha256'] ?? ''
    if (secrets.webhookSecret === '' || !equalText(signature, hmacBase64('sha256', secrets.webhookSecret, body)))
      throw new ChannelError({ kind: 'unauthorized', message: 'The signature of the delivery does not match.' })
    return { deliveryId: inbound.headers['x-shopify-webhook-id'] ?? signature, type: 'event', meta: {}, reply: { status: 200, body: '' } }
  },
  readWebhook: (body) => ({ records: [recordOf(body, parseJson(body))], fetch: [] }),
  pushInventory: async (call: BenchCall, writes) => {
    const items = writes.map((write) => ({ sku: write.sku, available: write.quantity }))
    await call.http({ method: 'POST', url: `${call.config.url}/inventory`, body: JSON.stringify({ items }) })
    return writes.map((write) => ({ key: write.key, status: 'applied' as const }))
  },
})

/** The same channel with a limit: two calls a second, one at a time. */
export const benchLimited = defineConnector({
  ...bench,
  manifest: defineManifest({ ...manifest, id: 'bench-limited', limits: [{ id: 'api', scope: 'connection', calls: 2, perSeconds: 1, burst: 1 }] }),
})

async function* pullListings(call: BenchCall): AsyncGenerator<ListingPage> {
  let after: number | null = 0
  while (after !== null) {
    const page: unknown = parseJson(await read(call, `${call.config.url}/listings?after=${after}`))
    const listings = listField(page, 'listings').flatMap((item) => {
      const sku = textField(item, 'sku')
      return sku === undefined ? [] : [{ key: sku, ids: { product: sku }, sku, title: `Invented product ${sku}`, quantity: '5', active: true }]
    })
    const next = textField(page, 'next')
    after = next === undefined ? null : Number(next)
    yield { listings, cursor: null }
  }
}

/** From the window's start to its end; the cursor is the channel's own word for the next page. */
async function* pullOrders(call: BenchCall, request: PullRequest): AsyncGenerator<Page> {
  const from = request.window?.from ?? '1970-01-01T00:00:00Z'
  const to = Date.parse(request.window?.to ?? '9999-12-31T00:00:00Z')
  let next: string | undefined = typeof request.after?.['page'] === 'string' ? request.after['page'] : undefined
  for (;;) {
    const position = next === undefined ? `updated_at_min=${encodeURIComponent(from)}` : `page_info=${encodeURIComponent(next)}`
    const body = await read(call, `${call.config.url}/orders.json?limit=250&${position}`)
    const { documents, rest } = readJsonArray(body, '/orders')
    const records = documents.map(({ text, doc }) => recordOf(text, doc))
    next = textField(rest, 'next')
    const last = records.at(-1)?.sourceTime
    const over = next === undefined || (last !== undefined && Date.parse(last) >= to)
    yield {
      records: over ? records.filter(({ sourceTime }) => Date.parse(sourceTime ?? '') < to) : records,
      cursor: over ? null : { page: next ?? '' },
    }
    if (over) return
  }
}

const read = async (call: BenchCall, url: string): Promise<string> => (await call.http({ method: 'GET', url })).body

function recordOf(payload: string, doc: unknown): RawRecord {
  const externalId = textField(doc, 'id')
  const sourceTime = textField(doc, 'updated_at')
  if (externalId === undefined || sourceTime === undefined || field(doc, 'line_items') === undefined)
    throw new ChannelError({ kind: 'unreadable', message: 'This is no order.' })
  return { kind: 'order', externalId, sourceTime, payload, doc }
}
