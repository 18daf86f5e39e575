import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyAudit } from '../../src/store/people/audit.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let ops: string
let viewer: string
beforeAll(async () => {
  app = await hubApp()
  ops = await app.key(['stock:read', 'stock:write'])
  viewer = await app.key(['stock:read'])
  const { pool } = app.hub
  await pool.query(
    `insert into connections (id, channel, name, armed_stock) values ('c_own', 'rest', 'Own shop', true), ('c_market', 'rest', 'Market, "big"', true)`,
  )
  await app.call('POST', '/v1/skus', { key: ops, body: { items: [{ sku: 'TEA-1', title: 'Tea', category: 'drinks/tea' }, { sku: 'CUP-1' }] } })
  await pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title, sku, bound, shown) select c.id, k.sku, k.sku, k.sku, k.sku, 'code', 1 from connections c, skus k where c.id in ('c_own', 'c_market') and k.sku in ('TEA-1', 'CUP-1')`,
  )
  await setStock(
    { pool, actor: 'test', now: new Date() },
    ['TEA-1', 'CUP-1'].map((sku) => ({ sku, location: 'main', onHand: '100' })),
  )
})
afterAll(() => app.close())

const preview = (change: unknown, more: Readonly<Record<string, unknown>> = {}, key = ops) =>
  app.call('POST', '/v1/stock/rules/preview', { key, body: { change, ...more } })
const apply = (change: unknown, more: Readonly<Record<string, unknown>> = {}, key = ops) =>
  app.call('POST', '/v1/stock/rules', { key, body: { change, ...more } })
/** As the console does it. */
async function carryOut(change: unknown): Promise<number> {
  const seen = await preview(change)
  const answer = await apply(change, { preview_hash: seen.json.hash, confirm_zero: true, reason: 'test' })
  expect(answer.status, answer.text).toBe(200)
  return answer.json.version
}

describe('the life of a rule', () => {
  it('is previewed with who shows what by which rule, applied by the hash of that, pushed, listed, written down and taken back', async () => {
    const change = { put: [{ name: 'Tea little', connection: 'c_market', category: 'drinks/*', maximum: 12, enabled: true }] }
    const seen = await preview(change)
    expect(seen.status, seen.text).toBe(200)
    expect(seen.json.items).toMatchObject([
      { connection_id: 'c_market', sku: 'TEA-1', before: 100, after: 12, armed: true, by: [{ field: 'maximum', rule: 'Tea little' }] },
    ])
    expect(seen.json.totals).toMatchObject({ listings: 4, changed: 1, lower: 1, published_before: 400, published_after: 312, exposure_after: 112 })
    expect(seen.json.connections).toMatchObject([{ connection: 'Market, "big"', changed: 1, before: 200, after: 112 }, { changed: 0 }])
    expect((await preview(change, { all: true, q: 'cup' })).json.items).toHaveLength(2)
    expect((await apply(change)).json.code).toBe('preview-required')
    expect((await apply(change, { preview_hash: 'x' })).json.code).toBe('preview-outdated')
    app.told.length = 0
    const done = await apply(change, { preview_hash: seen.json.hash, reason: 'Too many returns' })
    expect(done.json).toEqual({ version: 1, marked: 1 })
    expect(app.told).toContainEqual(['push', expect.arrayContaining(['c_market'])])
    const listed = await app.call('GET', '/v1/stock/rules', { key: viewer })
    expect(listed.json).toMatchObject({ version: 1, items: [{ name: 'Tea little', standing: 'in-force', author: expect.stringMatching(/^key:/) }] })
    const why = await app.call('GET', '/v1/stock/TEA-1/why?connection=c_market', { key: viewer })
    expect(why.json.rules).toEqual([{ field: 'maximum', value: '12', rule: 'Tea little', id: listed.json.items[0].id }])
    const { rows } = await app.hub.pool.query(`select actor, details from audit_log where action = 'stock.rules' order by id`)
    expect(rows.at(-1)).toMatchObject({ actor: expect.stringMatching(/^key:/), details: { version: 1, reason: 'Too many returns', marked: 1 } })
    expect((await verifyAudit(app.hub.pool)).firstBroken).toBeNull()
    await carryOut({ restore: 0 })
    expect((await app.call('GET', '/v1/stock/rules', { key: viewer })).json.items).toEqual([])
    const history = await app.call('GET', '/v1/stock/rules/changes', { key: viewer })
    expect(history.json.items.map((row: { rules: readonly { what: string }[] }) => row.rules.map(({ what }) => what))).toEqual([
      ['removed'],
      ['made'],
    ])
  })

  it('is refused where it makes no sense, with a pointer to what is wrong', async () => {
    const faults = async (rule: unknown): Promise<readonly (readonly [string, string])[]> => {
      const answer = await preview({ put: [rule] })
      expect(answer.status).toBe(400)
      return answer.json.errors.map((error: { pointer: string; code: string }) => [error.pointer, error.code])
    }
    expect(await faults({ name: 'a' })).toEqual([['/change/put/0', 'says-nothing']])
    expect(await faults({ name: 'a', share: '1.2' })).toEqual([['/change/put/0/share', 'invalid-format']])
    expect(await faults({ name: 'a', maximum: 1, connection: 'c_none' })).toEqual([['/change/put/0/connection', 'unknown']])
    expect(await faults({ name: 'a', locations: ['nowhere'] })).toEqual([['/change/put/0/locations', 'unknown']])
    expect(await faults({ id: 77, name: 'a', stop: true })).toEqual([['/change/put/0/id', 'unknown']])
    expect(await faults({ name: 'a', stop: true, from: '2026-11-11T00:00:00+08:00', until: '2026-11-10T00:00:00Z' })).toEqual([
      ['/change/put/0/until', 'range-invalid'],
    ])
    expect(await faults({ name: 'a', stop: true, enabled: true, until: '2020-01-01T00:00:00Z' })).toEqual([['/change/put/0/until', 'over']])
    expect((await preview({ restore: 99 })).json.errors[0].pointer).toBe('/change/restore')
    expect((await preview({})).status).toBe(400)
    expect((await preview({ put: [{ name: 'a', stop: true, colour: 'red' }] })).json.errors[0].code).toBe('unknown-field')
  })

  it('is for those who may write stock of the whole hub; others see what concerns them', async () => {
    await carryOut({ put: ['c_own', 'c_market', null].map((connection) => ({ name: `for ${connection}`, connection, buffer: 1, enabled: true })) })
    const change = { put: [{ name: 'draft', stop: true }] }
    expect((await apply(change, {}, viewer)).json.code).toBe('scope-missing')
    expect((await preview(change, {}, viewer)).status).toBe(200)
    const dealer = await app.key(['stock:read', 'stock:write'], ['c_own'])
    expect((await apply(change, {}, dealer)).json.code).toBe('connection-scope')
    expect((await preview(change, {}, dealer)).json.code).toBe('connection-scope')
    const seen = await app.call('GET', '/v1/stock/rules', { key: dealer })
    expect(seen.json.items.map(({ name }: { name: string }) => name)).toEqual(['for c_own', 'for null'])
    for (const path of ['changes', 'export']) expect((await app.call('GET', `/v1/stock/rules/${path}`, { key: dealer })).status).toBe(403)
    expect((await apply(change)).json).toMatchObject({ marked: 0 })
  })
})

describe('rules as a file', () => {
  const read = async (csv: string) => {
    const form = new FormData()
    form.set('file', new File([csv], 'rules.csv', { type: 'text/csv' }))
    return app.send('/v1/stock/rules/parse', { method: 'POST', headers: { authorization: `Bearer ${ops}` }, body: form })
  }

  it('go out and come back the same', async () => {
    await carryOut({
      put: [
        { name: '=sum("a",b)', plan: '双十一', connection: 'c_market', skus: ['TEA-*', 'CUP, 1'], share: '0.25', priority: -2, enabled: true },
        {
          name: 'Counter',
          category: 'drinks/*',
          locations: ['main'],
          stop: false,
          buffer: 0,
          quota: 7,
          from: '2027-11-11T00:00:00+08:00',
          until: '2027-11-12T00:00:00+08:00',
        },
      ],
    })
    const before = (await app.call('GET', '/v1/stock/rules', { key: ops })).json
    const file = await app.call('GET', '/v1/stock/rules/export', { key: ops })
    expect(file.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(file.text).toContain(`"'=sum(`)
    const parsed = await read(file.text)
    expect(parsed.json.refused).toEqual([])
    await carryOut({ put: parsed.json.put })
    const after = (await app.call('GET', '/v1/stock/rules', { key: ops })).json
    const plain = (items: readonly Readonly<Record<string, unknown>>[]) => items.map(({ version: _v, updated_at: _u, ...rule }) => rule)
    expect(plain(after.items)).toEqual(plain(before.items))
  })

  it('take connections by name and shares by percent, and say row and column of what they cannot read', async () => {
    const { json } = await read(
      'Name;connection;share;maximum;stop;from\nA;market, "big"x;50%;;;\nB;Own shop;100%;;no;\nC;;2;;;\nD;;;many;;\nE;;;5;;11.11.2026\n;;;5;;\n;;;;;\n'.replace(
        'market, "big"x',
        'c_market',
      ),
    )
    expect(json.put).toEqual([
      { name: 'A', connection: 'c_market', share: '0.50' },
      { name: 'B', connection: 'c_own', share: '1', stop: false },
    ])
    expect(json.refused.map(({ row, column }: { row: number; column: string }) => [row, column])).toEqual([
      [4, 'share'],
      [5, 'maximum'],
      [6, 'from'],
      [7, 'name'],
    ])
    expect((await read('sku,title\na,b\n')).json.code).toBe('column-missing')
  })
})
