import { afterAll, beforeAll, expect, it } from 'vitest'
import { deliverSupplyMails } from '../../src/activities/supply-mail.ts'
import { SCOPES } from '../../src/http/scopes.ts'
import { type HubApp, hubApp } from '../http/hub-app.ts'
import { openMailServer } from '../support/mail-server.ts'

let app: HubApp
let key: string
let server: Awaited<ReturnType<typeof openMailServer>>
let order: string
let supplier: string
let account: string
let now = new Date()
let refusal: string | undefined

const post = (path: string, body: unknown) => app.call('POST', path, { key, body })
const said: unknown[] = []
const log = { info: () => undefined, warn: () => undefined, error: (message: string, fields: unknown) => void said.push([message, fields]) }
const deliver = (): Promise<number> => deliverSupplyMails({ pool: app.hub.pool, box: app.hub.box, allowPrivate: 'all', now: () => now, log })
const mail = async () => (await app.call('GET', '/v1/supply-orders', { key })).json.items[0]

beforeAll(async () => {
  app = await hubApp({ now: () => now })
  key = await app.key(SCOPES)
  server = await openMailServer(() => refusal)
  await app.hub.pool.query(`insert into skus (sku, title) values ('TEA', '=Tea'), ('CUP', 'Cup')`)
  supplier = (await post('/v1/suppliers', { name: 'Kiln' })).json.id
  const lines = [{ sku: 'TEA', quantity: 6 }, { sku: 'CUP', quantity: '2.5', promised_at: null }] // prettier-ignore
  order = (await post('/v1/supply-orders', { ref: 'S-1', supplier_id: supplier, lines })).json.order.id
})
afterAll(async () => {
  server.close()
  await app.close()
})

const later = (ms: number): void => {
  now = new Date(now.getTime() + ms)
}

it('needs an address of the supplier and a mail account', async () => {
  const codeNow = async () => (await post(`/v1/supply-orders/${order}/mail`, {})).json.code
  expect(await codeNow()).toBe('supplier-without-mail')
  await app.call('PATCH', `/v1/suppliers/${supplier}`, { key, body: { email: 'orders@kiln.example' } })
  expect(await codeNow()).toBe('mail-account-missing')
  const config = { host: '127.0.0.1', port: server.port, security: 'none', from: 'buy@tea.example', to: ['duty@tea.example'] }
  const made = await post('/v1/alerts/destinations', {
    name: 'Post',
    quiet: null,
    enabled: true,
    kind: 'email',
    config,
    secrets: {},
    language: 'en',
    timezone: 'UTC',
  })
  account = made.json.id
  expect((await post('/v1/supply-orders/999/mail', {})).status).toBe(404)
  expect((await post(`/v1/supply-orders/${order}/mail`, { account_id: 'd_other' })).json).toMatchObject({ status: 404, code: 'mail-account-unknown' })
})

it('a supplier gets its order once, with both files, however often it is asked for and whoever sends', async () => {
  expect((await app.call('GET', '/v1/supply-orders/mail-accounts', { key })).json.items).toEqual([
    { id: account, name: 'Post', from: 'buy@tea.example' },
  ])
  const asked = await Promise.all([1, 2, 3].map(() => post(`/v1/supply-orders/${order}/mail`, { language: 'zh-CN' })))
  expect(asked.map(({ json }) => json.repeated).filter((one) => one === false)).toHaveLength(1)
  expect((await mail()).mail).toMatchObject({ state: 'waiting', recipient: 'orders@kiln.example' })
  const sent = await Promise.all([deliver(), deliver()])
  expect(sent[0] + sent[1]).toBe(1)
  expect(server.mails).toHaveLength(1)
  const [text = ''] = server.mails
  expect(text).toMatch(/^To: orders@kiln\.example$/m)
  expect(text).toMatch(new RegExp(`^Message-ID: <supply-order-${order}-1@tea\\.example>$`, 'm'))
  expect(text).toContain(`filename=supply-order-${order}.xlsx`)
  const csv = /filename=supply-order-\d+\.csv[^]*?\n\n([A-Za-z0-9+/=\n]+)\n--/.exec(text)?.[1] ?? ''
  expect(Buffer.from(csv, 'base64').toString('utf8')).toMatch(
    /"商品编码","名称","数量","期望到货"\r\n"TEA","'=Tea","6","\d{4}-\d\d-\d\d"\r\n"CUP","Cup","2\.5",""/,
  )
  expect(await mail()).toMatchObject({
    mail: { state: 'sent', answer: expect.stringContaining('queued as 42') },
    told_by: expect.stringMatching(/^key:/),
  })
  expect((await post(`/v1/supply-orders/${order}/mail`, {})).json).toMatchObject({ repeated: true, order: { mail: { state: 'sent' } } })
  expect(await deliver()).toBe(0)
  const { rows } = await app.hub.pool.query(`select details from audit_log where action = 'supply-orders.mail' order by id`)
  expect(rows.map(({ details }) => details.queued).filter((one) => one === true)).toHaveLength(1)
  expect(rows).toHaveLength(4)
})

it('a mail the hub itself fails at ends after twelve tries, each later than the one before, with a reason, and goes out when a person asks', async () => {
  // Nobody foresaw it: the order has no lines that could be written down.
  const lines = (await app.hub.pool.query('select lines from supply_orders where id = $1', [order])).rows[0]?.lines
  await post(`/v1/supply-orders/${order}/mail`, { again: true })
  await app.hub.pool.query(`update supply_orders set lines = '{}' where id = $1`, [order])
  const state = async () =>
    (await app.hub.pool.query('select state, attempts, answer, not_before from supply_notices order by id desc limit 1')).rows[0]
  const waits: number[] = []
  for (let n = 1; (await state()).state !== 'failed'; n += 1) {
    await app.hub.pool.query('delete from rate_limits') // as if as much time had passed for it
    expect(await deliver()).toBe(0)
    const { attempts, answer, not_before: due } = await state()
    const next = new Date(due)
    expect([attempts, n <= 12]).toEqual([n, true])
    expect(answer).toMatch(/^The hub could not make or send this mail; its log says why/)
    waits.push(next.getTime() - now.getTime())
    now = new Date(Math.max(now.getTime(), next.getTime()))
  }
  expect(waits.slice(0, 4)).toEqual([30_000, 60_000, 120_000, 240_000])
  expect(said).toHaveLength(12)
  expect(JSON.stringify(said)).not.toContain('kiln.example')
  await app.hub.pool.query('update supply_orders set lines = $2 where id = $1', [order, JSON.stringify(lines)])
  // The one before it was sent; this one was not, and whoever looks at it says "try again".
  expect((await post(`/v1/supply-orders/${order}/mail`, {})).json).toMatchObject({ repeated: false })
  expect(await deliver()).toBe(1)
})

it('a mail whose workers all die on the way ends too', async () => {
  await post(`/v1/supply-orders/${order}/mail`, { again: true })
  await app.hub.pool.query(`update supply_notices set state = 'sending', claim = 'gone', claimed_until = $1, attempts = 12 where state = 'waiting'`, [
    now,
  ])
  const before = server.mails.length
  expect(await deliver()).toBe(0)
  expect((await mail()).mail).toMatchObject({ state: 'failed', answer: 'Sending was begun 12 times and never came to an end.' })
  expect(server.mails).toHaveLength(before)
})

it('asked for once more, one that waits is tried at once and to the address of now', async () => {
  refusal = '451 4.7.1 try\u0000 later'
  await post(`/v1/supply-orders/${order}/mail`, { again: true })
  await deliver()
  expect((await mail()).mail).toMatchObject({ state: 'waiting', attempts: 1, answer: expect.stringContaining('451 4.7.1 try later') })
  refusal = undefined
  await app.call('PATCH', `/v1/suppliers/${supplier}`, { key, body: { email: 'desk@kiln.example' } })
  expect((await post(`/v1/supply-orders/${order}/mail`, {})).json).toMatchObject({ repeated: true, order: { mail: { attempts: 1 } } })
  expect(await deliver()).toBe(1)
  expect(server.mails.at(-1)).toMatch(/^To: desk@kiln\.example$/m)
})

it('what the mail server said is seen, tried again later, and not where it is for good; a killed worker’s mail goes out by another', async () => {
  refusal = '451 4.7.1 try later'
  expect((await post(`/v1/supply-orders/${order}/mail`, { again: true })).json.repeated).toBe(false)
  expect(await deliver()).toBe(0)
  expect((await mail()).mail).toMatchObject({ state: 'waiting', attempts: 1, answer: expect.stringContaining('451 4.7.1 try later') })
  expect(await deliver()).toBe(0)
  expect((await mail()).mail.attempts).toBe(1)
  refusal = undefined
  // Taken by a worker that is gone.
  await app.hub.pool.query(`update supply_notices set state = 'sending', claim = 'gone', claimed_until = $1 where state = 'waiting'`, [
    new Date(now.getTime() + 60_000),
  ])
  later(59_000)
  expect(await deliver()).toBe(0)
  later(2_000)
  expect(await deliver()).toBe(1)
  expect((await mail()).mail).toMatchObject({ state: 'sent', attempts: 2 })
  refusal = '550 5.1.1 no such mailbox'
  await post(`/v1/supply-orders/${order}/mail`, { again: true })
  expect(await deliver()).toBe(0)
  expect((await mail()).mail).toMatchObject({ state: 'failed', attempts: 1, answer: expect.stringContaining('no such mailbox') })
  await app.call('DELETE', `/v1/alerts/destinations/${account}`, { key })
  expect((await post(`/v1/supply-orders/${order}/mail`, { again: true })).json.code).toBe('mail-account-missing')
})
