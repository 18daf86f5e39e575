import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { reportFileDocument } from '../../../mappings/field-map.ts'
import { files } from '../../../mappings/files.ts'
import { resolveFieldMap } from '../../../src/core/field-map-presets.ts'
import { checkOrder } from '../../../src/normalize/check.ts'
import { parseFile } from '../../../src/kit/files/parse-file.ts'
import { bytesSource } from '../../../src/kit/files/source.ts'

const folder = join(import.meta.dirname, '../../../connectors/files/fixtures')
interface Case {
  readonly fieldMap: unknown
  readonly timezone: string
  readonly currency: string
}
const cases: Readonly<Record<string, Case>> = JSON.parse(readFileSync(join(folder, 'cases.json'), 'utf8'))

it('has a case for every file and a file for every case', () => {
  expect(
    readdirSync(folder)
      .filter((name) => !/\.expected\.json$|^cases\.json$/.test(name))
      .sort(),
  ).toEqual(Object.keys(cases).sort())
  expect(Object.keys(cases).length).toBeGreaterThanOrEqual(20)
})

it.each(Object.entries(cases))('reads %s as expected', async (name, given) => {
  const map = resolveFieldMap(given.fieldMap)
  const context = { connectionId: 'c1', timezone: given.timezone, currency: given.currency, config: { fieldMap: given.fieldMap } }
  const file = await parseFile(bytesSource(name, readFileSync(join(folder, name))), { fieldMap: map })
  const documents = []
  for await (const batch of file.batches()) {
    for (const { record, document, rowNos } of batch.records) {
      const { mapped, report } = reportFileDocument(document, record.externalId, map, context)
      if (mapped !== undefined) {
        // The channel's mapping, from the stored payload alone, gives the same bytes.
        expect(JSON.stringify(files.map({ kind: record.kind, externalId: record.externalId, doc: JSON.parse(record.payload) }, context))).toBe(
          JSON.stringify(mapped),
        )
      }
      if (mapped?.kind === 'order' && report.as === 'order')
        expect(checkOrder(mapped.order).filter((hold) => /mismatch|quantity/.test(hold.code))).toEqual([])
      documents.push({ externalId: record.externalId, kind: record.kind, rowNos, report, ...(mapped === undefined ? {} : { mapped }) })
    }
  }
  const { type, encoding } = file.scan
  await expect(`${JSON.stringify({ type, encoding, columns: file.columns, documents }, null, 1)}\n`).toMatchFileSnapshot(
    join(folder, `${name}.expected.json`),
  )
})
