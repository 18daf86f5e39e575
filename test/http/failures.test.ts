import { afterAll, beforeAll, expect, it } from 'vitest'
import { createShipment } from '../../src/deliver/shipments.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { openFailures } from '../../src/store/deliver/open-failure.ts'
import { createJob } from '../../src/store/jobs.ts'
import { keepReplayItems } from '../../src/store/replay/replay-items.ts'
import { selectHeads } from '../../src/store/replay/select-heads.ts'
import { incoming, stockOf } from '../support/builders.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await stockOf(app.hub.pool, 'TEA', 100)
})
afterAll(() => app.close())

const get = async (path: string) => (await app.call('GET', path, { key })).json
const post = (path: string, body: unknown) => app.call('POST', path, { key, body })
const patch = async (path: string, body: unknown) => (await app.call('PATCH', path, { key, body })).json
const groupOf = async (code: string, status = 'open') =>
  (await get(`/v1/failures?status=${status}`)).items.find((one: { code: string }) => one.code === code)

/** Orders whose packages the channel refused, as one group. */
async function refusedParcels(numbers: readonly string[], carrier: string): Promise<readonly number[]> {
  await ingest(
    app.hub,
    app.hub.context,
    numbers.map((no) => incoming({ no, at: '2026-11-01T01:00:00Z' })),
  )
  const { rows } = await app.hub.pool.query<{ id: number }>('select id from orders where channel_order_no = any($1) order by id', [numbers])
  const effects: number[] = []
  for (const { id } of rows) {
    const { shipment } = await createShipment({
      pool: app.hub.pool,
      orderId: id,
      carrier,
      trackingNo: `T${id}`,
      source: 'api',
      actor: 'test',
      now: new Date(),
    })
    const effect = Number(shipment.effect_id)
    await app.hub.pool.query(`update effects set state = 'refused', code = 'carrier-unknown', attempts = 1 where id = $1`, [effect])
    await openFailures(app.hub.pool, [
      {
        connectionId: 'c_plain',
        channel: 'plain',
        operation: 'push-shipment',
        subjectKind: 'effect',
        subjectId: String(effect),
        orderId: id,
        subject: carrier,
        bySubject: true,
        fault: { kind: 'refused', code: 'carrier-unknown', message: `Plain knows no carrier "${carrier}".` },
      },
    ])
    effects.push(effect)
  }
  return effects
}

it('says what a group comes to: an order counts once however often it stands there, and its figures follow the order', async () => {
  const at = (hour: number) => `2026-11-01T0${hour}:00:00Z`
  const [first, second] = await refusedParcels(['F1', 'F2'], 'DPD')
  const { rows } = await app.hub.pool.query<{ id: number }>(`select id from orders where channel_order_no in ('F1', 'F2') order by channel_order_no`)
  await openFailures(app.hub.pool, [
    {
      connectionId: 'c_plain',
      channel: 'plain',
      operation: 'push-shipment',
      subjectKind: 'effect',
      subjectId: '999999',
      orderId: rows[0]?.id ?? 0,
      subject: 'DPD',
      bySubject: true,
      fault: { kind: 'refused', code: 'carrier-unknown', message: 'Plain knows no carrier "DPD".' },
    },
  ])
  const figures = async () => {
    const group = (await get('/v1/failures?status=open')).items.find((one: { subject: string }) => one.subject === 'DPD')
    return [group.count, group.orders, group.money, group.trend.at(-1)]
  }
  expect(await figures()).toEqual([3, 2, [{ amount: '20.00', currency: 'CNY' }], 3])
  await ingest(app.hub, app.hub.context, [incoming({ no: 'F2', at: at(5), total: 3000 })])
  expect(await figures()).toEqual([3, 2, [{ amount: '40.00', currency: 'CNY' }], 3])
  await app.hub.pool.query('delete from failure_groups')
  await app.hub.pool.query(`update effects set state = 'cancelled' where id = any($1)`, [[first, second]])
})

it('counts groups by status, keeps who decided what, and takes notes', async () => {
  await ingest(app.hub, app.hub.context, [incoming({ no: 'N1', at: '2026-11-01T01:00:00Z', sku: 'NEW' })])
  const group = await groupOf('sku-unbound')
  expect(group.trend).toHaveLength(24)
  expect(group.trend.at(-1)).toBe(1)
  await patch(`/v1/failures/${group.id}`, { status: 'acknowledged', owner: 'mei' })
  expect((await post(`/v1/failures/${group.id}/notes`, { text: 'Asked the shop' })).status).toBe(201)
  const { notes, items } = await get(`/v1/failures/${group.id}`)
  expect(notes.map((one: { kind: string; text: string }) => [one.kind, one.text])).toEqual([
    ['note', 'Asked the shop'],
    ['owner', 'mei'],
    ['status', 'acknowledged'],
  ])
  expect(notes[0].author).toMatch(/^key:/)
  expect(items[0].total).toEqual({ amount: '10.00', currency: 'CNY' })
  expect((await get('/v1/failures?status=open')).counts).toMatchObject({ open: 0, acknowledged: 1, ignored: 0, resolved: 0 })
})

it('asks for a person again once the time to ignore it is over', async () => {
  const group = await groupOf('sku-unbound', 'acknowledged')
  await patch(`/v1/failures/${group.id}`, { status: 'ignored', ignored_until: '2099-01-01T00:00:00Z' })
  expect(await groupOf('sku-unbound')).toBeUndefined()
  await app.hub.pool.query(`update failure_groups set ignored_until = now() - interval '1 minute' where id = $1`, [group.id])
  expect(await groupOf('sku-unbound')).toMatchObject({ id: group.id, status: 'open', count: 1 })
})

it('sends the refused packages of a group again with another carrier, under a key the channel never saw', async () => {
  const effects = await refusedParcels(['P1', 'P2'], 'UPS')
  const group = await groupOf('carrier-unknown')
  expect(group).toMatchObject({ subject: 'UPS', count: 2, orders: 2 })
  expect((await post(`/v1/failures/${group.id}/push-again`, { reason: 'x', carrier: 'No such carrier' })).json.code).toBe('carrier-unknown')
  expect((await post(`/v1/failures/${group.id}/push-again`, { reason: 'SF took them over', carrier: 'SF' })).json).toEqual({ effects: 2, left: 0 })
  const { rows } = await app.hub.pool.query(
    `select e.state, e.idempotency_key like '%/2' as again, s.carrier, o.sync from effects e join shipments s on s.id = e.shipment_id join orders o on o.id = s.order_id where e.id = any($1)`,
    [effects],
  )
  expect(rows).toEqual(effects.map(() => ({ state: 'pending', again: true, carrier: 'SF', sync: 'writeback_pending' })))
  expect(app.told).toContainEqual(['push', ['c_plain']])
  expect(await groupOf('carrier-unknown', 'resolved')).toMatchObject({ id: group.id, count: 0 })
  expect((await get(`/v1/failures/${group.id}`)).notes[0]).toMatchObject({ kind: 'fix', text: 'push-again 2 SF' })
})

it('corrects the number of one refused package, and of none that was not refused', async () => {
  const [effect] = await refusedParcels(['P3'], 'YTO')
  const fixed = await post(`/v1/effects/${effect}/correct`, { tracking_no: 'YT1234567890123', reason: 'typing error' })
  expect([fixed.status, fixed.json.state, fixed.json.tracking_no]).toEqual([200, 'pending', 'YT1234567890123'])
  expect((await post(`/v1/effects/${effect}/correct`, { tracking_no: 'YT1', reason: 'again' })).json.code).toBe('effect-not-correctable')
  expect((await post(`/v1/effects/${effect}/correct`, { reason: 'nothing said' })).status).toBe(400)
})

it('puts every order of a group into the feed again', async () => {
  const { rows } = await app.hub.pool.query<{ id: number }>('select id from orders order by id limit 2')
  await openFailures(
    app.hub.pool,
    rows.map(({ id }) => ({
      connectionId: 'c_plain',
      channel: 'plain',
      operation: 'acknowledge' as const,
      subjectKind: 'ack' as const,
      subjectId: `erp/${id}`,
      orderId: id,
      fault: { kind: 'refused' as const, code: 'no-vat', message: 'No VAT number.' },
    })),
  )
  const group = await groupOf('no-vat')
  const before = (await app.hub.pool.query(`select count(*)::int as n from feed where cause = 're-emit'`)).rows[0].n
  expect((await post(`/v1/failures/${group.id}/re-emit`, {})).json).toEqual({ orders: 2 })
  expect((await app.hub.pool.query(`select count(*)::int as n from feed where cause = 're-emit'`)).rows[0].n).toBe(before + 2)
})

it('lists rules, takes one back once, and refuses to correct personal data', async () => {
  const made = await post('/v1/overrides', { kind: 'word', connection: 'c_plain', field: 'status', from: 'odd', to: 'open', reason: 'asked' })
  expect([made.status, made.json.version]).toEqual([201, 1])
  expect((await post('/v1/overrides', { kind: 'word', connection: 'c_plain', field: 'status', from: 'x', to: 'x', reason: 'asked' })).status).toBe(
    400,
  )
  expect((await post('/v1/overrides', { kind: 'word', connection: 'c_none', field: 'status', from: 'x', to: 'y', reason: 'asked' })).status).toBe(404)
  expect((await get('/v1/overrides?connection=c_plain&state=active')).items).toMatchObject([
    { id: made.json.id, from: 'odd', to: 'open', reason: 'asked' },
  ])
  expect((await post(`/v1/overrides/${made.json.id}/end`, { reason: 'wrong' })).json).toMatchObject({ ended_version: 2 })
  expect((await post(`/v1/overrides/${made.json.id}/end`, { reason: 'wrong' })).json.code).toBe('override-ended')
  await ingest(app.hub, app.hub.context, [incoming({ no: 'PII', at: '2026-11-01T01:00:00Z', note: 'call me', total: 70 })])
  const field = (name: string) =>
    post('/v1/overrides', { kind: 'field', connection: 'c_plain', entity: 'order/PII', field: `/${name}`, to: '80', reason: 'asked' })
  expect((await field('note')).json.code).toBe('field-personal')
  expect((await field('nothing')).json.errors[0].code).toBe('no-value')
  expect((await field('total')).json).toMatchObject({ kind: 'field', from: '70', to: '80', entity: 'order/PII' })
})

it('hands out the report of a replay as a file that no spreadsheet runs', async () => {
  const job = await createJob(app.hub.pool, { kind: 'replay', params: {}, createdBy: 'test' })
  await keepReplayItems(app.hub.pool, job.id, [
    {
      item: 'c_plain/order/=1+1',
      outcome: 'change',
      detail: { number: '=1+1', total: '10.00', currency: 'CNY', changes: [{ path: 'lines[].sku', from: '', to: 'TEA' }] },
    },
    { item: 'c_plain/order/2', outcome: 'fail', detail: { number: '2', reason: 'status-unmapped: "odd"' } },
  ])
  const answer = await app.call('GET', `/v1/jobs/${job.id}/report.csv`, { key })
  expect(answer.headers.get('content-disposition')).toContain(`replay-${job.id}.csv`)
  expect(answer.text.split('\n').filter(Boolean)).toEqual([
    'number,outcome,total,currency,reason,changes,document',
    '2,fail,,,"status-unmapped: ""odd""",,c_plain/order/2',
    `'=1+1,change,10.00,CNY,,lines[].sku:  → TEA,c_plain/order/=1+1`,
  ])
  const backfill = await createJob(app.hub.pool, { kind: 'backfill', params: {}, createdBy: 'test' })
  expect((await app.call('GET', `/v1/jobs/${backfill.id}/report.csv`, { key })).status).toBe(404)
})

it('shows a waiting document as it came, masked, and says where no word can be chosen', async () => {
  const payload = JSON.stringify({ phone: '13800138000', total: 5 })
  await ingest(app.hub, app.hub.context, [
    incoming(
      { no: 'HELD', at: '2026-11-01T01:00:00Z' },
      { record: { kind: 'order', externalId: 'HELD', sourceTime: '2026-11-01T01:00:00Z', payload } },
    ),
  ])
  const group = await groupOf('order-unreadable')
  expect(await get(`/v1/failures/${group.id}/sample`)).toEqual({
    connection_id: 'c_plain',
    entity: 'order/HELD',
    order_id: null,
    text: JSON.stringify({ phone: '***', total: 5 }),
    pointer: null,
  })
  expect((await app.call('GET', `/v1/failures/${group.id}/choices`, { key })).json.code).toBe('no-choices')
  expect((await post('/v1/connections/c_plain/subscribe', {})).json.code).toBe('webhooks-by-hand')
})

it('replays what the filters of the list of orders match, and nothing else', async () => {
  const { rows } = await app.hub.pool.query<{ id: number }>(`select id from orders where channel_order_no like 'P%' order by id`)
  const job = await post('/v1/replays', { filter: { orders: { q: 'P', connection: 'c_plain' } }, dry_run: true })
  expect([job.status, job.json.params.filter]).toEqual([202, { orderIds: rows.map((row) => row.id) }])
  expect(rows.length).toBeGreaterThan(2)
  expect((await post('/v1/replays', { filter: { orders: { nonsense: '1' } }, dry_run: true })).status).toBe(400)
})

it("replays several groups at once, and no group outside the caller's connections", async () => {
  await ingest(app.hub, app.hub.context, [
    incoming({ no: 'G1', at: '2026-11-01T01:00:00Z', sku: 'GONE-1' }),
    incoming({ no: 'G2', at: '2026-11-01T01:00:00Z', sku: 'GONE-2' }),
    incoming({ no: 'G3', at: '2026-11-01T01:00:00Z', sku: 'GONE-3' }),
  ])
  const groups = (await get('/v1/failures?status=open&limit=200')).items
    .filter((one: { subject: string }) => /^GONE-[12]$/.test(one.subject))
    .map((one: { id: string }) => one.id)
  expect(groups).toHaveLength(2)
  const narrow = await app.key(['replay'], ['c_other'])
  expect((await app.call('POST', '/v1/replays', { key: narrow, body: { filter: { groups }, dry_run: true } })).status).toBe(404)
  expect((await post('/v1/replays', { filter: { groups, group: groups[0] }, dry_run: true })).json.code).toBe('input-invalid')
  const job = await post('/v1/replays', { filter: { groups }, dry_run: false })
  expect(job.status).toBe(202)
  const heads = await selectHeads(app.hub.pool, { groups: groups.map(Number) }, null, 100)
  expect(heads.map((head) => head.externalId).toSorted()).toEqual(['G1', 'G2'])
  for (const id of groups) expect((await get(`/v1/failures/${id}`)).notes[0]).toMatchObject({ kind: 'replay', text: job.json.id })
})
