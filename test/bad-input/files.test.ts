import { readdirSync } from 'node:fs'
import { deflateRawSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import iconv from 'iconv-lite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mappings } from '../../mappings/index.ts'
import { openImport } from '../../src/app/files.ts'
import { DomainError } from '../../src/core/fault.ts'
import { type ImportReport, type RowReport, importFile } from '../../src/intake/files/import-file.ts'
import { csvText } from '../../src/kit/files/write-table.ts'
import { type FileSource, bytesSource } from '../../src/kit/files/source.ts'
import { parseXml } from '../../src/kit/xml.ts'
import { ingest } from '../../src/normalize/ingest.ts'
import { type HubApp, hubApp } from '../http/hub-app.ts'
import { zipOf } from '../unit/files/zip.ts'
import { expectRefusal } from './problem.ts'
import { stateOf } from './state.ts'

let app: HubApp
let key: string
beforeAll(async () => {
  app = await hubApp()
  key = await app.key(['admin'])
  await app.hub.pool.query(
    `insert into connections (id, channel, name, timezone, currency) values ('c_files', 'files', 'files', 'Asia/Shanghai', 'CNY')`,
  )
})
afterAll(() => app.close())

/** Columns of the preset "generic-orders"; `at` makes each order a new one. */
const HEAD = 'order_no,ordered_at,payment_status,name,sku,quantity,unit_price'
const row = (no: string, over: Partial<Record<'at' | 'name' | 'sku' | 'quantity' | 'price', string>> = {}): string =>
  [no, over.at ?? '2026-11-20 10:00:00', 'paid', over.name ?? '张三', over.sku ?? 'TEA', over.quantity ?? '1', over.price ?? '10.00'].join(',')
const csv = (...rows: readonly string[]): string => [HEAD, ...rows].join('\n')
const source = (content: string | Uint8Array, name = 'orders.csv'): FileSource =>
  bytesSource(name, typeof content === 'string' ? Buffer.from(content) : content)

interface Taken {
  readonly report: ImportReport
  readonly rows: readonly RowReport[]
}

/** Takes a file in as the import job does. */
async function take(file: FileSource, options: { readonly fieldMap?: unknown; readonly mode?: 'all-or-nothing' } = {}): Promise<Taken> {
  const context = {
    connectionId: 'c_files',
    channel: 'files',
    timezone: 'Asia/Shanghai',
    currency: 'CNY',
    config: { fieldMap: options.fieldMap ?? 'generic-orders' },
    sandbox: false,
  }
  const opened = await openImport(file, context)
  const rows: RowReport[] = []
  const report = await importFile({
    read: opened.read,
    append: async (records) => {
      const at = new Date().toISOString()
      const result = await ingest(
        { ...app.hub, mappings },
        context,
        records.map((record) => ({ record, source: 'file' as const, receivedAt: at, readStartedAt: at, authoritative: true })),
      )
      return { appended: records.length - result.unchanged, unchanged: result.unchanged }
    },
    onRow: (one) => void rows.push(one),
    ...(options.mode !== undefined && { mode: options.mode }),
  })
  return { report, rows }
}
const taken = (content: string | Uint8Array, name?: string): Promise<Taken> => take(source(content, name))

/** The file as a whole is refused with this code, and nothing of it is stored. */
async function expectRefused(files: readonly FileSource[], code: string): Promise<void> {
  const before = await stateOf(app.hub.pool)
  for (const file of files) {
    const error = await take(file).catch((thrown: unknown) => thrown)
    expect(error instanceof DomainError ? error.code : error).toBe(code)
    expect(error instanceof Error ? error.message : '').not.toMatch(/\n\s+at |node_modules|root:/)
  }
  expect(await stateOf(app.hub.pool)).toEqual(before)
}

/** What became of one order, as stored. */
async function orderOf(no: string): Promise<Readonly<Record<string, unknown>>> {
  const { rows } = await app.hub.pool.query(`select doc from orders where connection_id = 'c_files' and channel_order_no = $1`, [no])
  return rows[0]?.doc ?? {}
}
async function heldWith(no: string): Promise<string> {
  const { rows } = await app.hub.pool.query(
    `select d.disposition || ' ' || d.reason as what from raw_heads h join raw_dispositions d on d.raw_id = h.raw_id where h.connection_id = 'c_files' and h.external_id like $1`,
    [no],
  )
  return rows[0]?.what ?? 'nothing'
}
const xml = (inner: string): FileSource => source(inner, 'orders.xml')
const upload = async (path: string, name: string, bytes: Uint8Array<ArrayBuffer>, fields: Readonly<Record<string, string>> = {}) => {
  const form = new FormData()
  for (const [field, value] of Object.entries(fields)) form.set(field, value)
  form.set('file', new File([bytes], name))
  return app.send(path, { method: 'POST', headers: { authorization: `Bearer ${key}` }, body: form })
}
const packed = (name: string, content: Buffer): { readonly name: string; readonly packed: Buffer; readonly declaredSize: number } => ({
  name,
  packed: deflateRawSync(content),
  declaredSize: 10,
})

describe('tables', () => {
  it('B-F 57 UTF-8 with a byte order mark, UTF-16, GBK: the same order each time', async () => {
    const text = csv(row('57'))
    const encodings: readonly Uint8Array[] = [
      Buffer.from(text),
      Buffer.from(`\ufeff${text}`),
      iconv.encode(text, 'utf-16le', { addBOM: true }),
      iconv.encode(text, 'utf-16be', { addBOM: true }),
      iconv.encode(text, 'gb18030'),
    ]
    const results = []
    for (const bytes of encodings) results.push((await taken(bytes)).report)
    expect(results.map(({ appended, unchanged, heldBy }) => [appended, unchanged, heldBy.length])).toEqual([
      [1, 0, 0],
      ...Array.from({ length: 4 }, () => [0, 1, 0]),
    ])
    await expectRefused([source(Buffer.concat([Buffer.from(`${HEAD}\n`), Buffer.alloc(400, 1)]))], 'file-wrong-type')
  })

  it('B-F 58 semicolons and tabs', async () => {
    for (const [i, delimiter] of [';', '\t', '|'].entries()) {
      const { report } = await taken(csv(row(`58-${i}`)).replaceAll(',', delimiter))
      expect([delimiter, report.documents, report.heldBy]).toEqual([delimiter, 1, []])
    }
  })

  it('B-F 59 lines that end in CR alone', async () => {
    const { report } = await taken(csv(row('59-1'), row('59-2')).replaceAll('\n', '\r'))
    expect([report.rows, report.documents, report.heldBy]).toEqual([2, 2, []])
  })

  it('B-F 60 a quote that is never closed: the rows before it are used, the rest is held', async () => {
    const { report, rows } = await taken(csv(row('60-1'), `60-2,"never closed`, row('60-3')))
    expect(report.heldBy).toMatchObject([{ code: 'quote-not-closed', documents: 1 }])
    expect(rows.map((one) => [one.rowNo, one.as])).toEqual([
      [2, 'order'],
      [3, 'held'],
    ])
    expect([await orderOf('60-1'), await orderOf('60-3')]).toEqual([expect.objectContaining({ channel_order_no: '60-1' }), {}])
  })

  it('B-F 61 a million columns, a row of 100 MB', async () => {
    await expectRefused([source(`${','.repeat(999_999)}a`)], 'file-too-many-columns')
    const chunk = Buffer.alloc(1_000_000, 'a')
    const endless: FileSource = {
      name: 'row.csv',
      open: async function* () {
        for (let i = 0; i < 100; i += 1) yield chunk
      },
    }
    await expectRefused([endless], 'file-no-header')
  })

  it('B-F 62 ragged rows', async () => {
    const { report } = await taken(csv(row('62-1'), `${row('62-2')},more`, '62-3,2026-11-20', row('62-4')))
    expect(report.heldBy.map((held) => held.code).toSorted()).toEqual(['row-too-long', 'row-too-short'])
    expect([await heldWith('62-2'), await heldWith('62-3')]).toEqual([
      expect.stringMatching(/^held row-too-long/),
      expect.stringMatching(/^held row-too-short/),
    ])
    expect(await orderOf('62-4')).toMatchObject({ channel_order_no: '62-4' })
  })

  it('B-F 63 a heading that occurs twice, and empty headings at the end', async () => {
    await expectRefused([source(`${HEAD},sku\n${row('63')},TEA`)], 'file-column-ambiguous')
    await expectRefused([source('a,b\n1,2')], 'file-columns-missing')
    const { report } = await taken(`${HEAD},,\n${row('63-1')},,`)
    expect([report.documents, report.heldBy]).toEqual([1, []])
  })

  it('B-F 64 cells that a spreadsheet would run: kept as they came, harmless on the way out', async () => {
    const cells = [`=cmd|' /C calc'!A0`, '+1+1', '-1+1', '@SUM(A1)', '\t=1', '\r=1', '=HYPERLINK("http://evil")', '＝1+1']
    for (const [i, cell] of cells.entries()) {
      await take(source(`${HEAD},title\n${row(`64-${i}`)},"${cell.replaceAll('"', '""')}"`))
      const { rows } = await app.hub.pool.query(`select title from order_lines l join orders o on o.id = l.order_id where o.channel_order_no = $1`, [
        `64-${i}`,
      ])
      expect(rows[0].title).toBe(cell.trim())
    }
    const exported = await app.send('/v1/orders.ndjson?format=csv&connection=c_files', { method: 'GET', headers: { authorization: `Bearer ${key}` } })
    const written = csvText(
      ['a', 'b'],
      cells.map((cell) => [cell, '-12.50']),
      true,
    )
    for (const text of [exported.text, written]) {
      const records: string[][] = parse(text, { bom: true, relax_column_count: true })
      expect(records.length).toBeGreaterThanOrEqual(cells.length)
      const running = records.flat().filter((cell) => /^[=+\-@\t\r＝]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell))
      expect(running).toEqual([])
    }
  })

  it('B-F 65 an order number in scientific notation', async () => {
    const { report } = await taken(csv(row('1.23E+18'), row('65-1')))
    expect(report.heldBy).toMatchObject([{ code: 'id-destroyed', documents: 1, firstRow: 2 }])
    expect(await orderOf('65-1')).toMatchObject({ channel_order_no: '65-1' })
  })

  it('B-F 66 leading zeros and eighteen digits stay', async () => {
    await taken(csv(row('00660123456789012345', { sku: '007' })))
    expect(await orderOf('00660123456789012345')).toMatchObject({ lines: [{ channel_sku: '007' }] })
  })

  it('B-F 67 a date that may be three days is held, a date as a spreadsheet counts it is read', async () => {
    const { report } = await taken(
      csv(row('67-1', { at: '11/12/25' }), row('67-2', { at: '45972' }), row('67-3', { at: '2026-02-30' }), row('67-4', { at: 'yesterday' })),
    )
    expect(report.heldBy).toMatchObject([{ code: 'date-unreadable', documents: 3 }])
    expect((await orderOf('67-2'))['placed_at']).toBe('2025-11-10T16:00:00Z')
  })

  it('B-F 68 full-width digits, yen signs, Chinese commas', async () => {
    const { report } = await taken(
      csv(
        row('68-1', { quantity: '１２', price: '￥１０.５０' }),
        row('68-2', { price: '"1，234.50"' }),
        row('68-3', { price: '"1，23"' }),
        row('68-4', { quantity: '一' }),
      ),
    )
    expect(report.heldBy).toMatchObject([{ code: 'number-unreadable', documents: 2 }])
    expect(await orderOf('68-1')).toMatchObject({ totals: { total: { amount: '126.00' } } })
    expect(await orderOf('68-2')).toMatchObject({ totals: { total: { amount: '1234.50' } } })
  })

  it('B-F 69 the same file twice', async () => {
    const file = csv(row('69-1'), row('69-2'))
    expect((await taken(file)).report).toMatchObject({ appended: 2, unchanged: 0 })
    const before = await stateOf(app.hub.pool)
    expect((await taken(file, 'another name.csv')).report).toMatchObject({ appended: 0, unchanged: 2 })
    expect(await stateOf(app.hub.pool)).toEqual(before)
  })

  it('B-F 70 a file that is half valid: a report per row, or nothing at all where that was asked for', async () => {
    const file = csv(row('70-1'), row('70-2', { quantity: 'many' }), row('70-3'))
    const before = await stateOf(app.hub.pool)
    const refused = await take(source(file), { mode: 'all-or-nothing' })
    expect(refused.report).toMatchObject({ stored: false, rows: 3, appended: 0 })
    expect(await stateOf(app.hub.pool)).toEqual(before)
    const { report, rows } = await taken(file)
    expect(report).toMatchObject({ stored: true, appended: 3 })
    expect(rows.map((one) => [one.rowNo, one.document, one.as, one.code])).toEqual([
      [2, '70-1', 'order', ''],
      [3, '70-2', 'held', 'number-unreadable'],
      [4, '70-3', 'order', ''],
    ])
  })
})

describe('archives and names', () => {
  const bombs = (): readonly Buffer[] => [
    zipOf([packed('xl/worksheets/sheet1.xml', Buffer.alloc(200_000_000))]),
    zipOf([packed('inner.zip', Buffer.from('x'))]),
    zipOf([packed('../../etc/passwd', Buffer.from('x'))]),
    zipOf([packed('/etc/passwd', Buffer.from('x'))]),
    zipOf(Array.from({ length: 2001 }, (_, i) => packed(`f${i}.xml`, Buffer.from('x')))),
  ]

  it('B-F 71 a ZIP bomb, an archive in an archive, names that lead out, a workbook that points elsewhere', async () => {
    const archives = bombs()
    await expectRefused(
      archives.map((bytes) => source(bytes, 'orders.xlsx')),
      'file-unsafe-archive',
    )
    const before = await stateOf(app.hub.pool)
    for (const bytes of archives)
      expectRefusal(await upload('/v1/skus/import', 'skus.xlsx', new Uint8Array(bytes)), { status: 422, code: 'file-unsafe-archive' })
    expect(await stateOf(app.hub.pool)).toEqual(before)
    const elsewhere = zipOf([
      packed('xl/externalLinks/externalLink1.xml', Buffer.from('<externalLink/>')),
      packed(
        'xl/externalLinks/_rels/externalLink1.xml.rels',
        Buffer.from('<Relationships><Relationship Target="file:///etc/passwd" TargetMode="External"/></Relationships>'),
      ),
    ])
    await expectRefused([source(elsewhere, 'orders.xlsx')], 'file-unreadable')
  })

  it('B-F 72 a path in the name of a file', async () => {
    const bytes = new TextEncoder().encode(csv(row('72')))
    for (const name of [
      '../../../etc/cron.d/x',
      '..\\..\\windows\\x.csv',
      '/etc/passwd',
      '....//x.csv',
      '\u202egnp.csv',
      'a\u0000b.csv',
      `${'a'.repeat(500)}.csv`,
      '.',
    ]) {
      const answer = await upload('/v1/files', name, new Uint8Array([...bytes, ...new TextEncoder().encode(`\n${name}`)]), { connection: 'c_files' })
      expect([name, answer.status]).toEqual([name, 202])
      expect(answer.json.params.name).toMatch(/^[^/\\\u0000-\u001f\u202a-\u202e]{1,120}$/)
      expect(answer.json.params.name).not.toMatch(/^\.*$/)
    }
    expect(readdirSync(app.deps.settings.filesDir).filter((file) => !/^f_[0-9a-z]+$/.test(file))).toEqual([])
  })
})

describe('documents', () => {
  const order = (inner: string): string => `<?xml version="1.0"?><orders>${inner}</orders>`

  it('B-F 73 outside entities, inside entities, a billion laughs', async () => {
    await expectRefused(
      [
        '<?xml version="1.0"?><!DOCTYPE o [<!ENTITY e SYSTEM "file:///etc/passwd">]><orders><o>&e;</o></orders>',
        '<!DOCTYPE o [<!ENTITY e "inside">]><orders><o>&e;</o></orders>',
        `<!DOCTYPE l [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, i) => `<!ENTITY a${i} "${'&a;'.repeat(10)}">`).join('')}]><l>&a8;</l>`,
        '<!DOCTYPE o SYSTEM "http://127.0.0.1/evil.dtd"><orders/>',
        '<orders><!ENTITY e "x"></orders>',
      ].map(xml),
      'file-unreadable',
    )
  })

  it('B-F 74 ten thousand levels', async () => {
    await expectRefused(
      [xml('<a>'.repeat(10_000) + '</a>'.repeat(10_000)), source(`${'[{"a":'.repeat(10_000)}1${'}]'.repeat(10_000)}`, 'a.json')],
      'file-unreadable',
    )
  })

  it('B-F 75 a million empty nodes', async () => {
    await expectRefused([xml(order('<o/>'.repeat(1_000_000)))], 'file-too-large')
  })

  it('B-F 76 two roots', async () => {
    await expectRefused([xml('<a><b/></a><c/>'), xml(`${order('<o/>')}${order('<o/>')}`.replace(/(.)<\?xml[^>]*>/, '$1'))], 'file-unreadable')
  })

  it('B-F 77 nothing, and nothing but blanks', async () => {
    await expectRefused([xml(''), source('')], 'file-empty')
    await expectRefused([xml(' \n\t '), source('\ufeff')], 'file-empty')
    await expectRefused([xml('<?xml version="1.0"?>'), xml('<!-- nothing -->')], 'file-unreadable')
  })

  it('B-F 78 NUL characters', async () => {
    await expectRefused([xml(order('<o>a\u0000b</o>'))], 'file-unreadable')
    const { report } = await taken(csv(row('78-1', { name: 'a\u0000b' }), row('78-2')))
    expect(report.heldBy).toMatchObject([{ code: 'row-broken-text', documents: 1 }])
    expect(await orderOf('78-2')).toMatchObject({ channel_order_no: '78-2' })
  })

  const fields = { order_no: '', ordered_at: '2026-11-20 10:00:00', payment_status: 'paid', sku: 'TEA', quantity: '1', unit_price: '10' }
  const element = (values: Readonly<Record<string, string>>): string =>
    `<order>${Object.entries(values)
      .map(([name, value]) => `<${name}>${value}</${name}>`)
      .join('')}</order>`

  it('B-F 79 one element and several are read alike', async () => {
    const one = await take(xml(order(element({ ...fields, order_no: '79-1' }))))
    const two = await take(xml(order(element({ ...fields, order_no: '79-1' }) + element({ ...fields, order_no: '79-2' }))))
    expect([one.report, two.report]).toMatchObject([
      { appended: 1, unchanged: 0, heldBy: [] },
      { appended: 1, unchanged: 1, heldBy: [] },
    ])
  })

  it('B-F 80 elements named like members of every object', async () => {
    const names = ['hasOwnProperty', 'constructor', 'toString', '__proto__', 'valueOf']
    const { report } = await take(
      xml(
        order(element({ ...fields, order_no: '80', ...Object.fromEntries(names.filter((name) => name !== '__proto__').map((name) => [name, 'x'])) })),
      ),
    )
    expect([report.documents, report.heldBy]).toEqual([1, []])
    const parsed = await parseXml(`<a><__proto__><isAdmin>1</isAdmin></__proto__><hasOwnProperty>1</hasOwnProperty></a>`)
    expect([Object.keys(parsed), Reflect.get({}, 'isAdmin')]).toEqual([['a'], undefined])
  })

  it('B-F 81 CDATA, namespaces, processing instructions, comments', async () => {
    const inner = element({ ...fields, order_no: '<![CDATA[81-<&>]]>', sku: 'A&amp;B' }).replace(
      '<order>',
      '<!-- <order> --><?php echo 1 ?><order xmlns="urn:x" xmlns:y="urn:y">',
    )
    const { report } = await take(xml(order(inner)))
    expect([report.documents, report.heldBy]).toEqual([1, []])
    expect(await orderOf('81-<&>')).toMatchObject({ lines: [{ channel_sku: 'A&B' }] })
  })

  it('B-F 82 an error page under the name of a data file', async () => {
    const page = '<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>'
    await expectRefused(
      [xml(page), source(page, 'orders.csv'), source(`\n ${page}`, 'orders.json'), source('<html><body>Sign in</body></html>', 'a.xlsx')],
      'file-is-html',
    )
  })
})
