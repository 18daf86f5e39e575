import { readdirSync, readlinkSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import writeWorkbook from 'write-excel-file/node'
import { FileFormat, parseFieldMap } from '../../../src/core/field-map.ts'
import type { FieldMap } from '../../../src/core/field-map.ts'
import { parseFile } from '../../../src/kit/files/parse-file.ts'
import { readFileTable } from '../../../src/kit/files/read-file.ts'
import { bytesSource, pathSource } from '../../../src/kit/files/source.ts'
import type { FileRow } from '../../../src/kit/files/table.ts'
import { zipOf } from './zip.ts'

const format = (value: object = {}): FieldMap['format'] => FileFormat.parse(value)

async function table(
  bytes: Uint8Array | string,
  options: { readonly name?: string; readonly format?: object } = {},
): Promise<{ type: string; encoding: string; columns: readonly string[]; rows: readonly FileRow[]; cells: readonly (readonly string[])[] }> {
  const source = bytesSource(options.name ?? 'a.csv', typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
  const { scan, table: opened } = await readFileTable(source, format(options.format))
  const rows: FileRow[] = []
  for await (const slice of opened.rows()) rows.push(...slice)
  return { type: scan.type, encoding: scan.encoding, columns: opened.columns, rows, cells: rows.map((row) => row.cells) }
}

const map = (value: object = {}): FieldMap =>
  parseFieldMap({
    documentKey: ['no'],
    order: { placedAt: { columns: ['at'], optional: true }, payment: { const: 'paid' } },
    line: { quantity: { columns: ['qty'] }, channelSku: { columns: ['sku'] }, unitPrice: { const: '1' } },
    ...value,
  })

async function parsed(
  text: string | Uint8Array,
  options: { readonly map?: FieldMap; readonly name?: string } = {},
): Promise<
  readonly {
    id: string
    kind: string
    rows: readonly (readonly string[])[]
    rowNos: readonly number[]
    problem: string | undefined
    payload: string
  }[]
> {
  const file = await parseFile(bytesSource(options.name ?? 'a.csv', typeof text === 'string' ? Buffer.from(text) : text), {
    fieldMap: options.map ?? map(),
  })
  const all = []
  for await (const batch of file.batches()) {
    for (const { record, document, rowNos } of batch.records)
      all.push({
        id: record.externalId,
        kind: record.kind,
        rows: document.rows,
        rowNos,
        problem: document.problems?.[0]?.code,
        payload: record.payload,
      })
  }
  return all
}

describe('encodings', () => {
  const text = '订单编号,收货人\nA1,张三\nA2,李四\n'
  it('reads UTF-8 with and without a byte order mark', async () => {
    expect((await table(`\ufeff${text}`)).columns).toEqual(['订单编号', '收货人'])
    expect((await table(text)).encoding).toBe('utf-8')
  })
  it.each(['utf-16le', 'utf-16be'])('reads %s with a byte order mark', async (encoding) => {
    const read = await table(iconv.encode(text, encoding, { addBOM: true }))
    expect(read.encoding).toBe(encoding)
    expect(read.cells).toEqual([
      ['A1', '张三'],
      ['A2', '李四'],
    ])
  })
  it('recognises UTF-16 without a byte order mark', async () => {
    expect((await table(iconv.encode('no,name\nA1,Smith\nA2,Jones\n', 'utf-16le'))).cells).toEqual([
      ['A1', 'Smith'],
      ['A2', 'Jones'],
    ])
  })
  it('recognises GBK and GB18030, also when the first Chinese character comes late', async () => {
    const late = `no,name\n${'A,plain\n'.repeat(20_000)}B,张三\n`
    const read = await table(iconv.encode(late, 'gb18030'))
    expect(read.encoding).toBe('gb18030')
    expect(read.cells.at(-1)).toEqual(['B', '张三'])
  })
  it('tells Western code pages from GBK', async () => {
    const read = await table(iconv.encode('no,name,price\nA1,Café Müller,£5\nA2,Señor Ürün,£6\n', 'windows-1252'))
    expect(read.encoding).toBe('windows-1252')
    expect(read.cells[0]).toEqual(['A1', 'Café Müller', '£5'])
  })
  it('holds a row whose bytes cannot be decoded instead of storing question marks', async () => {
    const bytes = Buffer.concat([Buffer.from('no,name\nA1,'), Buffer.from([0xff, 0x80]), Buffer.from('\nA2,ok\n')])
    const read = await table(bytes, { format: { encoding: 'utf-8' } })
    expect(read.rows.map((row) => row.problem?.code)).toEqual(['row-broken-text', undefined])
  })
})

describe('CSV forms', () => {
  it.each([
    [',', 'a,b\n1,2\n'],
    [';', 'a;b\n1;2,5\n'],
    ['\t', 'a\tb\n1\t2\n'],
    ['|', 'a|b\n1|2\n'],
  ])('finds the delimiter %j', async (_, text) => {
    expect((await table(text)).columns).toEqual(['a', 'b'])
  })
  it('does not count separators inside quotes', async () => {
    expect((await table('"a,x,y,z";b\n"1,2,3,4";2\n')).columns).toEqual(['a,x,y,z', 'b'])
  })
  it.each([['\r'], ['\n'], ['\r\n']])('reads lines that end with %j', async (end) => {
    expect((await table(['a,b', '1,2', '3,"x"', ''].join(end))).cells).toEqual([
      ['1', '2'],
      ['3', 'x'],
    ])
  })
  it('keeps line breaks and quotes inside cells, leading zeros, long ids and blanks verbatim', async () => {
    expect((await table('a,b,c\n"x\n""y""",007, 123456789012345678 \n')).cells).toEqual([['x\n"y"', '007', ' 123456789012345678 ']])
  })
  it('reports an unclosed quote with its row, keeps the rows before it and the text it swallowed', async () => {
    const rows = await parsed('no,sku,qty\nA1,x,1\nA2,"y,1\nA3,z,1\n')
    expect(rows.map((row) => [row.id.replace(/^[0-9a-f]{16}/, 'sha'), row.problem, row.rowNos])).toEqual([
      ['A1', undefined, [2]],
      ['sha:row-3', 'quote-not-closed', [3]],
    ])
    expect(rows[1]?.rows[0]?.[0]).toBe('A2,"y,1\nA3,z,1\n')
  })
  it('stops at a 5 MB record instead of growing with it', async () => {
    const rows = await parsed(`no,sku,qty\nA1,x,1\nA2,"${'y'.repeat(5_000_000)}`)
    expect(rows.at(-1)?.problem).toBe('row-too-large')
    expect(rows.at(-1)?.payload.length).toBeLessThan(200_000)
  })
  it('refuses a million columns', async () => {
    await expect(table(`${Array.from({ length: 100_000 }, (_, i) => `c${i}`).join(',')}\n1\n`)).rejects.toMatchObject({
      code: 'file-too-many-columns',
    })
  })
  it('holds ragged rows: too long always, too short unless the field map pads them', async () => {
    const text = 'no,sku,qty\nA1,x,1\nA2,tea, green,1\nA3,y\n'
    expect((await parsed(text)).map((row) => row.problem)).toEqual([undefined, 'row-too-long', 'row-too-short'])
    expect((await table(text, { format: { shortRows: 'pad' } })).rows[2]).toEqual({ rowNo: 4, cells: ['A3', 'y', ''] })
  })
  it('drops blank headings and blank cells at the end, and skips blank rows without losing count', async () => {
    const read = await table('a,b,,\n1,2,,\n\n,,,\n3,4,,\n')
    expect(read.columns).toEqual(['a', 'b'])
    expect(read.rows).toEqual([
      { rowNo: 2, cells: ['1', '2'] },
      { rowNo: 5, cells: ['3', '4'] },
    ])
  })
  it('refuses a column the field map uses when the file has it twice, and tolerates others', async () => {
    await expect(parsed('no,sku,sku,qty\nA1,x,y,1\n')).rejects.toMatchObject({ code: 'file-column-ambiguous' })
    expect(await parsed('no,sku,note,note,qty\nA1,x,n,m,1\n')).toHaveLength(1)
  })
  it('names missing columns and what the file has instead', async () => {
    await expect(parsed('order,sku\nA1,x\n')).rejects.toMatchObject({ code: 'file-columns-missing', details: { missing: ['no', 'qty'] } })
  })
  it('matches headings in full-width letters and with stray blanks', async () => {
    expect(await parsed('ｎｏ ,  sku,qty\nA1,x,1\n')).toHaveLength(1)
  })
  it('takes the header from another row when told', async () => {
    expect((await table('Report of today\n\nno,name\n1,x\n', { format: { headerRow: 3 } })).rows).toEqual([{ rowNo: 4, cells: ['1', 'x'] }])
  })
  it('reads gzip and refuses a damaged one', async () => {
    expect((await table(gzipSync('a,b\n1,2\n'), { name: 'a.csv.gz' })).cells).toEqual([['1', '2']])
    expect((await table(gzipSync('a,b\n1,2\n'), { name: 'f_01' })).cells).toEqual([['1', '2']])
    await expect(table(gzipSync('a,b\n1,2\n').subarray(0, 20), { name: 'a.csv.gz' })).rejects.toMatchObject({ code: 'file-unreadable' })
  })
  it.skipIf(process.platform !== 'linux')('leaves no file open (seen through /proc, so on Linux only) when it is read in part only', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'files-open-'))
    const opened = (): number =>
      readdirSync('/proc/self/fd')
        .map((fd) => {
          try {
            return readlinkSync(`/proc/self/fd/${fd}`)
          } catch {
            return ''
          }
        })
        .filter((path) => path.startsWith(folder)).length
    for (const [name, bytes] of [
      ['a.csv', Buffer.from(`no,v\n${'A,1\n'.repeat(500_000)}`)],
      ['a.csv.gz', gzipSync(`no,v\n${'A,1\n'.repeat(500_000)}`)],
    ] as const) {
      await writeFile(join(folder, name), bytes)
      const { table: opening } = await readFileTable(pathSource(join(folder, name)), format())
      for await (const rows of opening.rows()) {
        expect(rows.length).toBeGreaterThan(0)
        break
      }
      await expect.poll(opened).toBe(0)
    }
    await rm(folder, { recursive: true })
  })
  it('holds a row with a NUL', async () => {
    expect((await parsed(`no,sku,qty\nA1,x\u0000,1\n${'A2,tea,1\n'.repeat(20)}`)).map((row) => row.problem)).toEqual(['row-broken-text', undefined])
  })
})

describe('what is not a table', () => {
  it.each([
    ['file-empty', ''],
    ['file-empty', ' \n \n'],
    ['file-is-html', '<!DOCTYPE html><html><body>502 Bad Gateway</body></html>'],
    ['file-is-html', '\n<html lang="en"><head></head></html>'],
    ['file-wrong-type', '%PDF-1.7 …'],
    ['file-wrong-type', 'a\u0001b\u0000c\u0002,d'],
  ])('refuses it as %s', async (code, text) => {
    await expect(table(text)).rejects.toMatchObject({ code })
  })
  it('refuses an old .xls with the way out', async () => {
    await expect(table(Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 1, 2]), { name: 'a.xls' })).rejects.toThrow(/\.xlsx or CSV/)
  })
})

describe('documents', () => {
  it('joins rows that do not stand together and keeps genuine duplicates', async () => {
    const rows = await parsed('no,sku,qty\nA1,x,1\nA2,y,1\nA1,x,1\nA1,x,1\n')
    expect(rows.map((row) => [row.id, row.rowNos])).toEqual([
      ['A2', [3]],
      ['A1', [2, 4, 5]],
    ])
    expect(rows[1]?.rows).toHaveLength(3)
  })
  it('gives a row without a key, or with a key a spreadsheet destroyed, a document of its own', async () => {
    const rows = await parsed('no,sku,qty\n,x,1\n1.23E+18,x,1\n1.23E+18,y,1\n')
    expect(rows.map((row) => row.id.slice(16))).toEqual([':row-2', ':row-3', ':row-4'])
    expect(await parsed('no,sku,qty\n,x,1\n1.23E+18,x,1\n1.23E+18,y,1\n')).toEqual(rows)
  })
  it('makes the same payload of the same order wherever it stands in a file', async () => {
    const [first] = await parsed('no,sku,qty\nA1,x,1\n')
    const second = (await parsed('no,sku,qty\nA0,q,1\nA1,x,1\n')).find((row) => row.id === 'A1')
    expect(second?.payload).toBe(first?.payload)
  })
  it('resumes after a document with exactly the rest', async () => {
    const text = `no,sku,qty\n${Array.from({ length: 50 }, (_, i) => `A${i},x,1`).join('\n')}\n`
    const file = await parseFile(bytesSource('a.csv', Buffer.from(text)), { fieldMap: map(), batchDocuments: 7 })
    const ids: string[] = []
    for await (const batch of file.batches(21)) ids.push(...batch.records.map((one) => one.record.externalId))
    expect(ids).toEqual(Array.from({ length: 29 }, (_, i) => `A${i + 21}`))
  })
})

describe('XLSX', () => {
  const workbook = (rows: readonly (readonly (string | number | Date | null)[])[]): Promise<Buffer> =>
    writeWorkbook(
      rows.map((row) =>
        row.map((value) =>
          value instanceof Date
            ? { value, type: Date, format: 'yyyy-mm-dd hh:mm' }
            : typeof value === 'number'
              ? { value, type: Number }
              : { value: value ?? '', type: String },
        ),
      ),
    ).toBuffer()

  it('keeps text ids with all digits and leading zeros, gives dates as the local time they show, numbers as seen', async () => {
    const read = await table(
      await workbook([
        ['no', 'zip', 'at', 'price'],
        ['1234567890123456789', '00420', new Date('2025-11-12T08:30:00Z'), 19.99],
        ['2', '', new Date('2025-11-13T00:00:00Z'), 0.1 + 0.2],
      ]),
      { name: 'a.xlsx' },
    )
    expect(read.type).toBe('xlsx')
    expect(read.cells).toEqual([
      ['1234567890123456789', '00420', '2025-11-12 08:30:00', '19.99'],
      ['2', '', '2025-11-13 00:00:00', '0.3'],
    ])
  })
  it('refuses a ZIP bomb by its real size, not the declared one', async () => {
    const bomb = zipOf([{ name: 'xl/worksheets/sheet1.xml', packed: deflateRawSync(Buffer.alloc(200_000_000)), declaredSize: 10 }])
    expect(bomb.length).toBeLessThan(1_000_000)
    await expect(table(bomb, { name: 'a.xlsx' })).rejects.toMatchObject({ code: 'file-unsafe-archive' })
  })
  it.each([['../../etc/passwd'], ['/etc/passwd'], ['xl\\..\\..\\x'], ['inner.zip']])('refuses an archive that holds %j', async (name) => {
    await expect(table(zipOf([{ name, packed: deflateRawSync(Buffer.from('x')), declaredSize: 1 }]), { name: 'a.xlsx' })).rejects.toMatchObject({
      code: 'file-unsafe-archive',
    })
  })
  it('refuses too many entries, a cut-off file and a ZIP that is no workbook', async () => {
    const many = zipOf(Array.from({ length: 2001 }, (_, i) => ({ name: `f${i}.xml`, packed: deflateRawSync(Buffer.from('x')), declaredSize: 1 })))
    await expect(table(many, { name: 'a.xlsx' })).rejects.toMatchObject({ code: 'file-unsafe-archive' })
    const good = await workbook([['a'], ['1']])
    await expect(table(good.subarray(0, good.length - 30), { name: 'a.xlsx' })).rejects.toMatchObject({ code: 'file-unsafe-archive' })
    await expect(
      table(zipOf([{ name: 'readme.txt', packed: deflateRawSync(Buffer.from('x')), declaredSize: 1 }]), { name: 'a.xlsx' }),
    ).rejects.toMatchObject({ code: 'file-unreadable' })
  })
})

describe('JSON', () => {
  const json = { type: 'json', lines: 'items' }
  it('makes one row per line, repeats the order on each and keeps 18-digit numbers', async () => {
    const read = await table(
      '{"orders":[{"no":123456789012345678,"buyer":{"zip":"00420"},"items":[{"sku":"a","qty":1},{"sku":"b","qty":2.50}]}],"page":1}',
      { format: json },
    )
    expect(read.columns).toEqual(['no', 'buyer.zip', 'items.sku', 'items.qty'])
    expect(read.cells).toEqual([
      ['123456789012345678', '00420', 'a', '1'],
      ['123456789012345678', '00420', 'b', '2.5'],
    ])
  })
  it('reads one document per line', async () => {
    expect((await table('{"no":"1","items":[{"sku":"a"}]}\n{"no":"2","items":[]}\n', { format: json })).cells).toEqual([
      ['1', 'a'],
      ['2', ''],
    ])
  })
  it('makes a payload that does not depend on the other documents of the file', async () => {
    const fieldMap = map({
      format: { lines: 'items' },
      line: { quantity: { columns: ['items.qty'] }, channelSku: { columns: ['items.sku'] }, unitPrice: { const: '1' } },
    })
    const [alone] = await parsed('[{"no":"1","items":[{"sku":"a","qty":1}]}]', { map: fieldMap, name: 'a.json' })
    const beside = (
      await parsed('[{"no":"0","note":"x","items":[{"qty":1,"sku":"z"}]},{"no":"1","items":[{"sku":"a","qty":1}]}]', {
        map: fieldMap,
        name: 'b.json',
      })
    ).find((row) => row.id === '1')
    expect(beside?.payload).toBe(alone?.payload)
  })
  it('refuses broken and bottomless JSON', async () => {
    await expect(table('{"orders":[{"no":1', { format: json })).rejects.toMatchObject({ code: 'file-unreadable' })
    await expect(table(`${'['.repeat(5000)}${']'.repeat(5000)}`, { format: json })).rejects.toMatchObject({ code: 'file-unreadable' })
    await expect(table('{"orders":3}', { format: { type: 'json', documents: 'orders' } })).rejects.toMatchObject({ code: 'file-no-documents' })
  })
})

describe('XML', () => {
  const xml = { documents: 'orders.order', lines: 'lines.line' }
  it('reads one and several elements alike, with attributes, CDATA, namespaces and processing instructions', async () => {
    const one =
      '<?xml version="1.0"?><?style x?><orders xmlns="urn:x"><order id="007"><no>1</no><lines><line><sku>a</sku><t><![CDATA[<b>&]]></t></line></lines></order></orders>'
    expect((await table(one, { format: xml })).cells).toEqual([['007', '1', 'a', '<b>&']])
    const two = one.replace('</lines>', '<line><sku>b</sku></line></lines>')
    expect((await table(two, { format: xml })).columns).toEqual(['$.id', 'no', 'lines.line.sku', 'lines.line.t'])
    expect((await table(two, { format: xml })).cells).toEqual([
      ['007', '1', 'a', '<b>&'],
      ['007', '1', 'b', ''],
    ])
  })
  it('reads the encoding its declaration names', async () => {
    const text = '<?xml version="1.0" encoding="GB18030"?><orders><order><no>张</no></order></orders>'
    expect((await table(iconv.encode(text, 'gb18030'), { format: { documents: 'orders.order' } })).cells).toEqual([['张']])
  })
  it.each([
    ['an outside entity', '<!DOCTYPE o [<!ENTITY x SYSTEM "file:///etc/passwd">]><orders><order><no>&x;</no></order></orders>'],
    ['an inner entity', '<!DOCTYPE o [<!ENTITY x "y">]><orders><order><no>&x;</no></order></orders>'],
    ['two roots', '<orders><order><no>1</no></order></orders><orders/>'],
    ['ten thousand levels', `${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}`],
    ['a NUL', '<orders><order><no>\u0000</no></order></orders>'],
    ['a cut-off document', '<orders><order><no>1</no>'],
    ['more than 2 MB', `<orders>${'<order><no>1</no></order>'.repeat(90_000)}</orders>`],
  ])('refuses %s', async (_, text) => {
    await expect(table(text, { format: { ...xml, type: 'xml' } })).rejects.toMatchObject({ name: 'DomainError' })
  })
  it('gives names such as __proto__ no power', async () => {
    const read = await table('<orders><order><no>1</no><__proto__><x>y</x></__proto__><hasOwnProperty>z</hasOwnProperty></order></orders>', {
      format: { documents: 'orders.order' },
    })
    expect(read.columns).toContain('hasOwnProperty')
    expect(Object.keys(Object.prototype)).toEqual([])
  })
})
