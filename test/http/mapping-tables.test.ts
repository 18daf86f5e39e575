import { readSheet } from 'read-excel-file/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { renderTable } from '../../src/kit/files/write-table.ts'
import { type Answer, type HubApp, hubApp } from './hub-app.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['failures:read', 'replay'])
  await app.call('PATCH', '/v1/mappings/c_plain/draft', {
    key,
    body: {
      rules: [
        { kind: 'word', field: 'status', from: 'odd', to: 'open', reason: 'As agreed' },
        { kind: 'word', field: 'status', from: '-1', to: 'cancelled' },
        { kind: 'word', field: 'pay_type', from: 'odd', to: 'cash' },
        { kind: 'carrier', from: 'SF', to: '=HYPERLINK("x")' },
        { kind: 'place', from: '＝W1', to: 'main' },
        { kind: 'place', from: 'main', to: 'main' },
      ],
      settings: {},
    },
  })
})
afterAll(() => app.close())

const upload = async (query: string, bytes: Uint8Array<ArrayBuffer> | string, name = 'table.csv', as = key): Promise<Answer> => {
  const form = new FormData()
  form.set('file', new File([bytes], name))
  return app.send(`/v1/mappings/c_plain/table/parse?${query}`, { method: 'POST', body: form, headers: { authorization: `Bearer ${as}` } })
}
const file = async (query: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await (await app.fetch(`/v1/mappings/c_plain/table?${query}`, { headers: { authorization: `Bearer ${key}` } })).arrayBuffer())

it('comes out as CSV and XLSX with nothing a spreadsheet would run, and goes in again unchanged', async () => {
  const csv = new TextDecoder().decode(await file('kind=carrier'))
  expect(csv).toContain(`"'=HYPERLINK(""x"")"`)
  expect(await readSheet(Buffer.from(await file('field=status&format=xlsx')))).toEqual([
    ['from', 'to', 'reason'],
    ['odd', 'open', 'As agreed'],
    ['-1', 'cancelled', null],
  ])
  for (const [query, rules] of [
    ['field=status', 2],
    ['field=status&format=xlsx', 2],
    ['kind=carrier', 1],
    ['kind=carrier&format=xlsx', 1],
    ['kind=place', 2],
    ['kind=place&format=xlsx', 2],
  ] as const) {
    const { json } = await upload(query.replace(/&format=\w+/, ''), await file(query), 'x')
    expect([query, json.rules.length, json.unchanged, json.added, json.changed, json.removed, json.refused]).toEqual([
      query,
      rules,
      rules,
      [],
      [],
      [],
      [],
    ])
  }
})

it('says what a file would change, and what of it cannot be read, by row; nothing is stored', async () => {
  const before = (await app.call('GET', '/v1/mappings/c_plain', { key })).text
  const rows = 'Key;Value;备注\n0012;open;\nodd;shipped;really\n;x;\nsame;same;\n\n1.2E+18;open;\n0012;cancelled;\nx;;\n"a\u0007b";open;'
  const merged = (await upload('field=status', rows)).json
  expect(merged).toMatchObject({
    added: [{ from: '0012', to: 'open' }],
    changed: [{ from: 'odd', before: 'open', to: 'shipped' }],
    removed: [],
    unchanged: 0,
    rules: [
      { kind: 'word', field: 'status', from: '0012', to: 'open' },
      { kind: 'word', field: 'status', from: 'odd', to: 'shipped', reason: 'really' },
    ],
  })
  expect(merged.refused.map(({ row, message }: { row: number; message: string }) => `${row} ${message.slice(0, 20)}`)).toEqual([
    '4 The key is empty.',
    '5 Both are the same: t',
    '7 The spreadsheet has ',
    '8 "0012" occurs twice.',
    '9 The value is empty.',
    '10 from: contains contr',
  ])
  expect(merged.refused.map(({ code }: { code: string }) => code)).toEqual([
    'key-empty',
    'changes-nothing',
    'became-number',
    'key-twice',
    'value-empty',
    'cell-unreadable',
  ])
  expect((await upload('field=status&replace=1', rows)).json.removed).toEqual([{ from: '-1', to: 'cancelled' }])
  expect((await app.call('GET', '/v1/mappings/c_plain', { key })).text).toBe(before)
})

it('binds places to locations there are, by id or by a name only one has', async () => {
  await app.hub.pool.query(`insert into locations (id, name) values ('east', 'Depot'), ('west', 'Depot'), ('north', 'North')`)
  const { json } = await upload('kind=place', 'place;location\nW2;east\nW3;North\nW4;Depot\nW5;nowhere\nmain;north\n1.2E+18;east')
  expect(json.added).toEqual([{ from: 'W2', to: 'east' }, { from: 'W3', to: 'north' }]) // prettier-ignore
  expect(json.changed).toEqual([{ from: 'main', before: 'main', to: 'north' }])
  expect(json.refused.map(({ row, code, value }: { row: number; code: string; value: string }) => [row, code, value])).toEqual([
    [4, 'location-unknown', 'Depot'],
    [5, 'location-unknown', 'nowhere'],
    [7, 'became-number', '1.2E+18'],
  ])
})

it('names rows as the file counts them, also behind empty ones', async () => {
  const xlsx = await renderTable(
    'xlsx',
    ['from', 'to'],
    [
      ['a', 'b'],
      ['', ''],
      ['c', ''],
    ],
  )
  expect((await upload('field=status', new Uint8Array(xlsx), 't.xlsx')).json.refused).toEqual([
    { row: 4, column: null, code: 'value-empty', value: '', message: 'The value is empty.' },
  ])
})

it('takes no other file, no other table and no other person', async () => {
  expect((await upload('field=status', 'a,b\n1,2')).json.code).toBe('column-missing')
  expect((await upload('', 'from,to\n1,2')).json.errors[0].pointer).toBe('?field')
  expect((await upload('field=status', `from,to\n${'a,b\n'.repeat(1001)}`)).json.code).toBe('file-too-long')
  expect((await upload('field=status', 'from,to\na,b', 'x.csv', await app.key(['failures:read']))).status).toBe(403)
  expect((await upload('field=status', 'from,to\na,b', 'x.csv', await app.key(['replay'], ['c_other']))).status).toBe(404)
})
