import { z } from 'zod'
import { type SupplySet, listSuppliers, setSupply } from '../../store/deliver/suppliers.ts'
import { PLAN_VIEWS, readPlan, type PlanFilter } from '../../store/read/stock-plan.ts'
import { TEXT, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { cursor, instant, itemsOf, limit, listOf, nothing, rowId, skuCode, text, visible, whole } from '../fields.ts'
import { planTable, tableCsv } from '../plan-file.ts'
import { requireWholeHub } from '../principal.ts'
import { badInput } from '../problem.ts'
import { positive, unsigned } from '../quantity.ts'
import { type Route, route } from '../route.ts'
import { flaw, type RowCode, rowProblem } from '../row-problem.ts'
import { readSupplyFile } from '../supply-file.ts'
import { readUpload } from '../upload.ts'

const filterFields = {
  view: z.enum(PLAN_VIEWS).optional(),
  /** Runs out before; with the view `out`. */
  before: instant.optional(),
  over_days: whole(1, 3650).optional(),
  location: visible(60).optional(),
  supplier: rowId.optional(),
  sku: skuCode.optional(),
  q: text(100).optional(),
}
const filterSchema = z.strictObject(filterFields)
const SOON_DAYS = 14
const OVER_DAYS = 90
const DAY_MS = 86_400_000

const filterOf = (deps: AppDeps, query: z.output<typeof filterSchema>): Omit<PlanFilter, 'limit'> => {
  const now = deps.now()
  return {
    view: query.view ?? 'all',
    before: query.before ?? new Date(now.getTime() + SOON_DAYS * DAY_MS).toISOString(),
    overDays: query.over_days ?? OVER_DAYS,
    location: query.location,
    supplier: query.supplier,
    sku: query.sku,
    q: query.q?.trim() === '' ? undefined : query.q,
    now,
  }
}

const quantity = z.string()
const row = z.looseObject({
  sku: z.string(),
  title: z.string(),
  counted: z.boolean(),
  available: quantity,
  on_way: quantity,
  per_day: quantity,
  cover_days: quantity.nullable(),
  runs_out: z.string().nullable(),
  turnover: quantity.nullable(),
  reorder_point: quantity.nullable(),
  proposal: quantity,
  low: z.boolean(),
  over: z.boolean(),
  supplier_id: z.string().nullable(),
  supplier: z.string().nullable(),
})

const list = route({
  method: 'get',
  path: '/v1/stock/plan',
  tag: 'Stock plan',
  summary: 'SKU by SKU: how fast it sells, when it runs out, what to order; what is low, too much, or running out',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ ...filterFields, cursor, limit: limit(500, 100) }),
  answer: listOf(row).extend({ totals: z.record(z.string(), z.number()), measured_at: z.string().nullable() }),
  async handle({ deps, query }) {
    const { cursor: at, limit: most, ...filter } = query
    const sort = `plan-${filter.view ?? 'all'}`
    const after = at === undefined ? undefined : decodeCursor(at, sort, /^-?\d{1,20}(\.\d{1,40})?$/, TEXT)
    const found = await readPlan(deps.pool, {
      ...filterOf(deps, filter),
      limit: most,
      after: after && { value: after.value, sku: after.id },
    })
    const paged = page(found.rows, most, (item) => ({ sort, value: item.sort, id: item.row.sku }))
    return { ...paged, items: paged.items.map((item) => item.row), totals: found.totals, measured_at: found.measured_at }
  },
})

const MEDIA = { csv: 'text/csv; charset=utf-8', xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet' } as const
const MOST_ROWS = 50_000

const download = route({
  method: 'get',
  path: '/v1/stock/plan/export',
  tag: 'Stock plan',
  summary: 'The plan as CSV or XLSX, one SKU a row',
  scope: 'stock:read',
  audit: 'stock.plan-export',
  params: nothing,
  body: nothing,
  query: z.strictObject({ ...filterFields, format: z.enum(['csv', 'xlsx']) }),
  answer: z.string(),
  produces: 'text/csv',
  async handle({ deps, query }) {
    const { format, ...filter } = query
    const { rows } = await readPlan(deps.pool, { ...filterOf(deps, filter), limit: MOST_ROWS })
    const table = planTable(rows.slice(0, MOST_ROWS).map((item) => item.row))
    const bytes =
      format === 'csv'
        ? Buffer.from(tableCsv(table))
        : await deps.control.renderStatement('xlsx', {
            title: 'Plan',
            facts: [],
            tables: [{ name: 'Plan', rows: table }],
            foot: deps.now().toISOString(),
          })
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': MEDIA[format], 'content-disposition': `attachment; filename="stock-plan.${format}"`, 'cache-control': 'no-store' },
    })
  },
})

const days = z.int().min(0).max(3650)

const supply = route({
  method: 'post',
  path: '/v1/stock/supply',
  tag: 'Stock plan',
  summary: 'How SKUs are bought: supplier, days of delivery, pack, least order, how long an order lasts. Null takes a value away',
  scope: 'stock:write',
  audit: 'stock.supply',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(
        z.strictObject({
          sku: skuCode,
          supplier_id: rowId.nullable().optional(),
          lead_days: days.nullable().optional(),
          pack: positive.nullable().optional(),
          min_order: unsigned.nullable().optional(),
          target_days: days.min(1).nullable().optional(),
        }),
      )
      .min(1)
      .max(1000),
  }),
  answer: itemsOf(z.object({ sku: z.string(), result: z.string() })),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const repeated = body.items.findIndex((item, at) => body.items.findIndex((other) => other.sku === item.sku) !== at)
    if (repeated >= 0) throw badInput([{ pointer: `/items/${repeated}/sku`, code: 'repeated', message: 'The SKU occurs twice.' }])
    const items = await setSupply(
      deps.pool,
      body.items.map((item) => ({
        sku: item.sku,
        supplierId: item.supplier_id,
        leadDays: item.lead_days,
        pack: item.pack,
        minOrder: item.min_order,
        targetDays: item.target_days,
      })),
      who.actor,
    )
    note({ items: items.length, set: items.filter(({ result }) => result === 'set').length })
    return { items }
  },
})

/** Why an item that could be read was not taken. */
const NOT_TAKEN: Readonly<Record<Exclude<SupplySet['result'], 'set' | 'unchanged'>, RowCode>> = {
  'unknown-sku': 'sku-unknown',
  'unknown-supplier': 'supplier-unknown',
  bundle: 'sku-is-bundle',
}

const importFile = route({
  method: 'post',
  path: '/v1/stock/supply/import',
  tag: 'Stock plan',
  summary: 'How SKUs are bought, from a CSV or XLSX file with columns sku, supplier, lead_days, pack, min_order, target_days',
  scope: 'stock:write',
  audit: 'stock.supply-import',
  params: nothing,
  query: nothing,
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
  },
  answer: z.object({
    rows: z.number(),
    set: z.number(),
    unchanged: z.number(),
    refused: z.array(rowProblem.extend({ row: z.number().nullable() })),
  }),
  async handle({ deps, who, request, note }) {
    requireWholeHub(who)
    const { file } = await readUpload(request, 20 * 1024 * 1024)
    const suppliers = new Map((await listSuppliers(deps.pool)).map(({ name, id }) => [name, id]))
    const read = await readSupplyFile(file.bytes, suppliers, deps.assertHarmlessArchive)
    const results = await setSupply(deps.pool, read.items, `file:${who.actor}`)
    const odd = results.flatMap(({ sku, result }) => (result === 'set' || result === 'unchanged' ? [] : [flaw(NOT_TAKEN[result], sku)]))
    const counted = (wanted: string): number => results.filter(({ result }) => result === wanted).length
    note({ rows: read.rows, set: counted('set') })
    return {
      rows: read.rows,
      set: counted('set'),
      unchanged: counted('unchanged'),
      refused: [...read.refused, ...odd.slice(0, 1000).map((one) => ({ row: null, ...one }))],
    }
  },
})

export const stockPlanRoutes: readonly Route[] = [list, download, supply, importFile]
