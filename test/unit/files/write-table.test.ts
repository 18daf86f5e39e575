import { describe, expect, it } from 'vitest'
import { FileFormat } from '../../../src/core/field-map.ts'
import { readFileTable } from '../../../src/kit/files/read-file.ts'
import { bytesSource } from '../../../src/kit/files/source.ts'
import { renderTable } from '../../../src/kit/files/write-table.ts'

const columns = ['sku', 'title']
const rows = [
  ['1234567890123456789', '普洱茶 "2019"'],
  ['007', 'a,b\nc'],
  ['x', ''],
]

async function back(bytes: Buffer, name: string): Promise<readonly (readonly string[])[]> {
  const { table } = await readFileTable(bytesSource(name, bytes), FileFormat.parse({}))
  const cells: (readonly string[])[] = []
  for await (const slice of table.rows()) cells.push(...slice.map((row) => row.cells))
  return [table.columns, ...cells]
}

describe('files for other people', () => {
  it.each([['csv'], ['xlsx'], ['json']] as const)('come back from %s with every digit, zero, quote and line break', async (format) => {
    expect(await back(await renderTable(format, columns, rows), `a.${format}`)).toEqual([columns, ...rows])
  })
  it.each([["=cmd|' /C calc'!A0"], ['+1+1'], ['-2+3'], ['@SUM(1)'], ['\t=1'], ['\r=1'], ['＝1+1']])(
    'do not let a spreadsheet run %j',
    async (evil) => {
      const csv = (await renderTable('csv', ['a'], [[evil]])).toString()
      expect(csv.split('\r\n').slice(1).join('\r\n')).toContain(`"'${evil}`)
      expect((await back(await renderTable('xlsx', ['a'], [[evil]]), 'a.xlsx'))[1]).toEqual([evil])
    },
  )
  it('start with a byte order mark so that Excel reads Chinese', async () => {
    expect((await renderTable('csv', columns, rows)).subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]))
  })
  it('hold .xlsx formulas as text cells, not as formulas', async () => {
    const { unzip } = await import('./unzip.ts')
    const sheet = unzip(await renderTable('xlsx', ['a'], [['=1+1']])).get('xl/worksheets/sheet1.xml') ?? ''
    expect(sheet).not.toContain('<f>')
    expect(sheet).toMatch(/t="(s|inlineStr|str)"/)
  })
})
