import { z } from 'zod'
import { differenceOf } from '../../core/overrides.ts'
import { listLocations } from '../../store/deliver/locations.ts'
import { readDraft } from '../../store/overrides/drafts.ts'
import { standingRules, type NewRule } from '../../store/overrides/write-version.ts'
import type { AppDeps } from '../deps.ts'
import { connectionParam, flag, line, nothing } from '../fields.ts'
import { ruleAnswer } from '../mapping-fields.ts'
import { TABLE_COLUMNS, type TableName, isOf, readTableFile, tableRows } from '../mapping-table-file.ts'
import { badInput } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { rowProblem } from '../row-problem.ts'
import { readUpload } from '../upload.ts'
import { requireMapped } from './mappings.ts'

const MOST_BYTES = 5 * 1024 * 1024
const MEDIA = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const

const named = { kind: z.enum(['word', 'carrier', 'place']).optional(), field: line(100).optional() }

/** @throws Problem 400 where a table of words does not say of which member */
function tableOf(query: { readonly kind?: TableName['kind'] | undefined; readonly field?: string | undefined }): TableName {
  if (query.kind === 'carrier' || query.kind === 'place') return { kind: query.kind }
  if (query.field === undefined) throw badInput([{ pointer: '?field', code: 'missing', message: 'Name the member whose words the table is about.' }])
  return { kind: 'word', field: query.field }
}

/** The rules of the draft, or those that hold. */
const rulesNow = async (deps: AppDeps, id: string): Promise<readonly NewRule[]> =>
  (await readDraft(deps.pool, id))?.rules ?? (await standingRules(deps.pool, id))

const download = route({
  method: 'get',
  path: '/v1/mappings/{id}/table',
  tag: 'Mappings',
  summary: 'One lookup table (words of a member, carriers, or places) of the draft, or of what holds, as CSV or XLSX',
  scope: 'failures:read',
  audit: 'mapping.table-export',
  params: connectionParam,
  query: z.strictObject({ ...named, format: z.enum(['csv', 'xlsx']).optional() }),
  body: nothing,
  answer: z.string(),
  produces: 'text/csv',
  async handle({ deps, who, params, query: { format = 'csv', ...query } }) {
    const row = await requireMapped(deps, who, params.id)
    const table = tableOf(query)
    const bytes = await deps.control.renderTable(format, TABLE_COLUMNS, tableRows(await rulesNow(deps, row.id), table))
    const name = `${row.id}-${table.kind === 'word' ? table.field : `${table.kind}s`}`.replaceAll(/[^\w.-]/g, '_')
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': MEDIA[format], 'content-disposition': `attachment; filename="${name}.${format}"`, 'cache-control': 'no-store' },
    })
  },
})

/** Finds a location by its id, or by a name that only it has. */
async function locationsByWord({ pool }: AppDeps): Promise<(text: string) => string | undefined> {
  const locations = await listLocations(pool)
  return (text) => {
    const named = locations.filter(({ name }) => name === text)
    return locations.some(({ id }) => id === text) ? text : named.length === 1 ? named[0]?.id : undefined
  }
}

const pair = z.object({ from: z.string(), to: z.string() })

const parse = route({
  method: 'post',
  path: '/v1/mappings/{id}/table/parse',
  tag: 'Mappings',
  summary: 'Read a lookup table of a CSV or XLSX file with columns from, to, reason, beside the draft or what holds; nothing is stored',
  scope: 'replay',
  params: connectionParam,
  query: z.strictObject({ ...named, replace: flag.optional() }),
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
  },
  answer: z.object({
    rules: z.array(ruleAnswer),
    rows: z.number(),
    refused: z.array(rowProblem),
    added: z.array(pair),
    changed: z.array(pair.extend({ before: z.string() })),
    removed: z.array(pair),
    unchanged: z.number(),
  }),
  async handle({ deps, who, params, query, request }) {
    const row = await requireMapped(deps, who, params.id)
    const table = tableOf(query)
    const { file } = await readUpload(request, MOST_BYTES)
    const read = await readTableFile(table, file.name, file.bytes, {
      assertHarmless: deps.assertHarmlessArchive,
      locationOf: table.kind === 'place' ? await locationsByWord(deps) : () => undefined,
    })
    const before = (await rulesNow(deps, row.id)).filter(isOf(table))
    const listed = new Set(read.rules.map(({ from }) => from))
    const kept = query.replace === true ? [] : before.filter(({ from }) => !listed.has(from))
    const { added, changed, removed } = differenceOf({ rules: before, settings: {} }, { rules: [...kept, ...read.rules], settings: {} })
    return {
      ...read,
      added: added.map(({ from, to }) => ({ from, to })),
      changed: changed.map((one) => ({ from: one.after.from, before: one.before.to, to: one.after.to })),
      removed: removed.map(({ from, to }) => ({ from, to })),
      unchanged: read.rules.length - added.length - changed.length,
    }
  },
})

export const mappingTableRoutes: readonly Route[] = [download, parse]
