import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Mapping } from '../../src/core/mapping.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { ingest, type IncomingRaw, type IngestDeps } from '../../src/normalize/ingest.ts'
import { backup } from '../../src/store/backup.ts'
import { eraseDue } from '../../src/store/privacy/due.ts'
import { verifyAudit } from '../../src/store/people/audit.ts'
import { type Answer, type HubApp, hubApp } from '../http/hub-app.ts'
import { type PlainDocument, incoming, plainOrder } from '../support/builders.ts'

/** Marks that stand nowhere else: each is looked for in every table, in clear and behind every key the hub still has. */
const PERSON = {
  name: 'Canary Wren',
  phone: '13977712345',
  email: 'canary.wren@quetzal.test',
  address: '42 Toucan Alley',
  note: 'ring the Hoatzin bell',
}
const MARKS = Object.values(PERSON)

let app: HubApp
let key: string
let deps: IngestDeps
const now = new Date('2026-11-20T08:00:00Z')

type PersonalDocument = PlainDocument & { readonly who?: typeof PERSON }

const personal: Mapping = {
  channel: 'plain',
  version: 1,
  map: (raw) => {
    const doc = raw.doc as PersonalDocument
    const order = plainOrder(doc)
    if (doc.who === undefined) return { kind: 'order', order }
    const { name, phone, email, address, note } = doc.who
    const recipient = { name, phone, email, address, city: 'Hangzhou' }
    return { kind: 'order', order: { ...order, piiMode: 'plain', recipient, buyerRef: `ref-${phone}`, sellerNote: `for ${name}`, buyerNote: note } }
  },
}

const document = (no: string, over: Partial<PlainDocument> = {}, who: typeof PERSON | undefined = PERSON): IncomingRaw => {
  const made = incoming({ no, at: '2026-11-01T01:00:00Z', sku: 'TEA', ...over })
  return { ...made, record: { ...made.record, payload: JSON.stringify({ ...JSON.parse(String(made.record.payload)), who }) } }
}
const orderId = async (no: string): Promise<string> =>
  (await app.hub.pool.query('select id::text from orders where channel_order_no = $1', [no])).rows[0].id
const post = (path: string, body: unknown): Promise<Answer> => app.call('POST', path, { key, body })

/** Every table as text, and every sealed document that a key still opens. */
async function everything(): Promise<string> {
  const { pool, keys } = app.hub
  const { rows: tables } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition`,
  )
  const parts: string[] = []
  for (const { name } of tables) parts.push((await pool.query(`select coalesce(string_agg(t::text, ' '), '') as text from "${name}" t`)).rows[0].text)
  const { rows: raws } = await pool.query('select connection_id, kind, external_id, key_id, row_key, body from raw_events where row_key is not null')
  for (const row of raws)
    parts.push(await keys.open({ keyId: row.key_id, rowKey: row.row_key, body: row.body }, `raw|${row.connection_id}|${row.kind}|${row.external_id}`))
  const { rows: parties } = await pool.query(
    'select o.connection_id, o.channel_order_no, p.key_id, p.row_key, p.body from order_parties p join orders o on o.id = p.order_id where p.row_key is not null',
  )
  for (const row of parties)
    parts.push(await keys.open({ keyId: row.key_id, rowKey: row.row_key, body: row.body }, `party|${row.connection_id}|${row.channel_order_no}`))
  return parts.join('\n')
}
const marksIn = (text: string): readonly string[] => MARKS.filter((mark) => text.includes(mark))

beforeAll(async () => {
  app = await hubApp({ now: () => now })
  key = await app.key(SCOPES)
  deps = { ...app.hub, mappings: new Map([['plain', personal]]) }
})
afterAll(() => app.close())

describe('S25 a person is erased', () => {
  it('from every table and behind every key, while the books stay; what is under way is left and named', async () => {
    const { pool } = app.hub
    await ingest(deps, app.hub.context, [document('E-1', { status: 'shipped' }), document('E-2')])
    await ingest(deps, app.hub.context, [document('E-1', { status: 'shipped', at: '2026-11-02T01:00:00Z', total: 1200 })])
    await ingest(deps, app.hub.context, [
      document('OTHER', { status: 'shipped' }, { ...PERSON, phone: '13900000000', name: 'Somebody Else', email: 'else@quetzal.test' }),
    ])
    expect(marksIn(await everything())).toEqual(MARKS)
    const id = await orderId('E-1')
    await pool.query(`insert into jobs (id, kind, connection_id, params) values ('j_report', 'replay', 'c_plain', '{}')`)
    for (const item of ['c_plain/order/E-1', 'order/E-1'])
      await pool.query(`insert into job_items (job_id, item, outcome, detail) values ('j_report', $1, 'change', $2)`, [
        item,
        JSON.stringify({ from: PERSON.name }),
      ])
    const before = (await pool.query('select total_minor, version, doc from orders where id = $1', [id])).rows[0]
    const dry = await post('/v1/privacy/erase', { phone: '+86 139-7771-2345', reference: 'CASE-7', dry_run: true })
    expect(dry.json.items.map((one: { channel_order_no: string; result: string }) => [one.channel_order_no, one.result])).toEqual([
      ['E-1', 'would-erase'],
      ['E-2', 'open'],
    ])
    expect((await app.call('GET', `/v1/orders/${id}?pii=1&purpose=support`, { key })).text).toContain(PERSON.name)
    const done = await post('/v1/privacy/erase', { phone: PERSON.phone, reference: 'CASE-7', dry_run: false })
    expect(done.json).toMatchObject({ erased: 1, items: [{ result: 'erased' }, { result: 'open' }] })
    // The order under way keeps its person until it is done; then a second request finishes.
    await ingest(deps, app.hub.context, [document('E-2', { status: 'shipped', at: '2026-11-03T01:00:00Z' })])
    expect(
      (await post('/v1/privacy/erase', { email: ` ${PERSON.email.toUpperCase()}`.trim(), reference: 'CASE-7', dry_run: false })).json.erased,
    ).toBe(1)
    // Nothing but the other person's is left of the marks they share.
    await post('/v1/privacy/erase', { order_ids: [await orderId('OTHER')], reference: 'CASE-8', dry_run: false })
    expect(marksIn(await everything())).toEqual([])
    const after = (await pool.query('select total_minor, version, doc from orders where id = $1', [id])).rows[0]
    expect([after.total_minor, after.doc.lines, after.doc.totals]).toEqual([before.total_minor, before.doc.lines, before.doc.totals])
    expect([after.doc.recipient, after.doc.buyer_ref, after.doc.seller_note, after.doc.has_buyer_note]).toEqual([null, null, null, false])
    expect(Object.keys(after.doc)).toEqual(Object.keys(before.doc))
    const shown = await app.call('GET', `/v1/orders/${id}?pii=1&purpose=support`, { key })
    expect([shown.status, marksIn(shown.text)]).toEqual([200, []])
    const raw = (await pool.query('select max(raw_id)::text as id from raw_dispositions where order_id = $1', [id])).rows[0].id
    expect((await app.call('GET', `/v1/orders/${id}/raw/${raw}`, { key })).json.code).toBe('document-expired')
    expect((await app.call('GET', `/v1/find?q=${PERSON.phone}`, { key })).text).not.toContain('E-1')
    const { rows: feed } = await pool.query('select cause from feed where order_id = $1 order by seq desc limit 1', [id])
    expect(feed[0].cause).toBe('erased')
    expect((await app.call('GET', '/v1/changes?after=0', { key })).text).toContain('"cause":"erased"')
  })

  it('is on the record without the person, and once only', async () => {
    const listed = await app.call('GET', '/v1/privacy/erasures?reference=CASE-7', { key })
    expect(listed.json.items.map((one: { channel_order_no: string; why: string }) => [one.channel_order_no, one.why])).toEqual([
      ['E-2', 'request'],
      ['E-1', 'request'],
    ])
    const again = await post('/v1/privacy/erase', { order_ids: [await orderId('E-1')], reference: 'CASE-9', dry_run: false })
    expect(again.json).toMatchObject({ erased: 0, items: [{ result: 'already' }] })
    const { rows } = await app.hub.pool.query(`select details, subject from audit_log where action = 'privacy.erase' order by id`)
    expect(rows[1]).toMatchObject({ subject: 'CASE-7', details: { erased: 1 } })
    expect((await verifyAudit(app.hub.pool)).firstBroken).toBeNull()
  })

  it('stays erased when the channel sends the order again, changed or not', async () => {
    const { pool } = app.hub
    await ingest(deps, app.hub.context, [document('E-1', { status: 'shipped', at: '2026-11-02T01:00:00Z', total: 1200 })])
    expect(marksIn(await everything())).toEqual([])
    await ingest(deps, app.hub.context, [document('E-1', { status: 'shipped', at: '2026-11-09T01:00:00Z', total: 1300 })])
    expect(marksIn(await everything())).toEqual(MARKS)
    expect(await eraseDue(pool, now)).toEqual({ erased: 0, again: 1 })
    expect(marksIn(await everything())).toEqual([])
    expect((await pool.query('select total_minor from orders where id = $1', [await orderId('E-1')])).rows[0].total_minor).toBe(1300)
    expect(await eraseDue(pool, now)).toEqual({ erased: 0, again: 0 })
  })

  it('is handed what the hub holds of them before', async () => {
    await ingest(deps, app.hub.context, [document('E-3', { status: 'shipped' })])
    const handed = await post('/v1/privacy/export', { phone: PERSON.phone, reference: 'CASE-10' })
    expect(handed.json.orders).toMatchObject([{ channel_order_no: 'E-3', erased: false, personal_data: { recipient: { name: PERSON.name } } }])
    const { rows } = await app.hub.pool.query(
      `select action, details::text from audit_log where subject in ('CASE-10', 'privacy/export') order by id`,
    )
    expect(rows.map((row) => row.action)).toEqual(['pii.read', 'privacy.export'])
    expect(marksIn(JSON.stringify(rows))).toEqual([])
    await post('/v1/privacy/erase', { phone: PERSON.phone, reference: 'CASE-10', dry_run: false })
  })

  it('asks for one way to name them, and for the right', async () => {
    for (const body of [
      {},
      { phone: '1', email: 'x@y.z' },
      { phone: PERSON.phone, email: PERSON.email },
      { order_ids: [] },
      { phone: '- - - - - -' },
    ])
      expect((await post('/v1/privacy/erase', { ...body, reference: 'X', dry_run: true })).status).toBe(400)
    const support = await app.key(['orders:read_pii', 'orders:write', 'connections:write'])
    expect((await app.call('POST', '/v1/privacy/erase', { key: support, body: { phone: PERSON.phone, reference: 'X', dry_run: true } })).status).toBe(
      403,
    )
    const elsewhere = await app.key(['privacy'], ['c_elsewhere'])
    const seen = await app.call('POST', '/v1/privacy/erase', {
      key: elsewhere,
      body: { order_ids: [await orderId('E-3')], reference: 'X', dry_run: true },
    })
    expect(seen.json.items).toEqual([])
    expect((await app.call('PATCH', `/v1/privacy/retention/${app.hub.context.connectionId}`, { key: elsewhere, body: { days: 1 } })).status).toBe(404)
  })
})

describe('S25 personal data is kept for a time', () => {
  it('set per connection: orders that were delivered long enough ago are erased, all others stay', async () => {
    const { pool } = app.hub
    const at = (days: number): string => new Date(now.getTime() - days * 86_400_000).toISOString()
    await ingest(deps, app.hub.context, [
      document('R-delivered', { status: 'shipped', placed: at(60) }),
      document('R-lately', { status: 'shipped', placed: at(60) }),
      document('R-sent', { status: 'shipped', placed: at(60) }),
      document('R-sent-lately', { status: 'shipped', placed: at(60) }),
      document('R-open', { placed: at(300) }),
    ])
    const fact = async (no: string, code: string, days: number): Promise<unknown> =>
      pool.query(`insert into order_facts (order_id, code, at, source) values ($1, $2, $3, 'channel')`, [await orderId(no), code, at(days)])
    await fact('R-delivered', 'received', 31)
    await fact('R-lately', 'shipped', 59)
    await fact('R-lately', 'received', 29)
    await fact('R-sent', 'shipped', 45)
    await fact('R-sent-lately', 'shipped', 43)
    expect(await eraseDue(pool, now)).toEqual({ erased: 0, again: 0 })
    expect((await app.call('PATCH', `/v1/privacy/retention/${app.hub.context.connectionId}`, { key, body: { days: 30 } })).status).toBe(200)
    expect(await eraseDue(pool, now)).toEqual({ erased: 2, again: 0 })
    const { rows } = await pool.query(
      `select o.channel_order_no as no, p.row_key is null as gone from orders o join order_parties p on p.order_id = o.id where o.channel_order_no like 'R-%' order by 1`,
    )
    expect(rows.map((row) => [row.no, row.gone])).toEqual([
      ['R-delivered', true],
      ['R-lately', false],
      ['R-open', false],
      ['R-sent', true],
      ['R-sent-lately', false],
    ])
    const listed = (await app.call('GET', '/v1/privacy/retention', { key })).json.items
    expect(listed).toContainEqual(expect.objectContaining({ connection_id: app.hub.context.connectionId, days: 30 }))
  })

  it('is in no backup made afterwards', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'erased-'))
    await ingest(deps, app.hub.context, [document('R-open', { status: 'shipped', at: '2026-11-09T01:00:00Z' })])
    await post('/v1/privacy/erase', { phone: PERSON.phone, reference: 'CASE-11', dry_run: false })
    const file = join(dir, 'hub.gz')
    await backup(app.hub.pool.options.connectionString ?? '', file, () => undefined)
    const dump = gunzipSync(await readFile(file)).toString('latin1')
    const id = (
      await app.hub.pool.query(`select p.order_id from order_parties p join orders o on o.id = p.order_id where o.channel_order_no = 'R-sent'`)
    ).rows[0]
    expect(id).toBeDefined()
    expect(marksIn(dump)).toEqual([])
    await rm(dir, { recursive: true, force: true })
  })
})
