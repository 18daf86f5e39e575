import { afterAll, beforeAll, expect, it } from 'vitest'
import { rest } from '../../mappings/rest.ts'
import { mappingDryRunStep } from '../../src/activities/mapping-dry-run.ts'
import { overridesFrom } from '../../src/core/overrides.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import type { ConnectionContext } from '../../src/normalize/prepare.ts'
import { plainMapping } from '../support/builders.ts'
import { RIGHT, SHOP, WRONG, isHit, shopMap, shopOrder, shopSettings } from '../support/mapped-shop.ts'
import { type Answer, type HubApp, hubApp } from './hub-app.ts'

const ORDERS = 22
const HIT = Array.from({ length: ORDERS }, (_, i) => i).filter(isHit).length

let app: HubApp
let ops: string
let support: string
let reader: string

beforeAll(async () => {
  app = await hubApp({
    mappings: new Map([
      ['rest', rest],
      ['plain', plainMapping],
    ]),
  })
  const { hub } = app
  await hub.pool.query(`insert into connections (id, channel, name, timezone, currency, config) values ($1, 'rest', 'Shop', 'UTC', 'CNY', $2)`, [
    SHOP,
    JSON.stringify(shopSettings(WRONG)),
  ])
  await hub.pool.query(`insert into skus (sku) values ('TEA')`)
  await hub.pool.query(`insert into listings (connection_id, listing_key, channel_sku, title, sku) values ($1, 'TEA', 'TEA', 'Tea', 'TEA')`, [SHOP])
  const context: ConnectionContext = { connectionId: SHOP, channel: 'rest', timezone: 'UTC', currency: 'CNY', config: shopMap(WRONG), sandbox: false }
  await ingest(hub, context, [...Array.from({ length: ORDERS }, (_, i) => shopOrder(i)), shopOrder(900, { state: 'odd' })])
  ops = await app.key(['failures:read', 'replay', 'connections:read', 'connections:write'])
  support = await app.key(['failures:read', 'replay'])
  reader = await app.key(['failures:read'])
})
afterAll(() => app.close())

const storedMap = (discount: string): object => ({ mapping: shopSettings(discount)['mapping'] })

const ask = (method: string, path: string, body?: unknown, more: { readonly key?: string; readonly etag?: number } = {}): Promise<Answer> =>
  app.call(method, `/v1/mappings/${SHOP}${path}`, {
    key: more.key ?? ops,
    ...(body !== undefined && { body }),
    ...(more.etag !== undefined && { headers: { 'if-match': `"${more.etag}"` } }),
  })
const word = { kind: 'word', field: 'state', from: 'odd', to: 'paid' }
const set = (map: object = shopMap(WRONG), rules: readonly object[] = []) => ({ rules, settings: map })

it('shows past documents, those that fail first, masked', async () => {
  const { items } = (await ask('GET', '/documents')).json
  expect(items[0]).toMatchObject({ entity: 'order/900', problem: expect.stringContaining('odd') })
  expect(items).toHaveLength(ORDERS + 1)
  const { text } = (await ask('GET', '/document?entity=order/5')).json
  expect(text).toContain('"till": "till 0"'.replace(': ', ':'))
  expect(text).not.toContain('Mill Lane')
  expect((await ask('GET', '/document?entity=order/none')).status).toBe(404)
})

it('previews a set on one document without keeping anything', async () => {
  const { json } = await ask('POST', '/preview', { ...set(shopMap(RIGHT)), entity: 'order/5' }, { key: reader })
  expect(json).toMatchObject({ outcome: 'changed', number: '5', live: { kind: 'order' }, draft: { kind: 'order' } })
  expect(json.changes).toContainEqual({ path: 'totals.discount', from: '1.50 CNY', to: '1.75 CNY' })
  const read = (await ask('POST', '/preview', { ...set(shopMap(WRONG), [word]), entity: 'order/900' })).json
  expect(read).toMatchObject({ outcome: 'newly_passes', live: { kind: 'held', problem: expect.stringContaining('status-unmapped') } })
  expect(read.draft.doc.source_status).toBe('odd')
  const wrong = await ask('POST', '/preview', { ...set({ mapping: { ...shopMap(WRONG).mapping, line: {} } }), entity: 'order/5' })
  expect(wrong.json.errors[0].pointer).toMatch(/^\/settings\/mapping\/line/)
  expect((await ask('POST', '/preview', { ...set({ baseUrl: 'https://other' }), entity: 'order/5' })).json.errors[0].pointer).toBe(
    '/settings/baseUrl',
  )
  // A field can be read or be a constant: the complaint is about the one it comes nearest to, and about its very place.
  const odd = {
    ...shopMap(WRONG).mapping,
    order: { ...shopMap(WRONG).mapping.order, placedAt: { columns: ['/at'], convert: [{ op: 'split', by: '', index: 0 }] } },
  }
  const told = await ask('POST', '/preview', { ...set({ mapping: odd }), entity: 'order/5' })
  expect(told.json.errors[0]).toMatchObject({ code: 'too-small', pointer: '/settings/mapping/order/placedAt/convert/0/by' })
  expect((await ask('GET', '')).json).toMatchObject({ version: 0, draft: null, setting_names: ['mapping'], written_out: {} })
})

it('keeps one draft, never over what somebody else saved', async () => {
  const first = await ask('PATCH', '/draft', set(shopMap(RIGHT)), { etag: 0 })
  expect([first.status, first.headers.get('etag'), first.json.draft.base]).toEqual([200, '"1"', 0])
  expect((await ask('PATCH', '/draft', set(), { etag: 0 })).json.code).toBe('version-stale')
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT), [word]), { etag: 1 })).json.draft).toMatchObject({ version: 2, rules: [word] })
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT), [word, { ...word, to: 'sent' }]))).json.errors[0]).toMatchObject({ code: 'twice' })
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT), [{ ...word, to: 'odd' }]))).json.errors[0]).toMatchObject({ code: 'same' })
  const personal = { kind: 'field', entity: 'order/5', field: '/to/street', to: 'x' }
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT), [personal]))).json.code).toBe('field-personal')
  // A guess is not taken for what stands there.
  const guessed = { kind: 'field', entity: 'order/5', field: '/till', from: 'guess', to: 'till 9' }
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT), [guessed]))).json.draft.rules[0]).toMatchObject({ from: 'till 0', to: 'till 9' })
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT)), { etag: 3 })).json.draft.version).toBe(4)
})

it('lets support make rules, and whoever may change a connection its settings', async () => {
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT)), { key: support })).json.code).toBe('scope-missing')
  expect((await ask('POST', '/publish', { reason: 'x' }, { key: support })).json.code).toBe('scope-missing')
  expect((await ask('PATCH', '/draft', set(shopMap(WRONG), [word]), { key: support })).status).toBe(200)
  expect((await ask('PATCH', '/draft', set(shopMap(RIGHT)))).status).toBe(200)
})

it('runs a draft over past documents as a job and drills down to the orders', async () => {
  const started = await ask('POST', '/dry-runs', { last: 1000 })
  expect([started.status, app.told.at(-1)]).toEqual([202, ['job:mapping', started.json.id]])
  const context = async (): Promise<ConnectionContext> => ({
    connectionId: SHOP,
    channel: 'rest',
    timezone: 'UTC',
    currency: 'CNY',
    config: shopMap(WRONG),
    sandbox: false,
  })
  await mappingDryRunStep({ ...app.hub, contextOf: context, sleep: () => Promise.resolve() }, started.json.id, {
    signal: new AbortController().signal,
    budgetMs: 20_000,
    heartbeat: () => undefined,
  })
  const run = (await ask('GET', `/dry-runs/${started.json.id}`)).json
  expect(run).toMatchObject({ job: { state: 'done', done: ORDERS + 1 }, counts: { changed: HIT, newly_fails: 0 } })
  expect(run.fields.find((field: { readonly path: string }) => field.path === 'totals.discount')).toEqual({
    path: 'totals.discount',
    orders: HIT,
    sums: [{ amount: `${(HIT * 0.25).toFixed(2)}`, currency: 'CNY' }],
    from: '1.50 CNY',
    to: '1.75 CNY',
  })
  const first = (await ask('GET', `/dry-runs/${started.json.id}/documents?path=totals.discount&limit=15`)).json
  const rest = (await ask('GET', `/dry-runs/${started.json.id}/documents?path=totals.discount&limit=15&cursor=${first.next_cursor}`)).json
  expect([first.items.length, rest.items.length, rest.has_more]).toEqual([15, HIT - 15, false])
  expect(first.items[0].changes).toEqual([expect.objectContaining({ path: 'totals.discount', from: '1.50 CNY', to: '1.75 CNY' })])
  expect((await ask('POST', '/dry-runs', {})).status).toBe(400)
  expect((await app.call('GET', `/v1/mappings/c_plain/dry-runs/${started.json.id}`, { key: ops })).status).toBe(404)
})

it('publishes nothing that newly fails recent documents, unless a reason says why', async () => {
  const failing = await ask('PATCH', '/draft', set(shopMap(RIGHT, { sent: 'shipped' })))
  const refused = await ask('POST', '/publish', { reason: 'tidy up' })
  expect([refused.status, refused.json.code]).toEqual([409, 'mapping-newly-fails'])
  expect(refused.json.errors).toHaveLength(20)
  expect(refused.json.errors[0].message).toMatch(/^\d+: status-unmapped/)
  expect((await ask('GET', '')).json.version).toBe(0)
  expect((await ask('POST', '/publish', { reason: 'tidy up', override_reason: 'paid is to wait' }, { etag: 1 })).status).toBe(412)
  const done = await ask('POST', '/publish', { reason: 'tidy up', override_reason: 'paid is to wait' }, { etag: failing.json.draft.version })
  expect([done.status, done.json.version]).toEqual([201, 1])
  expect((await ask('GET', '/versions')).json.items[0]).toMatchObject({ origin: 'draft', override_reason: 'paid is to wait', reason: 'tidy up' })
  expect((await ask('GET', '')).json).toMatchObject({ version: 1, draft: null })
  expect((await ask('POST', '/publish', { reason: 'again' })).status).toBe(404)
})

it('brings an earlier version back as a new one, and says what separates any two', async () => {
  expect((await ask('POST', '/rollback', { version: 0, reason: 'was right' })).json).toEqual({ version: 2 })
  expect((await ask('POST', '/rollback', { version: 0, reason: 'once more' })).json.code).toBe('mapping-same')
  expect((await ask('POST', '/rollback', { version: 9, reason: 'x' })).status).toBe(404)
  expect((await ask('GET', '')).json.settings).toEqual(storedMap(WRONG))
  const difference = (await ask('GET', '/versions/2')).json
  expect(difference).toMatchObject({ against: 1, added: [], removed: [], settings_changed: [{ name: 'mapping' }] })
  expect((await ask('GET', '/versions/2?against=0')).json.settings_changed).toEqual([])
})

it('makes a version of a single rule and of settings changed elsewhere, and carries a draft over them', async () => {
  await ask('PATCH', '/draft', set(shopMap(RIGHT)))
  const rule = await app.call('POST', '/v1/overrides', { key: support, body: { ...word, connection: SHOP, reason: 'asked' } })
  expect([rule.status, rule.json.version]).toEqual([201, 3])
  expect((await ask('POST', '/publish', { reason: 'x' })).json.code).toBe('mapping-changed')
  const carried = await ask('POST', '/draft/rebase')
  expect(carried.json.draft).toMatchObject({ base: 3, rules: [{ from: 'odd' }], settings: storedMap(RIGHT) })
  expect((await ask('POST', '/publish', { reason: 'both parts' })).json).toEqual({ version: 4 })
  const changed = await app.call('PATCH', `/v1/connections/${SHOP}`, { key: ops, body: { config: { ...(await config()), ...shopMap(WRONG) } } })
  expect(changed.status).toBe(200)
  expect((await ask('GET', '/versions?limit=3')).json.items).toMatchObject([
    { version: 5, origin: 'settings', settings_changed: true },
    { version: 4, origin: 'draft', begun: 0, ended: 0 },
    { version: 3, origin: 'rule', begun: 1, reason: 'asked' },
  ])
  await app.call('PATCH', `/v1/connections/${SHOP}`, { key: ops, body: { name: 'Shop 2' } })
  expect((await ask('GET', '/versions')).json.items).toHaveLength(5)
})

const config = async (): Promise<object> => (await app.hub.pool.query('select config from connections where id = $1', [SHOP])).rows[0].config

it('takes a rule back only with a reason where recent documents would newly fail', async () => {
  const { rules } = (await ask('GET', '')).json
  const at = new Date(Date.UTC(2026, 10, 20)).toISOString()
  const context: ConnectionContext = {
    connectionId: SHOP,
    channel: 'rest',
    timezone: 'UTC',
    currency: 'CNY',
    config: shopMap(WRONG),
    sandbox: false,
    overrides: { version: 5, words: [{ id: Number(rules[0].id), field: 'state', from: 'odd', to: 'paid' }], fields: [], carriers: {} },
  }
  await ingest(app.hub, context, [shopOrder(901, { state: 'odd', at })])
  const end = (body: object): Promise<Answer> => app.call('POST', `/v1/overrides/${rules[0].id}/end`, { key: support, body })
  expect((await end({ reason: 'wrong' })).json.code).toBe('mapping-newly-fails')
  expect((await end({ reason: 'wrong', override_reason: 'they are no orders' })).json).toMatchObject({ ended_version: 6 })
  expect((await end({ reason: 'wrong' })).json.code).toBe('override-ended')
})

it('binds a place of the channel to a location there is: the order that names it is held before, and goes on there after', async () => {
  await app.hub.pool.query(`insert into locations (id, name) values ('east', 'East') on conflict do nothing`)
  const at = new Date(Date.UTC(2026, 10, 21)).toISOString()
  const contextOf = async (): Promise<ConnectionContext> => {
    const { rows } = await app.hub.pool.query(
      `select id, kind, field, entity, from_value as "from", to_value as "to" from overrides where ended_at is null`,
    )
    const base = shopMap(WRONG).mapping
    const mapping = { ...base, extra: { place: { columns: ['/till'], optional: true } } }
    return {
      connectionId: SHOP,
      channel: 'rest',
      timezone: 'UTC',
      currency: 'CNY',
      config: { mapping },
      sandbox: false,
      overrides: overridesFrom(9, rows),
    }
  }
  const bind = (body: object): Promise<Answer> =>
    app.call('POST', '/v1/overrides', { key: support, body: { kind: 'place', connection: SHOP, reason: 'moved', ...body } })
  expect((await bind({ from: 'till 4', to: 'nowhere' })).json.errors).toEqual([expect.objectContaining({ pointer: '/to', code: 'unknown-location' })])
  expect((await ask('PATCH', '/draft', set(shopMap(WRONG), [{ kind: 'place', from: 'x', to: 'nowhere' }]))).json.errors[0].pointer).toBe(
    '/rules/0/to',
  )
  expect((await bind({ from: 'main', to: 'main' })).status).toBe(201)
  await ingest(app.hub, await contextOf(), [shopOrder(950, { till: 'till 4', at })])
  const group = (await app.call('GET', '/v1/failures?status=open', { key: reader })).json.items.find(
    (one: { readonly code: string }) => one.code === 'location-unmapped',
  )
  expect(group).toMatchObject({ subject: 'till 4', operation: 'normalise', connection_id: SHOP, count: 1 })
  expect((await bind({ from: 'till 4', to: 'east', group: group.id })).json).toMatchObject({ kind: 'place', from: 'till 4', to: 'east' })
  // Read again: what a replay does with one document.
  const again = new Date(Date.parse(at) + 60_000).toISOString()
  await ingest(app.hub, await contextOf(), [{ ...shopOrder(950, { till: 'till 4', at: again }), receivedAt: again, readStartedAt: again }])
  const { rows } = await app.hub.pool.query(
    `select o.approval, x.location, o.doc -> 'places' as places from orders o join line_stock x on x.order_id = o.id where o.channel_order_no = '950'`,
  )
  expect(rows).toEqual([{ approval: 'approved', location: 'east', places: [{ id: 'till 4', location: 'east' }] }])
  expect((await app.call('GET', `/v1/failures/${group.id}`, { key: reader })).json).toMatchObject({ status: 'resolved' })
  const removed = await app.call('DELETE', '/v1/locations/east', { key: await app.key(['admin']) })
  expect(removed.json.code).toBe('location-in-use')
})
