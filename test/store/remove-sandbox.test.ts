import { afterAll, beforeAll, expect, it } from 'vitest'
import { ingest } from '../../src/normalize/ingest.ts'
import { removeSandbox } from '../../src/store/edit/remove-sandbox.ts'
import { incoming, stockOf, testHub, type TestHub } from '../support/builders.ts'
import { freshDatabase, type TestDatabase } from '../support/db.ts'

let database: TestDatabase
let hub: TestHub

beforeAll(async () => {
  database = await freshDatabase()
  hub = await testHub(database.url)
  await hub.pool.query(`insert into connections (id, channel, name, sandbox) values ('c_box', 'plain', 'Sandbox shop', true)`)
  await stockOf(hub.pool, 'TEA', 10)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

const arrive = (connectionId: string, no: string) =>
  ingest(hub, { ...hub.context, connectionId, sandbox: connectionId === 'c_box' }, [incoming({ no, at: '2026-11-01T00:00:00Z' })])

async function left(): Promise<Record<string, number>> {
  const { rows } = await hub.pool.query<Record<string, number>>(
    `select (select count(*) from orders where connection_id = 'c_box')::int as sandbox, (select count(*) from raw_events where connection_id = 'c_box')::int as raw,
       (select count(*) from feed where connection_id = 'c_box')::int as feed, (select count(*) from orders where connection_id <> 'c_box')::int as real,
       (select sum(reserved) from stock)::int as reserved`,
  )
  return rows[0] ?? {}
}

it('removes the sandbox with what it held in stock, and leaves real connections alone', async () => {
  await arrive(hub.context.connectionId, 'R1')
  await arrive('c_box', 'S1')
  expect(await left()).toEqual({ sandbox: 1, raw: 1, feed: 1, real: 1, reserved: 2 })
  expect(await removeSandbox(hub.pool)).toEqual({ connections: ['c_box'], orders: 1 })
  expect(await left()).toEqual({ sandbox: 0, raw: 0, feed: 0, real: 1, reserved: 1 })
})

it('leaves no lines, versions or personal data of an order that is gone', async () => {
  const { rows } = await hub.pool.query<Record<string, number>>(
    `select t.name, count(*)::int as n, count(*) filter (where o.id is null)::int as orphans
       from (select 'lines' as name, order_id from order_lines union all select 'parties', order_id from order_parties union all select 'versions', order_id from order_versions) t
       left join orders o on o.id = t.order_id group by 1 order by 1`,
  )
  expect(rows).toEqual(['lines', 'parties', 'versions'].map((name) => ({ name, n: 1, orphans: 0 })))
})

it('also takes what a round wrote that was under way', async () => {
  await arrive('c_box', 'S2')
  expect(await left()).toMatchObject({ sandbox: 1, reserved: 2 })
  expect(await removeSandbox(hub.pool, ['c_box'])).toEqual({ connections: ['c_box'], orders: 1 })
  expect(await left()).toEqual({ sandbox: 0, raw: 0, feed: 0, real: 1, reserved: 1 })
})
