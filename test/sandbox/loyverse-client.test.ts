import { afterAll, beforeAll, expect, it } from 'vitest'
import { createLoyverse } from '../../sandbox/loyverse/index.ts'
import { start, type Sandbox } from '../../sandbox/server.ts'
import type { MarketSim } from '../../sandbox/stage/market/index.ts'

/**
 * A client as the public ones are (PyPI loyverse-sdk `LoyverseClient.request` and `PaginationMixin`, github.com/siarheipashkevich/loyverse-sdk
 * src/MakesHttpRequests.php): a bearer token, `cursor` handed on until there is none. Neither is for Node.
 */
async function run(method: string, path: string, given: { query?: Readonly<Record<string, string>>; body?: unknown; token?: string } = {}) {
  const { query = {}, body, token = TOKEN } = given
  const search = new URLSearchParams(query).toString()
  const answer = await fetch(`${sandbox.shops[0]?.url ?? ''}/v1.0/${path}${search === '' ? '' : `?${search}`}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: answer.status, doc: (await answer.json()) as Answer }
}
interface Answer {
  readonly receipts?: readonly {
    readonly receipt_number: string
    readonly receipt_type: string
    readonly total_money: number
    readonly updated_at: string
  }[]
  readonly items?: readonly { readonly variants: readonly { readonly variant_id: string; readonly sku: string }[] }[]
  readonly inventory_levels?: readonly { readonly variant_id: string; readonly in_stock: number; readonly store_id: string }[]
  readonly cursor?: string
  readonly errors?: readonly { readonly code: string }[]
  readonly id?: string
}

const TOKEN = 'personal-token-0001'
let sandbox: Sandbox
let sim: MarketSim

beforeAll(async () => {
  sim = createLoyverse({ accessToken: TOKEN })
  sim.clock.freeze(Date.UTC(2026, 10, 22, 9))
  sim.control.seedProducts(12)
  sim.control.seedOrders(60, 2)
  sandbox = await start({ shops: [{ name: 'loyverse-1', sim }] })
})
afterAll(() => sandbox.stop())

it('lists every sale once over four pages, newest first, with what was given back among them', async () => {
  const seen: NonNullable<Answer['receipts']>[number][] = []
  let pages = 0
  for (let cursor: string | undefined; ;) {
    const { doc } = await run('GET', 'receipts', { query: { limit: '20', ...(cursor === undefined ? {} : { cursor }) } })
    seen.push(...(doc.receipts ?? []))
    pages += 1
    cursor = doc.cursor
    if (cursor === undefined) break
  }
  expect(pages).toBeGreaterThanOrEqual(4)
  const sales = seen.filter(({ receipt_type }) => receipt_type === 'SALE')
  expect(sales.map(({ receipt_number }) => receipt_number).sort()).toEqual(
    sim.ledger
      .orders()
      .map(({ orderId }) => orderId)
      .sort(),
  )
  for (const sale of sales) expect(Math.round(sale.total_money * 100)).toBe(sim.ledger.order(sale.receipt_number)?.totalMinor)
  expect(seen.map(({ updated_at }) => updated_at)).toEqual(
    seen
      .map(({ updated_at }) => updated_at)
      .sort()
      .reverse(),
  )
  expect(seen.length).toBeGreaterThan(sales.length)
})

it('takes absolute levels, all or none, and shows them', async () => {
  const { doc } = await run('GET', 'items', { query: { limit: '2' } })
  const [variant] = doc.items?.[0]?.variants ?? []
  const [{ store_id } = { store_id: '' }] =
    (await run('GET', 'inventory', { query: { variant_ids: variant?.variant_id ?? '' } })).doc.inventory_levels ?? []
  const level = (variant_id: string, stock_after: number) => ({ variant_id, store_id, stock_after })
  expect((await run('POST', 'inventory', { body: { inventory_levels: [level(variant?.variant_id ?? '', 77)] } })).status).toBe(200)
  expect(sim.control.stockOf(variant?.sku ?? '')).toBe(77)
  const mixed = await run('POST', 'inventory', { body: { inventory_levels: [level(variant?.variant_id ?? '', 5), level('none', 1)] } })
  expect([mixed.status, mixed.doc.errors?.[0]?.code, sim.control.stockOf(variant?.sku ?? '')]).toEqual([404, 'NOT_FOUND', 77])
})

it('keeps subscriptions', async () => {
  const made = await run('POST', 'webhooks', { body: { url: 'https://hub.example/x', type: 'receipts.update', status: 'ENABLED' } })
  expect(made.doc).toMatchObject({ type: 'receipts.update', status: 'ENABLED' })
  expect((await run('POST', 'webhooks', { body: { url: 'https://hub.example/x', type: 'nothing' } })).doc.errors?.[0]?.code).toBe('INVALID_VALUE')
  expect((await run('DELETE', `webhooks/${made.doc.id ?? ''}`)).status).toBe(200)
})

it('refuses a wrong token, a limit too large, a range turned round and a damaged cursor in its own words', async () => {
  const refused = async (query: Readonly<Record<string, string>>, token?: string) => {
    const { status, doc } = await run('GET', 'receipts', { query, ...(token === undefined ? {} : { token }) })
    return [status, doc.errors?.[0]?.code]
  }
  expect(await refused({}, 'wrong')).toEqual([401, 'UNAUTHORIZED'])
  expect(await refused({ limit: '251' })).toEqual([400, 'INVALID_RANGE'])
  expect(await refused({ updated_at_min: '2026-01-02T00:00:00Z', updated_at_max: '2026-01-01T00:00:00Z' })).toEqual([400, 'INVALID_RANGE'])
  expect(await refused({ cursor: 'zzz' })).toEqual([400, 'INVALID_CURSOR'])
  expect(await refused({ updated_at_min: '2026-01-02 00:00:00' })).toEqual([400, 'INCORRECT_VALUE_TYPE'])
})
