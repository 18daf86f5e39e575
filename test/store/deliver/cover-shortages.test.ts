import { afterAll, beforeAll, expect, it } from 'vitest'
import { coverShortages } from '../../../src/deliver/cover-shortages.ts'
import { setStock } from '../../../src/deliver/stock.ts'
import { ingest } from '../../../src/normalize/ingest.ts'
import { openHub, type PromiseHub } from '../../promises/open-hub.ts'
import { incoming } from '../../support/builders.ts'

let hub: PromiseHub
beforeAll(async () => {
  hub = await openHub()
  await hub.pool.query(`insert into skus (sku) values ('TEA') on conflict do nothing`)
})
afterAll(() => hub.close())

const count = (onHand: number): Promise<unknown> =>
  setStock({ pool: hub.pool, actor: 'test', now: new Date() }, [{ sku: 'TEA', location: 'main', onHand: String(onHand) }])
const order = (no: string, qty: number, second = 0): Promise<unknown> =>
  ingest(hub, hub.context, [incoming({ no, at: `2026-11-10T00:00:0${second}Z`, qty })])
const waiting = async (): Promise<readonly string[]> =>
  (await hub.rows<{ no: string }>(`select channel_order_no as no from orders where approval = 'held' order by 1`)).map(({ no }) => no)
const look = (): Promise<number> => coverShortages({ pool: hub.pool, now: new Date() })

it('lets orders go on one after the other as their goods come, and tells the feed', async () => {
  await count(1)
  await order('S1', 1)
  await order('S2', 2)
  await order('S3', 3)
  expect(await waiting()).toEqual(['S2', 'S3'])
  expect(await look()).toBe(0)
  await count(3)
  const before = await hub.value<number>('select count(*)::int from feed')
  expect(await look()).toBe(1)
  expect(await waiting()).toEqual(['S3'])
  expect(await hub.value<number>('select count(*)::int from feed')).toBe(before + 1)
  expect(await hub.value<string>(`select released_by from holds where released_at is not null`)).toBe('stock')
  expect(await look()).toBe(0)
  await count(6)
  expect(await look()).toBe(1)
  expect(await waiting()).toEqual([])
})

it('leaves pieces alone that are on sale under quota', async () => {
  await count(6)
  await hub.pool.query(
    `insert into escrows (connection_id, listing_key, sku, units, since, restocks, checked_at) values ('c_plain', 'shelf', 'TEA', 4, now(), true, now())`,
  )
  await order('S4', 1, 1)
  await count(10)
  expect(await waiting()).toEqual(['S4'])
  expect(await look()).toBe(0)
  await hub.pool.query('update escrows set units = 3')
  expect(await look()).toBe(1)
  expect(await waiting()).toEqual([])
})
