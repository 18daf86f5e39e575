import { z } from 'zod'
import { findCarrier } from '../../core/carriers.ts'
import { DomainError } from '../../core/fault.ts'
import { correctShipment } from '../../deliver/correct-parcel.ts'
import { retryEffect } from '../../deliver/effects.ts'
import { refusedInGroup } from '../../store/deliver/edit-effects.ts'
import { changeFailureGroup, noteFailure } from '../../store/edit/failures.ts'
import { reEmitGroup } from '../../store/edit/re-emit.ts'
import {
  countFailureGroups,
  entityOfItem,
  type FailureGroupRow,
  failureItems,
  failureNotes,
  listFailureGroups,
  readFailureGroup,
} from '../../store/read/failures.ts'
import { ID, STAMP, decodeCursor, page } from '../cursor.ts'
import type { AppDeps } from '../deps.ts'
import { headOf, openHead } from '../../store/read/head.ts'
import { openParties } from '../../store/read/raw.ts'
import { connectionId, cursor, done, idParam, instant, limit, line, listOf, money, nothing, reason, rowId, text } from '../fields.ts'
import { amount } from '../order-view.ts'
import { maskRaw } from '../mask-raw.ts'
import type { Principal } from '../principal.ts'
import { Problem, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'
import { tell } from '../tell.ts'

const statuses = z.enum(['open', 'acknowledged', 'resolved', 'ignored'])
const group = z.looseObject({
  id: z.string(),
  operation: z.string(),
  fault_kind: z.string(),
  code: z.string(),
  message: z.string(),
  connection_id: z.string().nullable(),
  count: z.number(),
  orders: z.number(),
  money: z.array(money),
  trend: z.array(z.number()).length(24),
  status: statuses,
  regressed: z.boolean(),
})
const SAMPLE = 50
const NOTES = 100
/** Refused writes one request sends again. */
const MOST = 1000

const groupView = ({ sort_value: _sort, money: sums, ...row }: FailureGroupRow): Record<string, unknown> => ({ ...row, money: sums.map(amount) })

async function requireGroup(deps: AppDeps, who: Principal, id: string): Promise<FailureGroupRow> {
  const row = await readFailureGroup(deps.pool, id, who.connections)
  if (!row) throw notFound('failure')
  return row
}

const list = route({
  method: 'get',
  path: '/v1/failures',
  tag: 'Failures',
  summary: 'Failures grouped by signature, the most recently seen first',
  scope: 'failures:read',
  params: nothing,
  body: nothing,
  query: z.strictObject({
    status: statuses.optional(),
    connection: connectionId.optional(),
    operation: text(60).optional(),
    cursor,
    limit: limit(200, 50),
  }),
  answer: z.object({
    ...listOf(group).shape,
    counts: z.object({ open: z.number(), acknowledged: z.number(), ignored: z.number(), resolved: z.number() }),
  }),
  async handle({ deps, who, query }) {
    const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor, 'failures', STAMP, ID)
    const rows = await listFailureGroups(deps.pool, { ...query, after }, who.connections)
    const found = page(rows, query.limit, (row) => ({ sort: 'failures', value: row.sort_value, id: row.id }))
    const counts = await countFailureGroups(deps.pool, query, who.connections)
    return { ...found, items: found.items.map(groupView), counts }
  },
})

const read = route({
  method: 'get',
  path: '/v1/failures/{id}',
  tag: 'Failures',
  summary: 'One group with its newest items, and what people said and did about it',
  scope: 'failures:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.looseObject({
    ...group.shape,
    items: z.array(z.looseObject({ id: z.string(), subject_kind: z.string(), message: z.string(), total: money.nullable() })),
    notes: z.array(z.object({ id: z.string(), kind: z.string(), text: z.string(), author: z.string(), at: z.string() })),
  }),
  async handle({ deps, who, params }) {
    const row = await requireGroup(deps, who, params.id)
    const items = await failureItems(deps.pool, params.id, SAMPLE)
    return {
      ...groupView(row),
      items: items.map((item) => ({ ...item, total: item.total === null ? null : amount(item.total) })),
      notes: await failureNotes(deps.pool, params.id, NOTES),
    }
  },
})

const change = route({
  method: 'patch',
  path: '/v1/failures/{id}',
  tag: 'Failures',
  summary: 'Take over, resolve, ignore for a while, note',
  scope: 'orders:write',
  audit: 'failure.change',
  params: idParam,
  query: nothing,
  body: z.strictObject({
    status: statuses.optional(),
    owner: line(100).nullable().optional(),
    note: text(2000).nullable().optional(),
    ignored_until: instant.nullable().optional(),
  }),
  answer: group,
  async handle({ deps, who, params, body, note }) {
    await requireGroup(deps, who, params.id)
    await changeFailureGroup(deps.pool, params.id, body, who.actor)
    note({ status: body.status, owner: body.owner })
    return groupView(await requireGroup(deps, who, params.id))
  },
})

const addNote = route({
  method: 'post',
  path: '/v1/failures/{id}/notes',
  tag: 'Failures',
  summary: 'Leave a note for whoever looks at this group next',
  scope: 'orders:write',
  audit: 'failure.note',
  status: 201,
  params: idParam,
  query: nothing,
  body: z.strictObject({ text: text(2000).min(1) }),
  answer: done,
  async handle({ deps, who, params, body }) {
    await requireGroup(deps, who, params.id)
    await noteFailure(deps.pool, params.id, { kind: 'note', text: body.text, author: who.actor })
    return { ok: true }
  },
})

const choices = route({
  method: 'get',
  path: '/v1/failures/{id}/choices',
  tag: 'Failures',
  summary: 'What an unknown word could mean: each known one tried on a waiting document; nothing is written',
  scope: 'failures:read',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.object({
    field: z.string(),
    pointer: z.string(),
    word: z.string(),
    choices: z.array(
      z.object({
        to: z.string(),
        payment: z.string().nullable(),
        fulfilment: z.string().nullable(),
        cancelled: z.boolean(),
        closed: z.boolean(),
        seen: z.number(),
        problem: z.string().nullable(),
      }),
    ),
  }),
  async handle({ deps, who, params }) {
    const row = await requireGroup(deps, who, params.id)
    const found = row.connection_id === null ? undefined : await deps.control.wordChoices(row.connection_id, Number(params.id))
    if (!found) throw new Problem(409, 'no-choices', 'No document of this group waits for a word that could be chosen here.')
    return found
  },
})

const sample = route({
  method: 'get',
  path: '/v1/failures/{id}/sample',
  tag: 'Failures',
  summary: 'A document of this group as received, personal data masked, and where the mapping stumbles over it',
  scope: 'failures:read',
  params: idParam,
  query: z.strictObject({ item: rowId.optional() }),
  body: nothing,
  answer: z.object({
    connection_id: z.string(),
    entity: z.string(),
    order_id: z.string().nullable(),
    text: z.string(),
    pointer: z.string().nullable(),
  }),
  async handle({ deps, who, params, query }) {
    await requireGroup(deps, who, params.id)
    const about = await entityOfItem(deps.pool, params.id, query.item)
    const head = about && (await headOf(deps.pool, about.connection_id, about.entity))
    if (!about || !head) throw notFound('document')
    const text = await openHead(deps.keys, head)
    const pointer = await deps.control.stumblesAt(about.connection_id, { entity: about.entity, text })
    const parties = about.order_id === null ? undefined : (await openParties(deps.pool, deps.keys, [about.order_id])).get(about.order_id)
    return { ...about, text: maskRaw(text, parties ?? {}), pointer: pointer ?? null }
  },
})

const reEmit = route({
  method: 'post',
  path: '/v1/failures/{id}/re-emit',
  tag: 'Failures',
  summary: 'Put all orders of this group into the feed once more',
  scope: 'orders:write',
  audit: 'failure.re-emit',
  params: idParam,
  query: nothing,
  body: nothing,
  answer: z.object({ orders: z.number() }),
  async handle({ deps, who, params, note }) {
    await requireGroup(deps, who, params.id)
    const orders = await reEmitGroup(deps.pool, params.id)
    note({ orders })
    await noteFailure(deps.pool, params.id, { kind: 'fix', text: `re-emit ${orders}`, author: who.actor })
    return { orders }
  },
})

/** False where somebody else settled the effect in the meantime: that is no reason to leave the others. */
async function stillRefused(again: Promise<unknown>): Promise<boolean> {
  try {
    await again
    return true
  } catch (error) {
    if (error instanceof DomainError && (error.code === 'effect-not-retryable' || error.code === 'effect-not-correctable')) return false
    throw error
  }
}

const pushAgain = route({
  method: 'post',
  path: '/v1/failures/{id}/push-again',
  tag: 'Failures',
  summary: 'Send the refused packages and decisions of this group again, on request with another carrier',
  scope: 'shipments:write',
  audit: 'failure.push-again',
  params: idParam,
  query: nothing,
  body: z.strictObject({ reason, carrier: line(60).optional() }),
  answer: z.object({ effects: z.number(), left: z.number() }),
  async handle({ deps, who, params, body, note }) {
    await requireGroup(deps, who, params.id)
    if (body.carrier !== undefined) findCarrier(body.carrier) // an unknown one is refused before anything is touched
    const found = await refusedInGroup(deps.pool, params.id, MOST + 1)
    const refused = found.slice(0, MOST)
    const base = { pool: deps.pool, reason: body.reason, actor: who.actor, now: deps.now() }
    let sent = 0
    for (const { id: effectId } of refused)
      if (
        await stillRefused(
          body.carrier === undefined ? retryEffect({ ...base, effectId }) : correctShipment({ ...base, effectId, carrier: body.carrier }),
        )
      )
        sent += 1
    note({ effects: sent, carrier: body.carrier, reason: body.reason })
    await noteFailure(deps.pool, params.id, {
      kind: 'fix',
      text: `push-again ${sent}${body.carrier === undefined ? '' : ` ${body.carrier}`}`,
      author: who.actor,
    })
    await tell(deps, 'failure.push-again', deps.control.pushSoon([...new Set(refused.map((effect) => effect.connection_id))]))
    return { effects: sent, left: found.length - refused.length }
  },
})

export const failureRoutes: readonly Route[] = [list, read, change, addNote, choices, sample, reEmit, pushAgain]
