import { z } from 'zod'
import { bookStockTake, type StockTakeInput } from '../../deliver/stock-takes.ts'
import { findStockTake, listStockTakes } from '../../store/deliver/stock-takes.ts'
import { ID, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { cursor, flag, idParam, instant, limit, line, listOf, nothing, skuCode, text, visible } from '../fields.ts'
import { requirePlace } from '../places.ts'
import { requireWholeHub, type Principal } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { unsigned } from '../quantity.ts'
import { type Route, route } from '../route.ts'
import { rowProblem } from '../row-problem.ts'
import { readStockTakeFile } from '../stock-take-file.ts'
import { readUpload } from '../upload.ts'

const head = z.looseObject({
  id: z.string(),
  ref: z.string(),
  location: z.string(),
  as_of: z.string(),
  whole: z.boolean(),
  note: z.string().nullable(),
})
const whole = head.extend({ lines: z.array(z.object({ sku: z.string(), counted: z.string(), result: z.string(), delta: z.string() })) })
const booked = z.looseObject({ take: whole, repeated: z.boolean() })

const list = route({
  method: 'get',
  path: '/v1/stock/takes',
  tag: 'Stock',
  summary: 'Stock-takes, newest first',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ cursor, limit: limit(100, 50) }),
  answer: listOf(head.extend({ counted: z.number(), different: z.number() })),
  async handle({ deps, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'id', ID, ID)
    const rows = await listStockTakes(deps.pool, after?.id, query.limit)
    return page(rows, query.limit, (row) => ({ sort: 'id', value: row.id, id: row.id }))
  },
})

const get = route({
  method: 'get',
  path: '/v1/stock/takes/{id}',
  tag: 'Stock',
  summary: 'One stock-take with what came of each line',
  scope: 'stock:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: whole,
  async handle({ deps, params }) {
    const take = await findStockTake(deps.pool, { id: params.id })
    if (!take) throw notFound('stock-take')
    return take
  },
})

async function book(
  deps: AppDeps,
  who: Principal,
  input: StockTakeInput,
  source: 'api' | 'file',
): Promise<Awaited<ReturnType<typeof bookStockTake>>> {
  const actor = source === 'file' ? `file:${who.actor}` : who.actor
  return bookStockTake({ pool: deps.pool, actor, now: deps.now() }, input)
}

const post = route({
  method: 'post',
  path: '/v1/stock/takes',
  tag: 'Stock',
  summary: 'Book a stock-take: what was counted at one moment; what moved since is kept on top',
  scope: 'stock:write',
  byPlace: true,
  audit: 'stock.take',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    ref: line(150),
    location: visible(60).optional(),
    as_of: instant,
    whole: z.boolean().optional(),
    note: text(500).optional(),
    lines: z
      .array(z.strictObject({ sku: skuCode, counted: unsigned }))
      .min(1)
      .max(10_000),
  }),
  answer: booked,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    requirePlace(who, body.location ?? 'main')
    const skus = new Set<string>()
    for (const [at, { sku }] of body.lines.entries()) {
      if (skus.has(sku)) throw badInput([{ pointer: `/lines/${at}/sku`, code: 'repeated', message: 'The SKU occurs twice. Add its counts up.' }])
      skus.add(sku)
    }
    const { location = 'main', as_of: asOf, whole: all = false, ...rest } = body
    const result = await book(deps, who, { ...rest, location, asOf, whole: all }, 'api')
    note({ ref: body.ref, location, lines: body.lines.length, repeated: result.repeated })
    return result
  },
})

const importFile = route({
  method: 'post',
  path: '/v1/stock/takes/import',
  tag: 'Stock',
  summary: 'Book a stock-take from a CSV or XLSX file with columns sku, counted',
  scope: 'stock:write',
  byPlace: true,
  audit: 'stock.take-import',
  params: nothing,
  query: z.strictObject({ ref: line(150), location: visible(60).optional(), as_of: instant, whole: flag.optional() }),
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
  },
  answer: booked.extend({ refused: z.array(rowProblem) }),
  async handle({ deps, who, query, request, note }) {
    requireWholeHub(who)
    requirePlace(who, query.location ?? 'main')
    const { file } = await readUpload(request, 20 * 1024 * 1024)
    const { lines, refused } = await readStockTakeFile(file.name, file.bytes, deps.assertHarmlessArchive)
    const input = {
      ref: query.ref,
      location: query.location ?? 'main',
      asOf: query.as_of,
      whole: query.whole === true && refused.length === 0,
      lines,
    }
    const result = await book(deps, who, input, 'file')
    note({ ref: query.ref, lines: lines.length, refused: refused.length })
    return { ...result, refused }
  },
})

export const stockTakeRoutes: readonly Route[] = [list, get, post, importFile]
