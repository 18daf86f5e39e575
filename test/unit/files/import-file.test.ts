import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openImport, previewFile } from '../../../src/app/files.ts'
import type { RawRecord } from '../../../src/core/connector.ts'
import type { MapContext } from '../../../src/core/mapping.ts'
import { importFile } from '../../../src/intake/files/import-file.ts'
import type { ImportInput, ImportReport, RowReport } from '../../../src/intake/files/import-file.ts'
import { bytesSource } from '../../../src/kit/files/source.ts'

const context: MapContext = { connectionId: 'c1', timezone: 'Asia/Shanghai', currency: 'CNY', config: { fieldMap: 'generic-orders' } }
const HEAD = 'order_no,ordered_at,payment_status,sku,quantity,unit_price\n'

async function imported(
  text: string,
  options: Partial<ImportInput> = {},
): Promise<{ readonly report: ImportReport; readonly stored: readonly RawRecord[]; readonly rows: readonly RowReport[] }> {
  const file = await openImport(bytesSource('a.csv', Buffer.from(text)), context)
  const stored: RawRecord[] = []
  const rows: RowReport[] = []
  const append = async (records: readonly RawRecord[]): Promise<{ appended: number; unchanged: number }> => {
    stored.push(...records)
    return { appended: records.length, unchanged: 0 }
  }
  return { report: await importFile({ read: file.read, append, onRow: (row) => rows.push(row), ...options }), stored, rows }
}

const HALF_VALID = `${HEAD}A1,2026-11-20,paid,x,1,5.00\nA2,2026-11-20,paid,y,two,5.00\nA2,2026-11-20,paid,z,1,5.00\n,2026-11-20,paid,z,1,5.00\n`

describe('a half-valid file', () => {
  it('is stored whole, says for every row what it became, and counts what is held by reason', async () => {
    const { report, stored, rows } = await imported(HALF_VALID)
    expect(stored).toHaveLength(3)
    expect(rows.map(({ rowNo, document, as, line, code }) => [rowNo, document.replace(/^[0-9a-f]{16}/, 'sha'), as, line, code])).toEqual([
      [2, 'A1', 'order', 1, ''],
      [3, 'A2', 'held', 0, 'number-unreadable'],
      [4, 'A2', 'held', 0, 'number-unreadable'],
      [5, 'sha:row-5', 'held', 0, 'document-key-missing'],
    ])
    expect(report).toMatchObject({
      rows: 4,
      documents: 3,
      stored: true,
      heldBy: [
        { code: 'number-unreadable', documents: 1, firstRow: 3 },
        { code: 'document-key-missing', documents: 1, firstRow: 5 },
      ],
    })
    expect(report.totals.map(({ as, rule, documents, rows: count, unmeasured }) => [as, rule, documents, count, unmeasured])).toEqual([
      ['held', 'document-key-missing', 1, 1, 1],
      ['held', 'number-unreadable', 1, 2, 1],
      ['order', '', 1, 1, 0],
    ])
  })
  it('is refused whole where that was asked for, with the same report', async () => {
    const { report, stored, rows } = await imported(HALF_VALID, { mode: 'all-or-nothing' })
    expect(stored).toEqual([])
    expect(report).toMatchObject({ stored: false, appended: 0, documents: 3 })
    expect(rows).toHaveLength(4)
  })
  it('is stored once, and told of once, where everything is valid', async () => {
    const { report, stored, rows } = await imported(`${HEAD}A1,2026-11-20,paid,x,1,5.00\n`, { mode: 'all-or-nothing' })
    expect(stored).toHaveLength(1)
    expect(rows).toHaveLength(1)
    expect(report).toMatchObject({ stored: true, appended: 1 })
  })
})

it('goes on after the documents that were stored before', async () => {
  const text = HEAD + Array.from({ length: 30 }, (_, i) => `A${i},2026-11-20,paid,x,1,5.00\n`).join('')
  const { stored } = await imported(text, { after: 12 })
  expect(stored.map((record) => record.externalId)).toEqual(Array.from({ length: 18 }, (_, i) => `A${i + 12}`))
})

it('declares exactly what rounding took away, for any quantities and prices', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          order: fc.integer({ min: 1, max: 5 }),
          quantity: fc.integer({ min: 1, max: 9999 }),
          price: fc.integer({ min: 0, max: 9_999_999 }),
        }),
        { minLength: 1, maxLength: 30 },
      ),
      async (lines) => {
        const text = HEAD + lines.map((line) => `A${line.order},2026-11-20,paid,x,${line.quantity},${(line.price / 1000).toFixed(3)}\n`).join('')
        const { report } = await imported(text)
        const exact = lines.reduce((sum, line) => sum + BigInt(line.quantity) * BigInt(line.price), 0n)
        const cents = lines.reduce((sum, line) => sum + (BigInt(line.quantity) * BigInt(line.price) + 5n) / 10n, 0n)
        const thousandths = (text: string | undefined): bigint => {
          const [, sign, whole = '0', fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text ?? '') ?? []
          return BigInt(`${whole}${fraction.padEnd(3, '0')}`) * (sign === '-' ? -1n : 1n)
        }
        expect(thousandths(report.sums[0]?.exact)).toBe(exact)
        expect(thousandths(report.sums[0]?.rounded)).toBe(cents * 10n)
        expect(thousandths(report.sums[0]?.rounding)).toBe(exact - cents * 10n)
        expect(report.rows).toBe(lines.length)
      },
    ),
    { numRuns: 60 },
  )
})

describe('preview', () => {
  it('shows columns, rows, orders and problems of the beginning of a file', async () => {
    const preview = await previewFile(Buffer.from(HALF_VALID), 'a.csv', context, 2)
    expect(preview).toMatchObject({
      columns: ['order_no', 'ordered_at', 'payment_status', 'sku', 'quantity', 'unit_price'],
      totalRows: 4,
      totalDocuments: 3,
    })
    expect(preview.rows.map((row) => row.rowNo)).toEqual([2, 3])
    expect(preview.documents.map((document) => [document.externalId, document.report.as, document.mapped?.kind])).toEqual([
      ['A1', 'order', 'order'],
      ['A2', 'held', undefined],
    ])
    expect(preview.problem).toBeUndefined()
  })
  it('shows columns and rows when the field map does not fit yet, and says what is missing', async () => {
    const preview = await previewFile(Buffer.from('Bestellung,Artikel\n1,x\n'), 'a.csv', context, 5)
    expect(preview).toMatchObject({
      columns: ['Bestellung', 'Artikel'],
      rows: [{ rowNo: 2, cells: ['1', 'x'] }],
      documents: [],
      problem: { code: 'file-columns-missing' },
    })
  })
  it('says why a file cannot be read at all, or a field map is wrong', async () => {
    expect((await previewFile(Buffer.from('<html></html>'), 'a.csv', context, 5)).problem?.code).toBe('file-is-html')
    expect(
      (await previewFile(Buffer.from('a\n1\n'), '../../a.csv', { ...context, config: { fieldMap: { documentKey: [] } } }, 5)).problem?.code,
    ).toBe('field-map-invalid')
  })
})
