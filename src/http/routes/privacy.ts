import { z } from 'zod'
import { eraseOrders } from '../../store/privacy/erase.ts'
import { type Person, type PersonOrder, ordersOfPerson } from '../../store/privacy/find-person.ts'
import { listErasures, listRetention, setRetention } from '../../store/privacy/retention.ts'
import { openParties } from '../../store/read/raw.ts'
import { ID, TEXT, decodeCursor, page } from '../cursor.ts'
import { connectionId, connectionParam, cursor, done, itemsOf, limit, line, listOf, nothing, record, rowId, visible } from '../fields.ts'
import { notePii } from '../pii-access.ts'
import { requireConnection } from '../principal.ts'
import { badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

/** A person is named in one way; what was typed is in no log. */
const personFields = {
  phone: z
    .string()
    .regex(/^\+?[\d\s()-]{7,30}$/, 'must be a whole telephone number')
    .optional(),
  email: z
    .string()
    .max(254)
    .regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address')
    .optional(),
  order_ids: z.array(rowId).min(1).max(1000).optional(),
  /** Number of the case, as it stands in the file of requests. */
  reference: visible(120),
}
const personOf = (body: { phone?: string | undefined; email?: string | undefined; order_ids?: readonly string[] | undefined }): Person => {
  const { phone, email, order_ids: orderIds } = body
  if ([phone, email, orderIds].filter((one) => one !== undefined).length !== 1 || (phone !== undefined && phone.replaceAll(/\D/g, '').length < 7))
    throw badInput([{ pointer: '', code: 'one-way', message: 'Give either phone, email or order_ids.' }])
  if (phone !== undefined) return { phone }
  return email !== undefined ? { email } : { orderIds: orderIds ?? [] }
}

const result = z.enum(['erased', 'would-erase', 'open', 'already'])
const orderRow = z.object({ order_id: z.string(), connection_id: z.string(), channel_order_no: z.string(), placed_at: z.string(), result })

const erase = route({
  method: 'post',
  path: '/v1/privacy/erase',
  tag: 'Privacy',
  summary: 'Erase a person from their orders for good; orders under way are named and left. First with dry_run',
  scope: 'privacy',
  audit: 'privacy.erase',
  params: nothing,
  query: nothing,
  body: z.strictObject({ ...personFields, dry_run: z.boolean() }),
  answer: z.object({ items: z.array(orderRow), erased: z.number() }),
  async handle({ deps, who, body, note }) {
    const orders = await ordersOfPerson(deps.pool, deps.secrets, personOf(body), who.connections)
    const due = orders.filter((order) => !order.open && !order.erased).map((order) => order.id)
    const erased = body.dry_run ? 0 : await eraseOrders(deps.pool, due, { why: 'request', reference: body.reference, actor: who.actor })
    note({ dry_run: body.dry_run, orders: orders.length, erased, order_ids: body.dry_run ? [] : due.map(String) }, body.reference)
    return { items: orders.map((order) => ({ ...rowOf(order), result: resultOf(order, body.dry_run) })), erased }
  },
})

const rowOf = (order: PersonOrder) => ({
  order_id: String(order.id),
  connection_id: order.connection_id,
  channel_order_no: order.channel_order_no,
  placed_at: order.placed_at,
})
const resultOf = (order: PersonOrder, isDry: boolean): z.output<typeof result> =>
  order.erased ? 'already' : order.open ? 'open' : isDry ? 'would-erase' : 'erased'

const exportPerson = route({
  method: 'post',
  path: '/v1/privacy/export',
  tag: 'Privacy',
  summary: 'What the hub holds of a person, in clear, to hand to them',
  scope: 'privacy',
  audit: 'privacy.export',
  secretAnswer: true,
  params: nothing,
  query: nothing,
  body: z.strictObject(personFields),
  answer: z.object({ reference: z.string(), orders: z.array(record) }),
  async handle({ deps, who, body, note }) {
    const orders = await ordersOfPerson(deps.pool, deps.secrets, personOf(body), who.connections)
    const ids = orders.map((order) => String(order.id))
    await notePii(deps, who, `request ${body.reference}`, 'privacy/export', ids)
    const parties = await openParties(deps.pool, deps.keys, ids)
    note({ orders: ids.length, order_ids: ids }, body.reference)
    return {
      reference: body.reference,
      orders: orders.map((order) => ({ ...rowOf(order), erased: order.erased, personal_data: parties.get(String(order.id)) ?? null })),
    }
  },
})

const erasures = route({
  method: 'get',
  path: '/v1/privacy/erasures',
  tag: 'Privacy',
  summary: 'Which orders were erased, when, why and by whom: the proof',
  scope: 'privacy',
  params: nothing,
  body: nothing,
  query: z.strictObject({ reference: line(120).optional(), cursor, limit: limit(500, 100) }),
  answer: listOf(z.looseObject({ order_id: z.string(), connection_id: z.string(), channel_order_no: z.string(), why: z.string(), at: z.string() })),
  async handle({ deps, who, query }) {
    const before = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'erasures', TEXT, ID).id
    const rows = await listErasures(deps.pool, who.connections, { reference: query.reference, before, limit: query.limit + 1 })
    const found = page(rows, query.limit, (row) => ({ sort: 'erasures', value: '', id: String(row.order_id) }))
    return { ...found, items: found.items.map((row) => ({ ...row, order_id: String(row.order_id) })) }
  },
})

const retention = route({
  method: 'get',
  path: '/v1/privacy/retention',
  tag: 'Privacy',
  summary: 'How long each connection keeps personal data after delivery',
  scope: 'privacy',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: itemsOf(z.object({ connection_id: connectionId, name: z.string(), days: z.number().nullable(), erased: z.number() })),
  async handle({ deps, who }) {
    return { items: await listRetention(deps.pool, who.connections) }
  },
})

const setDays = route({
  method: 'patch',
  path: '/v1/privacy/retention/{id}',
  tag: 'Privacy',
  summary: 'Keep personal data of a connection so many days after delivery; what is older is erased at the next night',
  scope: 'privacy',
  audit: 'privacy.retention',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ days: z.int().min(1).max(3650).nullable() }),
  answer: done,
  async handle({ deps, who, params, body, note }) {
    requireConnection(who, params.id)
    if (!(await setRetention(deps.pool, params.id, body.days))) throw notFound('connection')
    note({ days: body.days })
    return { ok: true }
  },
})

export const privacyRoutes: readonly Route[] = [erase, exportPerson, erasures, retention, setDays]
