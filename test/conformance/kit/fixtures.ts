import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { resolveFieldMap } from '../../../src/core/field-map-presets.ts'
import type { MapContext, RawDocument, RawKind } from '../../../src/core/mapping.ts'
import { parseFile } from '../../../src/kit/files/parse-file.ts'
import { bytesSource } from '../../../src/kit/files/source.ts'
import { parseJson } from '../../../src/kit/json.ts'
import { CONNECTION } from './stage.ts'
import { placeOf } from './folders.ts'

/** One recorded document with what it is mapped in, and the file with the agreed canonical form. */
export interface Fixture {
  readonly name: string
  readonly raw: RawDocument
  readonly context: MapContext
  /** Where it is agreed what the document means. */
  readonly golden: URL
}

const contextFile = z.object({
  timezone: z.string().default('UTC'),
  currency: z.string().default('USD'),
  config: z.record(z.string(), z.unknown()).default({}),
})
const caseFile = z.record(z.string(), z.object({ fieldMap: z.unknown(), timezone: z.string(), currency: z.string() }))

/** Fixtures of a channel whose documents its mapping takes (mapped or held; broken files stand for themselves). */
export async function mappedFixtures(id: string): Promise<readonly Fixture[]> {
  return existsSync(placeOf(id, 'fixtures/cases.json')) ? fileFixtures(id) : documentFixtures(id)
}

/**
 * `fixtures/<name>.json`. Its golden lies in `expected/<name>.json` or `<name>.expected.json` and says whether it is an
 * order or a refund (a held one by its name); `context.json` says what the connection is set to.
 */
function documentFixtures(id: string): readonly Fixture[] {
  const folder = placeOf(id, 'fixtures/')
  if (!existsSync(folder)) return []
  const given = new URL('context.json', folder)
  const context = { connectionId: CONNECTION, ...contextFile.parse(existsSync(given) ? JSON.parse(readFileSync(given, 'utf8')) : {}) }
  return readdirSync(folder)
    .filter((file) => file.endsWith('.json') && !file.endsWith('.expected.json') && file !== 'context.json')
    .map((file) => {
      const name = file.slice(0, -'.json'.length)
      const [apart, beside] = [new URL(`expected/${name}.json`, folder), new URL(`${name}.expected.json`, folder)]
      const golden = existsSync(beside) ? beside : apart
      const doc = parseJson(readFileSync(new URL(file, folder), 'utf8'))
      return { name, context, golden, raw: { kind: kindOf(name, golden), externalId: '1', doc } }
    })
}

const goldenFile = z.object({ kind: z.enum(['order', 'refund', 'ignore', 'held']) })

function kindOf(name: string, golden: URL): RawKind {
  const kind = existsSync(golden) ? goldenFile.parse(JSON.parse(readFileSync(golden, 'utf8'))).kind : 'held'
  return kind === 'refund' || (kind !== 'order' && name.startsWith('refund-')) ? 'refund' : 'order'
}

/** Files of rows: every file is read as the import reads it. */
async function fileFixtures(id: string): Promise<readonly Fixture[]> {
  const cases = caseFile.parse(JSON.parse(readFileSync(placeOf(id, 'fixtures/cases.json'), 'utf8')))
  const found: Fixture[] = []
  for (const [name, { fieldMap, timezone, currency }] of Object.entries(cases)) {
    const source = bytesSource(name, readFileSync(placeOf(id, `fixtures/${name}`)))
    const file = await parseFile(source, { fieldMap: resolveFieldMap(fieldMap) })
    for await (const batch of file.batches()) {
      for (const { record } of batch.records) {
        const context = { connectionId: CONNECTION, timezone, currency, config: { fieldMap } }
        found.push({
          name: `${name} ${record.externalId}`,
          context,
          golden: placeOf(id, `fixtures/${name}.expected.json`),
          raw: { ...record, doc: parseJson(record.payload) },
        })
      }
    }
  }
  return found
}
