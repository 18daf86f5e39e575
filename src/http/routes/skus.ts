import { z } from 'zod'
import { bindByCode } from '../../store/edit/bind-listings.ts'
import { type SkuInput, upsertSkus } from '../../store/edit/skus.ts'
import { listSkus } from '../../store/read/stock.ts'
import { TEXT, decodeCursor, page } from '../cursor.ts'
import { cursor, limit, listOf, nothing, skuCode, text, visible } from '../fields.ts'
import { requireWholeHub } from '../principal.ts'
import { badInput } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { rowProblem } from '../row-problem.ts'
import { readSkuFile } from '../sku-file.ts'
import { tell } from '../tell.ts'
import { readUpload } from '../upload.ts'
import type { AppDeps } from '../deps.ts'

const skuRow = z.looseObject({
  sku: z.string(),
  title: z.string(),
  barcode: z.string().nullable(),
  category: z.string().nullable(),
  active: z.boolean(),
  listings: z.number(),
})
const counts = z.object({ created: z.number(), updated: z.number(), unchanged: z.number() })

const list = route({
  method: 'get',
  path: '/v1/skus',
  tag: 'SKUs',
  summary: 'The SKU master',
  scope: 'stock:read',
  byPlace: true,
  params: nothing,
  body: nothing,
  query: z.strictObject({ q: text(100).optional(), cursor, limit: limit(200, 100) }),
  answer: listOf(skuRow),
  async handle({ deps, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'sku', TEXT, TEXT)
    const rows = await listSkus(deps.pool, { q: query.q?.trim() === '' ? undefined : query.q, after: after?.value, limit: query.limit })
    return page(rows, query.limit, (row) => ({ sort: 'sku', value: row.sku, id: row.sku }))
  },
})

/** Stores SKUs, then binds what their codes and barcodes now name. */
async function storeSkus(deps: AppDeps, items: readonly SkuInput[]): Promise<z.output<typeof counts>> {
  const total = { created: 0, updated: 0, unchanged: 0 }
  for (let at = 0; at < items.length; at += 1000) {
    const part = await upsertSkus(deps.pool, items.slice(at, at + 1000))
    total.created += part.created
    total.updated += part.updated
    total.unchanged += part.unchanged
  }
  await tell(deps, 'skus', deps.control.pushSoon(await bindByCode(deps.pool)))
  return total
}

const upsert = route({
  method: 'post',
  path: '/v1/skus',
  tag: 'SKUs',
  summary: 'Create or change up to 1,000 SKUs; listings with the same code or barcode are bound',
  scope: 'stock:write',
  audit: 'skus.upsert',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    items: z
      .array(
        z.strictObject({
          sku: skuCode,
          title: text(500).optional(),
          barcode: visible(60).nullable().optional(),
          category: visible(200).nullable().optional(),
          active: z.boolean().optional(),
        }),
      )
      .min(1)
      .max(1000),
  }),
  answer: counts,
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const repeated = body.items.findIndex((item, at) => body.items.findIndex((other) => other.sku === item.sku) !== at)
    if (repeated >= 0) throw badInput([{ pointer: `/items/${repeated}/sku`, code: 'repeated', message: 'The SKU occurs twice.' }])
    const result = await storeSkus(deps, body.items)
    note(result)
    return result
  },
})

const importFile = route({
  method: 'post',
  path: '/v1/skus/import',
  tag: 'SKUs',
  summary: 'Import SKUs from a CSV or XLSX file with columns sku, title, barcode, category',
  scope: 'stock:write',
  audit: 'skus.import',
  params: nothing,
  query: nothing,
  body: nothing,
  raw: {
    contentType: 'multipart/form-data',
    schema: { type: 'object', required: ['file'], properties: { file: { type: 'string', format: 'binary' } } },
  },
  answer: z.looseObject({ ...counts.shape, rows: z.number(), refused: z.array(rowProblem) }),
  async handle({ deps, who, request, note }) {
    requireWholeHub(who)
    const { file } = await readUpload(request, 20 * 1024 * 1024)
    const { items, refused, rows } = await readSkuFile(file.name, file.bytes, deps.assertHarmlessArchive)
    const result = await storeSkus(deps, items)
    note({ ...result, rows })
    return { ...result, rows, refused }
  },
})

export const skuRoutes: readonly Route[] = [list, upsert, importFile]
