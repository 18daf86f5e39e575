import { z } from 'zod'
import { requireOrderable } from '../../deliver/order-by-rule.ts'
import { mailSupplyOrder, noticeStatement, noticeTable, noticeText } from '../../deliver/supply-notice.ts'
import { placeSupplyOrder } from '../../deliver/supply-orders.ts'
import { addSupplier, changeSupplier, listSuppliers, removeSupplier } from '../../store/deliver/suppliers.ts'
import { mailAccounts } from '../../store/deliver/supply-notices.ts'
import { findSupplyOrder, listSupplyOrders, markTold } from '../../store/deliver/supply-orders.ts'
import { ID, decodeCursor, page } from '../cursor.ts'
import { cursor, done, idParam, instant, itemsOf, label, limit, line, listOf, nothing, rowId, skuCode, visible } from '../fields.ts'
import { tableCsv } from '../plan-file.ts'
import { requireWholeHub } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { positive } from '../quantity.ts'
import { type Route, route } from '../route.ts'

const supplierRow = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string().nullable(),
  lead_days: z.number().nullable(),
  note: z.string().nullable(),
  skus: z.number(),
  by_itself: z
    .object({
      author: z.string(),
      pieces_per_day: z.string(),
      location: z.string(),
      account_id: z.string().nullable(),
      language: z.enum(['en', 'zh']),
    })
    .nullable(),
})
const fields = {
  name: label(120),
  email: z.email().max(200).nullable(),
  lead_days: z.int().min(0).max(3650).nullable(),
  note: line(500).nullable(),
}

const list = route({
  method: 'get',
  path: '/v1/suppliers',
  tag: 'Suppliers',
  summary: 'Whom goods are ordered from',
  scope: 'stock:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(supplierRow),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: await listSuppliers(deps.pool) }
  },
})

const add = route({
  method: 'post',
  path: '/v1/suppliers',
  tag: 'Suppliers',
  summary: 'Add a supplier',
  scope: 'stock:write',
  audit: 'supplier.add',
  status: 201,
  params: nothing,
  query: nothing,
  body: z.strictObject({ name: fields.name, email: fields.email.optional(), lead_days: fields.lead_days.optional(), note: fields.note.optional() }),
  answer: z.object({ id: z.string() }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const { name, email = null, lead_days = null, note: remark = null } = body
    const id = await addSupplier(deps.pool, { name, email, lead_days, note: remark })
    note({ id, name })
    return { id }
  },
})

const change = route({
  method: 'patch',
  path: '/v1/suppliers/{id}',
  tag: 'Suppliers',
  summary: 'Change a supplier; what is not named stays',
  scope: 'stock:write',
  audit: 'supplier.change',
  params: idParam,
  query: nothing,
  body: z.strictObject({
    name: fields.name.optional(),
    email: fields.email.optional(),
    lead_days: fields.lead_days.optional(),
    note: fields.note.optional(),
    by_itself: z
      .strictObject({
        pieces_per_day: positive,
        location: visible(60).optional(),
        account_id: visible(60).optional(),
        language: z.enum(['en', 'zh-CN']).optional(),
      })
      .nullable()
      .optional(),
  }),
  answer: done,
  async handle({ deps, who, params, body, note }) {
    requireWholeHub(who)
    const { by_itself: wanted, ...rest } = body
    const rule = wanted && {
      author: who.actor,
      pieces_per_day: wanted.pieces_per_day,
      location: wanted.location ?? 'main',
      account_id: wanted.account_id ?? null,
      language: wanted.language === 'zh-CN' ? ('zh' as const) : ('en' as const),
    }
    if (rule) await requireOrderable(deps.pool, params.id, rule, rest.email)
    await changeSupplier(deps.pool, params.id, { ...rest, by_itself: rule })
    note({ id: params.id, fields: Object.keys(body), ...(rule && { pieces_per_day: rule.pieces_per_day }) })
    return { ok: true as const }
  },
})

const remove = route({
  method: 'delete',
  path: '/v1/suppliers/{id}',
  tag: 'Suppliers',
  summary: 'Remove a supplier; what was ordered from it stays',
  scope: 'stock:write',
  audit: 'supplier.remove',
  status: 204,
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.null(),
  async handle({ deps, who, params, note }) {
    requireWholeHub(who)
    note({ id: params.id })
    await removeSupplier(deps.pool, params.id)
    return null
  },
})

const orderRow = z.looseObject({
  id: z.string(),
  ref: z.string(),
  supplier: z.string(),
  location: z.string(),
  lines: z.array(z.looseObject({ sku: z.string(), quantity: z.string(), promised_at: z.string().nullable(), arrival: z.string() })),
  placed_at: z.string(),
  told_at: z.string().nullable(),
  open: z.number(),
  received: z.number(),
  mail: z.looseObject({ state: z.enum(['waiting', 'sending', 'sent', 'failed']), answer: z.string().nullable() }).nullable(),
})

const orders = route({
  method: 'get',
  path: '/v1/supply-orders',
  tag: 'Suppliers',
  summary: 'What was ordered from suppliers, newest first',
  scope: 'stock:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ cursor, limit: limit(100, 50) }),
  answer: listOf(orderRow),
  async handle({ deps, who, query }) {
    requireWholeHub(who)
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'id', ID, ID)
    const rows = await listSupplyOrders(deps.pool, after?.id, query.limit)
    return page(rows, query.limit, (item) => ({ sort: 'id', value: item.id, id: item.id }))
  },
})

const place = route({
  method: 'post',
  path: '/v1/supply-orders',
  tag: 'Suppliers',
  summary: 'Note that goods were ordered from a supplier: each line becomes an arrival. The same ref again is the same order',
  scope: 'stock:write',
  audit: 'supply-orders.place',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    ref: visible(150),
    supplier_id: rowId,
    location: visible(60).optional(),
    note: line(500).optional(),
    lines: z
      .array(z.strictObject({ sku: skuCode, quantity: positive, promised_at: instant.nullable().optional() }))
      .min(1)
      .max(1000),
  }),
  answer: z.object({ order: orderRow, repeated: z.boolean() }),
  async handle({ deps, who, body, note }) {
    requireWholeHub(who)
    const repeated = body.lines.findIndex((item, at) => body.lines.findIndex((other) => other.sku === item.sku) !== at)
    if (repeated >= 0) throw badInput([{ pointer: `/lines/${repeated}/sku`, code: 'repeated', message: 'The SKU occurs twice.' }])
    const result = await placeSupplyOrder(
      { pool: deps.pool, actor: who.actor, now: deps.now() },
      {
        ref: body.ref,
        supplierId: body.supplier_id,
        location: body.location ?? 'main',
        note: body.note,
        lines: body.lines.map(({ sku, quantity, promised_at: promisedAt }) => ({ sku, quantity, promisedAt })),
      },
    )
    note({ ref: body.ref, lines: body.lines.length, repeated: result.repeated })
    return result
  },
})

const MEDIA = {
  text: 'text/plain; charset=utf-8',
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const
const ENDING = { text: 'txt', csv: 'csv', xlsx: 'xlsx' } as const

const notice = route({
  method: 'get',
  path: '/v1/supply-orders/{id}/notice',
  tag: 'Suppliers',
  summary: 'What the supplier is told, as text, CSV or XLSX',
  scope: 'stock:read',
  audit: 'supply.notice',
  params: idParam,
  body: nothing,
  query: z.strictObject({ format: z.enum(['text', 'csv', 'xlsx']), language: z.enum(['en', 'zh-CN']).optional() }),
  answer: z.string(),
  produces: 'text/plain',
  async handle({ deps, who, params, query }) {
    requireWholeHub(who)
    const order = await findSupplyOrder(deps.pool, { id: params.id })
    if (!order) throw notFound('supply order')
    const language = query.language === 'zh-CN' ? 'zh' : 'en'
    const bytes =
      query.format === 'text'
        ? Buffer.from(noticeText(order, language))
        : query.format === 'csv'
          ? Buffer.from(tableCsv(noticeTable(order, language)))
          : await deps.control.renderStatement('xlsx', noticeStatement(order, language))
    return new Response(new Uint8Array(bytes), {
      headers: {
        'content-type': MEDIA[query.format],
        'content-disposition': `attachment; filename="supply-order-${order.id}.${ENDING[query.format]}"`,
        'cache-control': 'no-store',
      },
    })
  },
})

const told = route({
  method: 'post',
  path: '/v1/supply-orders/{id}/told',
  tag: 'Suppliers',
  summary: 'Say that the supplier was told of it; the first time stands',
  scope: 'stock:write',
  audit: 'supply-orders.told',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: orderRow,
  async handle({ deps, who, params, note }) {
    requireWholeHub(who)
    note({ id: params.id })
    await markTold(deps.pool, params.id, who.actor, deps.now())
    const order = await findSupplyOrder(deps.pool, { id: params.id })
    if (!order) throw notFound('supply order')
    return order
  },
})

const accounts = route({
  method: 'get',
  path: '/v1/supply-orders/mail-accounts',
  tag: 'Suppliers',
  summary: 'Mail accounts that can carry a notice: those of the alerts',
  scope: 'stock:read',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(z.object({ id: z.string(), name: z.string(), from: z.string() })),
  async handle({ deps, who }) {
    requireWholeHub(who)
    return { items: await mailAccounts(deps.pool) }
  },
})

const mail = route({
  method: 'post',
  path: '/v1/supply-orders/{id}/mail',
  tag: 'Suppliers',
  summary: 'Mail the notice to the supplier, with CSV and workbook; sent once, unless again is said. Its outcome stands with the order',
  scope: 'stock:write',
  audit: 'supply-orders.mail',
  params: idParam,
  query: nothing,
  body: z.strictObject({
    account_id: visible(60).optional(),
    language: z.enum(['en', 'zh-CN']).optional(),
    again: z.boolean().optional(),
  }),
  answer: z.object({ order: orderRow, repeated: z.boolean() }),
  async handle({ deps, who, params, body, note }) {
    requireWholeHub(who)
    const queued = await mailSupplyOrder(
      { pool: deps.pool, actor: who.actor, now: deps.now() },
      { orderId: params.id, accountId: body.account_id, language: body.language === 'zh-CN' ? 'zh' : 'en', again: body.again === true },
    )
    const order = await findSupplyOrder(deps.pool, { id: params.id })
    if (!order) throw notFound('supply order')
    note({ id: params.id, queued }, order.ref)
    return { order, repeated: !queued }
  },
})

export const supplierRoutes: readonly Route[] = [list, add, change, remove, orders, place, notice, told, accounts, mail]
