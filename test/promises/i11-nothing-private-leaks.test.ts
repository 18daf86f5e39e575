import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { createChannels, type Channels } from '../../src/activities/connection-call.ts'
import { guarded, type ActivityLog } from '../../src/activities/failure.ts'
import { InboxDrain } from '../../src/activities/receive.ts'
import { ingest, type IncomingRaw, type IngestDeps } from '../../src/normalize/ingest.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { readFeed } from '../../src/store/read/feed.ts'
import { openHub, type PromiseHub } from './open-hub.ts'

/** Strings that exist nowhere else: credentials, and what belongs to a buyer alone. */
const SECRETS = { consumerKey: 'ck_CANARYKEY0123456789', consumerSecret: 'cs_CANARYSECRET0123456789', webhookSecret: 'wh_CANARYHOOK0123456789' }
const PERSON = {
  name: 'Zebedee',
  family: 'Canaryfeather',
  phone: '+1 555 0137 4242',
  digits: '55501374242',
  mail: 'zebedee.canary@example.test',
  street: '77 Hidden Lane',
  note: 'Key is under the gnome',
  ip: '203.0.113.77',
  company: 'Feather & Sons',
}
const CANARIES = [...Object.values(SECRETS), ...Object.values(PERSON)]
/** Which canaries a text carries, also behind base64, hex or URL encoding. */
const found = (text: string): readonly string[] =>
  CANARIES.filter((canary) =>
    [canary, encodeURIComponent(canary), Buffer.from(canary).toString('base64').slice(0, -4), Buffer.from(canary).toString('hex')].some((form) =>
      text.includes(form),
    ),
  )

let hub: PromiseHub
let deps: IngestDeps
let shop: Server
let shopUrl: string
let channels: Channels
let answer: { status: number; type: string; body: string; cut?: boolean } = { status: 200, type: 'application/json', body: '[]' }
const logged: string[] = []
const line = (message: string, fields: Readonly<Record<string, unknown>>): void => void logged.push(`${message} ${inspect(fields, { depth: 8 })}`)
const log: ActivityLog = { info: line, warn: line, error: line }
const context = { connectionId: 'c_woo', channel: 'woocommerce', timezone: 'UTC', currency: 'USD', config: {}, sandbox: false }

beforeAll(async () => {
  hub = await openHub()
  deps = { ...hub, mappings }
  shop = createServer((request, response) => {
    // The worst shop: it says everything it was told, and everything it knows of the buyer.
    const echo = JSON.stringify({ url: request.url, headers: request.headers, buyer: PERSON })
    response.writeHead(answer.status, { 'content-type': answer.type, ...(answer.cut && { 'content-length': '100000' }) })
    if (!answer.cut) return void response.end(answer.body.replace('ECHO', echo))
    response.write(answer.body.replace('ECHO', echo))
    setTimeout(() => response.socket?.destroy(), 20)
  }).listen(0, '127.0.0.1')
  await once(shop, 'listening')
  const address = shop.address()
  shopUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  channels = createChannels({
    pool: hub.pool,
    box: hub.box,
    registry,
    now: () => new Date(),
    allowPrivate: 'all',
    httpLog: { debug: (fields, message) => line(message, fields) },
  })
  await hub.pool.query(
    `insert into connections (id, channel, name, currency, config, secrets) values ('c_woo', 'woocommerce', 'woo', 'USD', $1, $2)`,
    [JSON.stringify({ url: shopUrl }), sealSecrets(hub.box, 'c_woo', SECRETS)],
  )
})
afterAll(async () => {
  channels.close()
  shop.closeAllConnections()
  shop.close()
  await hub.close()
})

/** A recorded order with this buyer in every place a shop can put one. */
function order(id: number, change: Readonly<Record<string, unknown>> = {}): string {
  const doc = JSON.parse(
    readFileSync(new URL('../../connectors/woocommerce/fixtures/order-727-documentation.json', import.meta.url), 'utf8'),
  ) as Record<string, unknown>
  const party = {
    first_name: PERSON.name,
    last_name: PERSON.family,
    company: PERSON.company,
    address_1: PERSON.street,
    address_2: PERSON.street,
    city: 'Springfield',
    state: 'CA',
    postcode: '94103',
    country: 'US',
    phone: PERSON.phone,
    email: PERSON.mail,
  }
  return JSON.stringify({
    ...doc,
    id,
    number: String(id),
    billing: party,
    shipping: party,
    customer_note: PERSON.note,
    customer_ip_address: PERSON.ip,
    customer_user_agent: PERSON.note,
    ...change,
  })
}
const raw = (id: string, payload: string): IncomingRaw => ({
  record: { kind: 'order', externalId: id, sourceTime: '2026-11-01T00:00:00Z', payload },
  source: 'poll',
  receivedAt: '2026-11-01T00:00:00Z',
  readStartedAt: '2026-11-01T00:00:00Z',
  authoritative: true,
})

describe('I11 the database', () => {
  it('carries personal data and credentials in sealed columns only, also for documents that failed', async () => {
    await ingest(deps, context, [
      raw('1', order(1)),
      raw('2', order(2, { status: PERSON.name.toLowerCase() })),
      raw('3', order(3, { total: '1.00' })),
      raw('4', order(4, { total: PERSON.street })),
      raw('5', order(5, { date_modified_gmt: PERSON.note })),
      raw('6', `<html>${PERSON.mail}</html>`),
      raw('7', order(7, { line_items: PERSON.mail })),
      raw('8', order(8, { currency: PERSON.phone })),
      raw('9', order(9, { meta_data: [{ id: 1, key: '_billing_secret', value: PERSON.mail }] })),
    ])
    await hub.sink.accept({
      connectionId: 'c_woo',
      deliveryId: 'd-1',
      meta: { topic: 'order.updated' },
      body: Buffer.from(order(10)),
      receivedAt: new Date().toISOString(),
    })
    await hub.sink.accept({
      connectionId: 'c_woo',
      deliveryId: 'd-2',
      meta: { topic: 'order.updated' },
      body: Buffer.from(`${PERSON.mail} is not JSON`),
      receivedAt: new Date().toISOString(),
    })
    await new InboxDrain({ ...deps, registry, contextOf: () => Promise.resolve(context), log: { warn: line } }).pass()
    expect(await hub.value<number>('select count(*)::int from orders')).toBeGreaterThanOrEqual(3)
    expect(await hub.value<number>(`select count(*)::int from failures`)).toBeGreaterThanOrEqual(4)
    const tables = await hub.rows<{ name: string }>(
      `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') order by 1`,
    )
    const leaks: unknown[] = []
    for (const { name } of tables) {
      const rows = await hub.rows<{ text: string }>(`select t::text as text from "${name}" t`)
      for (const canary of new Set(rows.flatMap((row) => found(row.text)))) leaks.push({ table: name, canary })
    }
    expect(tables.length).toBeGreaterThan(25)
    expect(leaks).toEqual([])
  })

  it('gives it back to those who hold the key, so the search above was not for something that was never there', async () => {
    const [party] = await hub.rows<{ key_id: number; row_key: Buffer; body: Buffer }>(
      `select p.* from order_parties p join orders o on o.id = p.order_id where o.channel_order_no = '1'`,
    )
    const opened = party && (await hub.keys.open({ keyId: party.key_id, rowKey: party.row_key, body: party.body }, 'party|c_woo|1'))
    for (const value of [PERSON.name, PERSON.phone, PERSON.mail, PERSON.street, PERSON.note]) expect(opened).toContain(value)
  })

  it('tells neither to a reader of the feed', async () => {
    const page = await readFeed(hub.pool, { after: 0, limit: 100, visible: null, connections: null, includeSandbox: true })
    expect(page.items.length).toBeGreaterThanOrEqual(3)
    expect(found(page.items.map((item) => item.json).join())).toEqual([])
  })
})

describe('I11 errors and logs', () => {
  const answers: readonly (readonly [string, typeof answer])[] = [
    ...[400, 401, 403, 404, 409, 500, 502].map(
      (status) => [`${status} with everything in it`, { status, type: 'application/json', body: '{"code":"rest_x","told":ECHO}' }] as const,
    ),
    ['a web page', { status: 200, type: 'text/html', body: '<html>ECHO</html>' }],
    ['JSON that breaks off', { status: 200, type: 'application/json', body: '[{"id":ECHO' }],
    ['an answer that breaks off', { status: 200, type: 'application/json', body: '[ECHO', cut: true }],
    ['a redirect', { status: 302, type: 'text/plain', body: 'ECHO' }],
  ]

  it.each(answers)('say nothing private when the shop answers %s', async (_name, given) => {
    answer = given
    const opened = await channels.open('c_woo', new AbortController().signal)
    const { connector, call } = opened
    const work: Readonly<Record<string, () => Promise<unknown>>> = {
      fetch: async () => connector.fetchOrder?.(call, ['727']),
      pull: async () => {
        for await (const _page of connector.pullOrders?.(call, {
          stream: 'orders',
          window: { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' },
        }) ?? []);
      },
      stock: async () => connector.pushInventory?.(call, [{ key: '11', ids: { product: '11' }, sku: 'A', quantity: 1, idempotencyKey: 'k' }]),
    }
    let failed = 0
    for (const [name, run] of Object.entries(work)) {
      const outcome = await guarded(log, name, async (_id: string) => run())('c_woo').catch((error: unknown) => {
        failed += 1
        return error
      })
      const bare = await run().catch((error: unknown) => error)
      for (const told of [outcome, bare]) expect(found(inspect(told, { depth: 12, showHidden: true }))).toEqual([])
    }
    expect(failed).toBeGreaterThan(0)
  })

  it('say nothing private when the database or the runtime chokes on personal data', async () => {
    for (const work of [
      () => hub.pool.query('select $1::numeric', [PERSON.mail]),
      () => Promise.reject(new SyntaxError(`Unexpected token in "${PERSON.mail}"`)),
      async () => JSON.parse(PERSON.mail) as unknown,
    ]) {
      const error = await guarded(log, 'work', async (_id: string) => work())('c_woo').catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(Error)
      // What leaves an activity is what Temporal stores.
      const { message, type, details } = error as { readonly message?: string; readonly type?: string; readonly details?: unknown }
      expect(found(inspect({ message, type, details }))).toEqual([])
      expect((error as Error).cause).toBeUndefined()
    }
  })

  it('were written, and hold none of it', () => {
    expect(logged.length).toBeGreaterThan(20)
    expect(found(logged.join('\n'))).toEqual([])
  })
})
