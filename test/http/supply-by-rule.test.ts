import { afterAll, beforeAll, expect, it } from 'vitest'
import { orderByRule } from '../../src/deliver/order-by-rule.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
let kiln: string
let now = new Date('2026-11-20T08:00:00Z')
const DAY = 86_400_000

const get = async (path: string) => (await app.call('GET', path, { key })).json
const post = (path: string, body: unknown) => app.call('POST', path, { key, body })
const change = (body: unknown) => app.call('PATCH', `/v1/suppliers/${kiln}`, { key, body })
const look = (): Promise<number> => orderByRule({ pool: app.hub.pool, now })
const orders = async () =>
  (
    (await get('/v1/supply-orders')).items as readonly {
      ref: string
      lines: readonly { sku: string; quantity: string }[]
      mail: { state: string } | null
    }[]
  ).map(
    ({ ref, lines, mail }) => [ref, ...lines.map(({ sku, quantity }) => `${quantity} ${sku}`), mail?.state ?? null], // prettier-ignore
  )
const entered = async () => (await app.hub.pool.query(`select actor, subject from audit_log where action = 'supply-orders.by-rule' order by id`)).rows

beforeAll(async () => {
  app = await hubApp({ now: () => now })
  key = await app.key(SCOPES)
  await app.hub.pool.query(
    `insert into skus (sku, title) values ('TEA', 'Tea'), ('CUP', 'Cup');
     insert into sku_speeds (sku, location, first_day, per_day_7, per_day_28, sold_90, on_hand_90) values ('TEA', '*', '2026-08-01', 2, 2, 180, 20), ('CUP', '*', '2026-08-01', 1, 1, 90, 20)`,
  )
  await post('/v1/stock', { items: [{ sku: 'TEA', on_hand: 5 }, { sku: 'CUP', on_hand: 0 }] }) // prettier-ignore
  kiln = (await post('/v1/suppliers', { name: 'Kiln', lead_days: 10 })).json.id
  await post('/v1/stock/supply', { items: ['TEA', 'CUP'].map((sku) => ({ sku, supplier_id: kiln })) })
})
afterAll(() => app.close())

it('is off until somebody says how much a day, to a supplier that can be mailed', async () => {
  await app.hub.pool.query(`update stock_plan_state set measured_at = $1`, [now])
  expect((await get('/v1/stock/plan?view=proposals')).items).toMatchObject([{ sku: 'CUP', proposal: '38' }, { sku: 'TEA', proposal: '71' }]) // prettier-ignore
  expect([await look(), (await get('/v1/suppliers')).items[0].by_itself]).toEqual([0, null])
  const code = async (rule: unknown) => (await change({ by_itself: rule })).json.code
  expect(await code({ pieces_per_day: 0 })).toBe('input-invalid')
  expect(await code({ pieces_per_day: 100 })).toBe('supplier-without-mail')
  expect((await change({ email: 'orders@kiln.example', by_itself: { pieces_per_day: 100 } })).json.code).toBe('mail-account-missing')
  await app.hub.pool.query(
    `insert into alert_destinations (id, name, kind, config, enabled, language, timezone) values ('d_post', 'Post', 'email', '{"from":"buy@tea.example","to":["a@tea.example"]}', true, 'en', 'UTC')`,
  )
  expect(await code({ pieces_per_day: 100, location: 'nowhere' })).toBe('location-unknown')
  expect((await change({ email: 'orders@kiln.example', by_itself: { pieces_per_day: '100' } })).status).toBe(200)
  expect((await get('/v1/suppliers')).items[0].by_itself).toMatchObject({
    pieces_per_day: '100',
    location: 'main',
    author: expect.stringMatching(/^key:/),
  })
})

it('orders once a day what fits, however many look, under the name of who said so, and mails it', async () => {
  const placed = await Promise.all([look(), look(), look()])
  expect(placed.reduce((sum, one) => sum + one, 0)).toBe(1)
  const first = `auto-${kiln}-2026-11-20`
  expect(await orders()).toEqual([[first, '38 CUP', 'waiting']])
  const { author } = (await get('/v1/suppliers')).items[0].by_itself
  expect(await entered()).toEqual([{ actor: author, subject: first }])
  expect((await get('/v1/supply-orders')).items[0]).toMatchObject({ placed_by: author, mail: { recipient: 'orders@kiln.example' } })
  // A process that died before the mail was put down is followed by one that does it.
  await app.hub.pool.query('delete from supply_notices')
  expect([await look(), await orders()]).toEqual([0, [[first, '38 CUP', 'waiting']]])
  now = new Date(now.getTime() + DAY)
  await change({ by_itself: { pieces_per_day: 70 } })
  expect(await look()).toBe(0) // 71 do not fit, and a part of a proposal is none
  await change({ by_itself: { pieces_per_day: 71 } })
  expect([await look(), await look()]).toEqual([1, 0])
  expect(await orders()).toEqual([
    [`auto-${kiln}-2026-11-21`, expect.stringMatching(/^7[13] TEA$/), 'waiting'],
    [first, '38 CUP', 'waiting'],
  ])
  expect(await entered()).toHaveLength(2)
})

it('orders nothing where nobody can be mailed, and nothing once it is off', async () => {
  now = new Date(now.getTime() + DAY)
  await app.hub.pool.query(`delete from arrivals`)
  await app.hub.pool.query(`update alert_destinations set enabled = false`)
  expect(await look()).toBe(0)
  await app.hub.pool.query(`update alert_destinations set enabled = true`)
  await change({ by_itself: null })
  expect([await look(), (await orders()).length]).toEqual([0, 2])
  await change({ by_itself: { pieces_per_day: 500 } })
  expect(await look()).toBe(1)
})
