import { afterAll, beforeAll, expect, it } from 'vitest'
import { registry } from '../../connectors/index.ts'
import { mappings } from '../../mappings/index.ts'
import { createPinduoduo } from '../../sandbox/pinduoduo/index.ts'
import { start } from '../../sandbox/server.ts'
import { createTaobao, type TaobaoSim } from '../../sandbox/taobao/index.ts'
import { createChannels } from '../../src/activities/connection-call.ts'
import { createControl } from '../../src/app/control.ts'
import { createApp } from '../../src/http/app.ts'
import type { HubControl } from '../../src/http/control.ts'
import { sealSecrets } from '../../src/store/connection-secrets.ts'
import { type Answer, type HubApp, ORIGIN, hubApp } from './hub-app.ts'

let app: HubApp
let sim: TaobaoSim
let control: HubControl
let fetch: (path: string, init: RequestInit) => Response | Promise<Response>
let orderId: string
let channelOrderNo: string
let stop: () => Promise<void>

beforeAll(async () => {
  app = await hubApp()
  sim = createTaobao({})
  const sandbox = await start({ shops: [{ name: 'taobao-1', sim }] })
  sim.control.seedProducts(30)
  const url = `${sandbox.shops[0]?.url ?? ''}/router/rest`
  const { pool, box } = app.hub
  await pool.query(
    `insert into connections (id, channel, name, currency, timezone, config, secrets) values ('c_t', 'taobao', 'T', 'CNY', 'Asia/Shanghai', $1, $2)`,
    [registry.get('taobao')?.manifest.config.parse({ url }), sealSecrets(box, 'c_t', sim.credentials)],
  )
  const channels = createChannels({ pool, box, registry, now: () => new Date(), allowPrivate: 'all' })
  const idle = async (): Promise<void> => undefined
  const workflows = { ensure: idle, wakePull: idle, wakePush: idle, startJob: idle, cancelJob: idle }
  control = createControl({ ...app.hub, mappings, registry, channels, workflows, allowPrivate: 'all' })
  const served = createApp({ ...app.deps, control })
  fetch = (path, init) => served.request(`${ORIGIN}${path}`, init)
  const placed = sim.control.shop()
  if (!placed.ok) throw new Error(placed.reason)
  channelOrderNo = placed.orderId
  orderId = String((await control.fetchNow('c_t', placed.orderId))?.orderId)
  stop = async () => {
    channels.close()
    await sandbox.stop()
  }
})
afterAll(async () => {
  await stop()
  await app.close()
})

async function open(key: string, id = orderId, body: unknown = { purpose: 'shipping' }): Promise<Answer> {
  const response = await fetch(`/v1/orders/${id}/recipient`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, text, json: JSON.parse(text) }
}

it('has the channel open a recipient it sealed, notes who looked and why, and keeps nothing of it', async () => {
  const key = await app.key(['orders:read', 'orders:read_pii'])
  const detail = await (await fetch(`/v1/orders/${orderId}`, { headers: { authorization: `Bearer ${key}` } })).json()
  expect(detail).toMatchObject({ recipient_sealed: true })
  const { status, json } = await open(key)
  expect(status).toBe(200)
  expect(json).toMatchObject({ is_virtual_phone: true, name: expect.not.stringContaining('*'), phone: expect.stringMatching(/^188\d{8}-\d{3}$/) })
  expect(Date.parse(json.valid_until)).toBeGreaterThan(Date.now())
  const { rows } = await app.hub.pool.query(`select details from audit_log where action = 'pii.read' and subject = $1`, [
    `order/${orderId}/recipient`,
  ])
  expect(rows).toEqual([{ details: { purpose: 'shipping', orders: [String(orderId)], ip: '127.0.0.1' } }])
  const kept = await app.hub.pool.query<{ text: string }>(
    `select coalesce(string_agg(o.doc::text, ''), '') || (select coalesce(string_agg(coalesce(details::text, ''), ''), '') from audit_log) as text from orders o`,
  )
  expect(kept.rows[0]?.text).not.toContain(json.phone)
})

it('asks for the scope, a purpose of the list, and an order within reach', async () => {
  const key = await app.key(['orders:read', 'orders:read_pii'])
  expect(await open(await app.key(['orders:read']))).toMatchObject({ status: 403 })
  expect(await open(key, orderId, { purpose: 'curiosity' })).toMatchObject({ status: 400 })
  expect(await open(key, '999999')).toMatchObject({ status: 404 })
  expect(await open(await app.key(['orders:read', 'orders:read_pii'], ['c_plain']))).toMatchObject({ status: 404 })
})

it('refuses beyond the quota of a channel at once, and says when the next is possible', async () => {
  const key = await app.key(['orders:read', 'orders:read_pii'])
  const taobao = registry.get('taobao')
  if (!taobao) throw new Error('No connector.')
  const { manifest } = taobao
  const tight = { ...taobao, manifest: { ...manifest, capabilities: { ...manifest.capabilities, decryptRecipient: { perDay: 1 } } } }
  const { pool, box } = app.hub
  const channels = createChannels({ pool, box, registry: new Map([['taobao', tight]]), now: () => new Date(), allowPrivate: 'all' })
  const idle = async (): Promise<void> => undefined
  const workflows = { ensure: idle, wakePull: idle, wakePush: idle, startJob: idle, cancelJob: idle }
  const served = createApp({ ...app.deps, control: createControl({ ...app.hub, mappings, registry, channels, workflows, allowPrivate: 'all' }) })
  const before = fetch
  fetch = (path, init) => served.request(`${ORIGIN}${path}`, init)
  expect(await open(key)).toMatchObject({ status: 200 })
  const spent = await open(key)
  expect(spent).toMatchObject({ status: 429, json: { code: 'decrypt-quota-spent', retryable: true } })
  expect(Number(spent.headers.get('retry-after'))).toBeGreaterThan(3600)
  fetch = before
  channels.close()
})

it('counts by the number the connection itself is set to, and leaves it to the channel where that is 0', async () => {
  const key = await app.key(['orders:read', 'orders:read_pii'])
  const pinduoduo = createPinduoduo()
  const sandbox = await start({ shops: [{ name: 'pdd-1', sim: pinduoduo }] })
  try {
    pinduoduo.control.seedProducts(5)
    const config = pinduoduo.settings?.(sandbox.shops[0]?.url ?? '') ?? {}
    const { pool, box } = app.hub
    const ids: string[] = []
    for (const [id, decryptPerDay] of [
      ['c_p1', 1],
      ['c_p0', 0],
    ] as const) {
      await pool.query(
        `insert into connections (id, channel, name, currency, timezone, config, secrets) values ($1, 'pinduoduo', $1, 'CNY', 'Asia/Shanghai', $2, $3)`,
        [id, { ...config, decryptPerDay }, sealSecrets(box, id, pinduoduo.credentials)],
      )
      const placed = pinduoduo.control.shop()
      if (!placed.ok) throw new Error(placed.reason)
      ids.push(String((await control.fetchNow(id, placed.orderId))?.orderId))
    }
    const [counted = '', free = ''] = ids
    // What has left shows nothing to open: the channel is not asked, and nothing is counted.
    const gone = pinduoduo.control.shop()
    if (!gone.ok) throw new Error(gone.reason)
    pinduoduo.control.ship(gone.orderId)
    const left = String((await control.fetchNow('c_p1', gone.orderId))?.orderId)
    for (let n = 0; n < 3; n += 1) expect(await open(key, left)).toMatchObject({ status: 502, json: { code: 'channel-refused' } })
    expect(await open(key, counted)).toMatchObject({ status: 200, json: { name: expect.any(String), phone: expect.stringMatching(/^\S{6,}$/) } })
    expect(await open(key, counted)).toMatchObject({ status: 429, json: { code: 'decrypt-quota-spent' } })
    for (let n = 0; n < 3; n += 1) expect(await open(key, free)).toMatchObject({ status: 200 })
  } finally {
    await sandbox.stop()
  }
})

it('says what the channel said when it will not open an order', async () => {
  const key = await app.key(['orders:read', 'orders:read_pii'])
  await app.hub.pool.query(`update orders set external_id = '4099' where id = $1`, [orderId])
  const refused = await open(key)
  expect(refused.status).toBe(502)
  expect(refused.json.code).toMatch(/^channel-(refused|missing)$/)
  expect(refused.text).not.toContain(channelOrderNo)
})
