import { z } from 'zod'
import { LEDGER_STATES } from '../../core/ledger-state.ts'
import { setCutOff, signDay } from '../../store/edit/ledger-asks.ts'
import { createJob } from '../../store/jobs.ts'
import { requestFetch } from '../../store/raw/dispose.ts'
import { findConnection } from '../../store/read/connections.ts'
import { readLedgerDays, type LedgerDay } from '../../store/read/ledger-days.ts'
import { readBusinessDay, readLedgerDocuments, readLedgerEntries } from '../../store/read/ledger-entries.ts'
import { encodeCursor, decodeCursor, TEXT } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { connectionId, connectionParam, cursor, done, flag, itemsOf, limit, line, listOf, nothing, record } from '../fields.ts'
import { ledgerStatement } from '../ledger-statement.ts'
import { canAskChannel, ledgerDayView, ledgerEntryView, stateOfDay } from '../ledger-view.ts'
import { requireConnection, type Principal } from '../principal.ts'
import { Problem, badInput, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'

/** 30 February reads as a day of March. */
const exists = (day: string): boolean => new Date(Date.parse(`${day}T00:00:00Z`) || 0).toISOString().startsWith(day)
const date = z
  .string()
  .regex(/^20\d\d-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'must be a day such as 2026-11-21')
  .refine(exists, 'must be a day that exists')
const dayParam = z.strictObject({ id: connectionId, day: date })
const states = z.enum(['green', 'red', 'running', 'unasked', 'no-list'])
const ledgerDay = z.looseObject({
  connection_id: z.string(),
  day: z.string(),
  state: states,
  differences: z.number(),
  channel: record,
  hub: record,
  orders_by_state: z.record(z.string(), z.number()),
  consumers: z.array(record),
  signature: record.nullable(),
  changed_since: z.number(),
})

const MAX_DAYS = 31
const DAY_MS = 86_400_000

const list = route({
  method: 'get',
  path: '/v1/ledger',
  tag: 'Ledger',
  summary: 'Business days per connection: the channel, the hub and its consumers side by side, green or red',
  scope: 'orders:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({ from: date.optional(), to: date.optional(), connection: connectionId.optional() }),
  answer: itemsOf(ledgerDay),
  async handle({ deps, who, query }) {
    const to = query.to ?? deps.now().toISOString().slice(0, 10)
    const from = query.from ?? new Date(Date.parse(to) - 6 * DAY_MS).toISOString().slice(0, 10)
    if (from > to || Date.parse(to) - Date.parse(from) >= MAX_DAYS * DAY_MS)
      throw badInput([{ pointer: '?from', code: 'range-invalid', message: `Ask for at most ${MAX_DAYS} days, the first one first.` }])
    const rows = await readLedgerDays(deps.pool, { from, to, connection: query.connection, visible: who.connections })
    return { items: rows.map((row) => ledgerDayView(row, canAskChannel(deps.registry, row.channel))) }
  },
})

interface OneDay {
  readonly row: LedgerDay
  readonly canAsk: boolean
}

/** @throws Problem 404 when there is no such connection for the caller */
async function oneDay(deps: AppDeps, who: Principal, id: string, day: string): Promise<OneDay> {
  requireConnection(who, id)
  const [row] = await readLedgerDays(deps.pool, { from: day, to: day, connection: id, visible: who.connections })
  if (!row) throw notFound('connection')
  return { row, canAsk: canAskChannel(deps.registry, row.channel) }
}

const read = route({
  method: 'get',
  path: '/v1/ledger/{id}/{day}',
  tag: 'Ledger',
  summary: 'One business day, with the documents that came in while it lasted by what became of them',
  scope: 'orders:read',
  params: dayParam,
  query: nothing,
  body: nothing,
  answer: z.looseObject({ ...ledgerDay.shape, documents: record, cut_off: z.string(), timezone: z.string() }),
  async handle({ deps, who, params }) {
    const { row, canAsk } = await oneDay(deps, who, params.id, params.day)
    const window = await readBusinessDay(deps.pool, params.id, params.day)
    if (!window) throw notFound('connection')
    const documents = await readLedgerDocuments(deps.pool, params.id, window)
    const { applied, superseded, duplicate, held, ignored, waiting } = documents
    return {
      ...ledgerDayView(row, canAsk),
      documents: { received: applied + superseded + duplicate + held + ignored + waiting, ...documents },
      cut_off: clock(window.cut_off),
      timezone: window.timezone,
    }
  },
})

const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`

const entry = z.looseObject({ external_id: z.string(), state: z.string(), changed: z.boolean() })

const orders = route({
  method: 'get',
  path: '/v1/ledger/{id}/{day}/orders',
  tag: 'Ledger',
  summary: 'The orders of a business day, as the channel listed them and as the hub has them',
  scope: 'orders:read',
  params: dayParam,
  body: nothing,
  query: z.strictObject({ state: z.enum([...LEDGER_STATES, 'different']).optional(), changed: flag.optional(), cursor, limit: limit(500, 100) }),
  answer: listOf(entry),
  async handle({ deps, who, params, query }) {
    await oneDay(deps, who, params.id, params.day)
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'ledger', TEXT, TEXT).id
    const rows = await readLedgerEntries(deps.pool, {
      from: params.day,
      to: params.day,
      connection: params.id,
      visible: who.connections,
      states: query.state === undefined ? undefined : query.state === 'different' ? [...DIFFERENT] : [query.state],
      changed: query.changed,
      after,
      limit: query.limit + 1,
    })
    const items = rows.slice(0, query.limit)
    const last = items.at(-1)
    const more = rows.length > query.limit && last !== undefined
    return {
      items: items.map(ledgerEntryView),
      next_cursor: more ? encodeCursor({ sort: 'ledger', value: '', id: last.external_id }) : null,
      has_more: more,
    }
  },
})

const DIFFERENT = LEDGER_STATES.filter((state) => state !== 'matched' && state !== 'unlisted' && state !== 'ignored')

const ask = route({
  method: 'post',
  path: '/v1/ledger/{id}/{day}/ask',
  tag: 'Ledger',
  summary: 'Ask the channel again which orders of the day it has',
  scope: 'orders:write',
  audit: 'ledger.ask',
  status: 202,
  params: dayParam,
  query: nothing,
  body: nothing,
  answer: z.looseObject({ id: z.string() }),
  async handle({ deps, who, params }) {
    const { canAsk } = await oneDay(deps, who, params.id, params.day)
    if (!canAsk) throw new Problem(422, 'ledger-no-list', 'This channel has no list of orders to ask for.')
    const job = await createJob(deps.pool, { kind: 'ledger', connectionId: params.id, params: { day: params.day }, createdBy: who.actor })
    await tell(deps, 'ledger.ask', deps.control.startJob(job.id, 'ledger'))
    return { id: job.id, state: job.state }
  },
})

const MAX_REPULL = 5000

const repull = route({
  method: 'post',
  path: '/v1/ledger/{id}/{day}/repull',
  tag: 'Ledger',
  summary: 'Read what is missing or out of date from the channel again',
  scope: 'orders:write',
  audit: 'ledger.repull',
  params: dayParam,
  query: nothing,
  body: nothing,
  answer: z.object({ requested: z.number() }),
  async handle({ deps, who, params, note }) {
    const { row } = await oneDay(deps, who, params.id, params.day)
    if (deps.registry.get(row.channel)?.manifest.capabilities.fetchOrder === undefined)
      throw new Problem(422, 'ledger-no-fetch', 'This channel cannot be asked for single orders: read the days again with a backfill.')
    const missing = await readLedgerEntries(deps.pool, {
      from: params.day,
      to: params.day,
      connection: params.id,
      visible: who.connections,
      states: ['missing', 'stale', 'amount'],
      limit: MAX_REPULL,
    })
    const wanted = missing.map(({ external_id: externalId }) => ({ kind: 'order', externalId }))
    await requestFetch(deps.pool, params.id, wanted, 'ledger')
    await tell(deps, 'ledger.repull', deps.control.pushSoon([params.id]))
    note({ day: params.day, orders: wanted.length })
    return { requested: wanted.length }
  },
})

const sign = route({
  method: 'post',
  path: '/v1/ledger/{id}/{day}/sign',
  tag: 'Ledger',
  summary: 'Sign a business day off, by name; later changes are shown against it',
  scope: 'feed:read',
  audit: 'ledger.sign',
  status: 201,
  params: dayParam,
  query: nothing,
  body: z.strictObject({ set_hash: z.string().regex(/^[0-9a-f]{64}$/), note: line(500).optional() }),
  answer: z.object({ id: z.string(), signed_by: z.string() }),
  async handle({ deps, who, params, body, note }) {
    const { row, canAsk } = await oneDay(deps, who, params.id, params.day)
    if (who.user === undefined) throw new Problem(403, 'person-needed', 'A day is signed off by a person with a name: sign in.')
    const state = stateOfDay(row, canAsk)
    if (state === 'running') throw new Problem(409, 'day-running', 'This business day is not over yet.')
    if (body.set_hash !== row.canonical_hash)
      throw new Problem(409, 'ledger-moved', 'The day has changed since you looked at it. Look again, then sign.')
    if (state !== 'green' && body.note === undefined)
      throw badInput([{ pointer: '/note', code: 'note-missing', message: 'This day is not green: say why it is signed off all the same.' }])
    const id = await signDay(deps.pool, {
      connectionId: params.id,
      day: params.day,
      window: { from: row.window_from, to: row.window_to },
      state,
      note: body.note,
      by: who.user.name,
      at: deps.now(),
      statement: ledgerDayView(row, canAsk),
    })
    note({ day: params.day, state, set_hash: row.canonical_hash, orders: row.canonical })
    return { id, signed_by: who.user.name }
  },
})

const settings = route({
  method: 'patch',
  path: '/v1/ledger/{id}',
  tag: 'Ledger',
  summary: 'When a business day of this connection begins, by its own clock',
  scope: 'connections:write',
  audit: 'ledger.cut-off',
  params: connectionParam,
  query: nothing,
  body: z.strictObject({ cut_off: z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a time such as 04:00') }),
  answer: done,
  async handle({ deps, who, params, body, note }) {
    requireConnection(who, params.id)
    if (!(await findConnection(deps.pool, params.id))) throw notFound('connection')
    const [hours = '0', minutes = '0'] = body.cut_off.split(':')
    await setCutOff(deps.pool, params.id, Number(hours) * 60 + Number(minutes), who.actor)
    note({ cut_off: body.cut_off })
    return { ok: true }
  },
})

const MEDIA = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  pdf: 'application/pdf',
} as const
/** A workbook holds a busy day; on paper nobody reads more than this. */
const MOST_ROWS = { xlsx: 50_000, pdf: 400 } as const

const statement = route({
  method: 'get',
  path: '/v1/ledger/{id}/{day}/statement',
  tag: 'Ledger',
  summary: 'The day as a document to file: figures, differences, orders, signature',
  scope: 'orders:read',
  audit: 'ledger.statement',
  params: dayParam,
  body: nothing,
  query: z.strictObject({ format: z.enum(['xlsx', 'pdf']), language: z.enum(['en', 'zh-CN']).optional() }),
  answer: z.string(),
  produces: MEDIA.pdf,
  async handle({ deps, who, params, query, note }) {
    const { row, canAsk } = await oneDay(deps, who, params.id, params.day)
    const name = (await findConnection(deps.pool, params.id))?.name ?? params.id
    const entries = await readLedgerEntries(deps.pool, {
      from: params.day,
      to: params.day,
      connection: params.id,
      visible: who.connections,
      limit: MOST_ROWS.xlsx,
    })
    const language = query.language === 'zh-CN' ? 'zh' : 'en'
    const made = ledgerStatement({
      day: row,
      state: stateOfDay(row, canAsk),
      name,
      entries,
      language,
      now: deps.now(),
      most: MOST_ROWS[query.format],
    })
    const bytes = await deps.control.renderStatement(query.format, made)
    note({ format: query.format })
    const file = `ledger-${params.id}-${params.day}.${query.format}`
    return new Response(new Uint8Array(bytes), {
      headers: { 'content-type': MEDIA[query.format], 'content-disposition': `attachment; filename="${file}"`, 'cache-control': 'no-store' },
    })
  },
})

export const ledgerRoutes: readonly Route[] = [list, read, orders, ask, repull, sign, settings, statement]
