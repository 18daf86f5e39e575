import { afterAll, beforeAll, expect, it } from 'vitest'
import { stockLedger } from '../../src/store/read/stock.ts'
import { standingRules } from '../../src/store/overrides/write-version.ts'
import { openFailures } from '../../src/store/deliver/open-failure.ts'
import { noteFailure } from '../../src/store/edit/failures.ts'
import { failureNotes } from '../../src/store/read/failures.ts'
import { type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
beforeAll(async () => {
  app = await hubApp()
})
afterAll(() => app.close())

/** The next rows get the numbers 99, 100 and 101: read as text the first would be the greatest. */
const fromNinetyNine = (table: string) => app.hub.pool.query(`select setval(pg_get_serial_sequence($1, 'id'), 98)`, [table])

it('puts what was done to a failure last on top, also where the numbers grow by a digit', async () => {
  const { pool } = app.hub
  await openFailures(pool, [
    {
      connectionId: 'c_plain',
      channel: 'plain',
      operation: 'pull',
      subjectKind: 'stream',
      subjectId: 'c_plain/orders',
      fault: { kind: 'refused', code: 'odd', message: 'No.' },
    },
  ])
  const { rows } = await pool.query<{ id: string }>('select id::text from failure_groups limit 1')
  const group = rows[0]?.id ?? ''
  await fromNinetyNine('failure_notes')
  for (const text of ['first', 'second', 'third']) await noteFailure(pool, group, { kind: 'note', text, author: 'user:mei' })
  expect((await failureNotes(pool, group, 2)).map(({ id, text }) => `${id} ${text}`)).toEqual(['101 third', '100 second'])
})

it('puts the last entry of a SKU on top of its ledger', async () => {
  await fromNinetyNine('stock_ledger')
  await app.hub.pool.query(`insert into skus (sku) values ('TEA')`)
  const key = await app.key(['admin'])
  for (const on_hand of ['10', '12', '14'])
    await app.call('POST', '/v1/stock', {
      key,
      body: { items: [{ sku: 'TEA', location: 'main', on_hand, as_of: new Date().toISOString(), ref: `count ${on_hand}` }] },
    })
  const ids = (await stockLedger(app.hub.pool, 'TEA')).map(({ id }) => Number(id))
  expect(ids.length).toBeGreaterThan(1)
  expect(ids).toEqual(ids.toSorted((a, b) => b - a))
  expect(ids).toContain(99)
})

it('reads rules the oldest first', async () => {
  await fromNinetyNine('overrides')
  const key = await app.key(['admin'])
  for (const from of ['a', 'b', 'c'])
    await app.call('POST', '/v1/overrides', {
      key,
      body: { kind: 'word', connection: 'c_plain', field: 'status', from, to: 'open', reason: 'as agreed' },
    })
  expect((await standingRules(app.hub.pool, 'c_plain')).map(({ id, from }) => `${id} ${from}`)).toEqual(['99 a', '100 b', '101 c'])
})
