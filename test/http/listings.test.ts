import { afterAll, beforeAll, expect, it } from 'vitest'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await app.call('POST', '/v1/skus', {
    key,
    body: {
      items: [
        { sku: 'DOILY-36', title: 'Set of 36 dolly girl paper doilies' },
        { sku: 'HOLDER-W', title: 'White hanging heart t-light holder' },
        { sku: 'MUG', title: 'Enamel mug blue' },
      ],
    },
  })
  await app.hub.pool.query(
    `insert into listings (connection_id, listing_key, channel_sku, title) values ('c_plain', 'a', '1', 'SET OF 36 DOLLY GIRL PAPER DOILIES'),
     ('c_plain', 'b', 'm-u-g', 'A mug'), ('c_plain', 'c', '3', 'Garden hose'), ('c_plain', 'd', '4', 'White heart holder')`,
  )
})
afterAll(() => app.close())

const get = async (path: string) => app.call('GET', path, { key })
interface Suggested {
  readonly listing_key: string
  readonly suggestions: readonly { readonly sku: string; readonly confidence: number; readonly why: readonly string[] }[]
}
const pairs = (items: readonly Suggested[]) => items.map((one) => [one.listing_key, one.suggestions[0]?.sku ?? null, one.suggestions[0]?.why ?? null])

it('suggests SKUs for what is not bound, with what speaks for them', async () => {
  const { json } = await get('/v1/listings?bound=unbound')
  expect(pairs(json.items)).toEqual([
    ['a', 'DOILY-36', ['title']],
    ['b', 'MUG', ['code']],
    ['c', null, null],
    ['d', 'HOLDER-W', ['title']],
  ])
})

it('finds the one listing that is called so, by the SKU of the channel or by its key, and nothing that is only like it', async () => {
  const named = async (key: string) => (await get(`/v1/listings?connection=c_plain&key=${key}`)).json.items.map((one: Suggested) => one.listing_key)
  expect([await named('m-u-g'), await named('c'), await named('m-u'), await named('M-U-G'), await named('%25')]).toEqual([['b'], ['c'], [], [], []])
})

it('gathers those above a threshold, page by page, and binds none of them', async () => {
  const all = (await get('/v1/listings/suggestions?min=0.8')).json
  expect([pairs(all.items).map(([listing]) => listing), all.looked_at, all.has_more]).toEqual([['a', 'b'], 4, false])
  const one = (await get('/v1/listings/suggestions?min=0&limit=1')).json
  const two = (await get(`/v1/listings/suggestions?min=0&limit=1&cursor=${one.next_cursor}`)).json
  expect([pairs(one.items)[0]?.[0], pairs(two.items)[0]?.[0], one.has_more]).toEqual(['a', 'b', true])
  for (const min of ['1.1', '-1', 'x', '0,8']) expect((await get(`/v1/listings/suggestions?min=${min}`)).status).toBe(400)
  expect((await app.hub.pool.query(`select count(*)::int as n from listings where bound <> 'unbound'`)).rows[0].n).toBe(0)
})

it('follows the SKU master: what is added is suggested, what is put out of use no more', async () => {
  await app.call('POST', '/v1/skus', {
    key,
    body: {
      items: [
        { sku: 'HOSE', title: 'Garden hose, 20 m' },
        { sku: 'MUG', active: false },
      ],
    },
  })
  const found = pairs((await get('/v1/listings?bound=unbound')).json.items)
  expect(found[1]?.[1]).not.toBe('MUG')
  expect(found[2]?.[1]).toBe('HOSE')
})

it('accepts a suggestion only where nobody decided in the meantime', async () => {
  const bind = async (listing: string, sku: string) =>
    (await app.call('POST', '/v1/listings/bind', { key, body: [{ connection: 'c_plain', listing_key: listing, sku, if_unbound: true }] })).json
  await app.call('POST', '/v1/listings/bind', { key, body: [{ connection: 'c_plain', listing_key: 'a', sku: 'HOLDER-W' }] })
  await app.hub.pool.query('delete from listing_dirty')
  expect(await bind('a', 'DOILY-36')).toMatchObject({ bound: 0, order_ids: [] })
  expect(await bind('c', 'HOSE')).toMatchObject({ bound: 1 })
  const { rows } = await app.hub.pool.query(
    `select listing_key, sku, (select count(*)::int from listing_dirty d where d.listing_key = l.listing_key) as dirty from listings l where sku is not null order by 1`,
  )
  expect(rows).toEqual([
    { listing_key: 'a', sku: 'HOLDER-W', dirty: 0 },
    { listing_key: 'c', sku: 'HOSE', dirty: 1 },
  ])
})
