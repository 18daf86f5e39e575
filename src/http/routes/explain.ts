import { z } from 'zod'
import type { CanonicalValue } from '../../normalize/explain-values.ts'
import type { Explained, ExplainedSource } from '../../normalize/explain-order.ts'
import { neighboursOf, openDocuments, refundDocument, type OpenedDocument } from '../../store/read/explain-documents.ts'
import { readOrder, type OrderDetailRow } from '../../store/read/order.ts'
import { openParties, type OpenedParty } from '../../store/read/raw.ts'
import type { AppDeps } from '../deps.ts'
import { idParam, line, nothing, record } from '../fields.ts'
import { maskRaw } from '../mask-raw.ts'
import { Problem, notFound } from '../problem.ts'
import { type Route, route } from '../route.ts'

const value = z.union([z.string(), z.boolean(), z.number(), z.object({ amount: z.string(), currency: z.string() }), z.null()])
const source = z.object({
  pointer: z.string(),
  /** As received, personal data masked; null for lists, groups and what is absent. */
  value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  absent: z.boolean(),
  tried: z.array(z.object({ put: z.union([z.string(), z.number(), z.boolean(), z.null()]), gave: value })),
})

const explain = route({
  method: 'get',
  path: '/v1/orders/{id}/explain',
  tag: 'Orders',
  summary: 'Where one canonical value comes from: document, places in it, steps, mapping, and what it was before',
  scope: 'orders:read',
  params: idParam,
  query: z.strictObject({ path: line(200) }),
  body: nothing,
  answer: z.object({
    path: z.string(),
    value,
    personal: z.boolean(),
    step: record,
    sources: z.array(source),
    conditions: z.array(z.string()),
    sufficient: z.boolean(),
    complete: z.boolean(),
    document: z.object({
      raw_id: z.string(),
      kind: z.string(),
      external_id: z.string(),
      source: z.string(),
      received_at: z.string(),
      source_time: z.string().nullable(),
    }),
    version: z.number(),
    mapping: z.string(),
    mapping_in_force: z.string(),
    overrides_version: z.number(),
    mapped_at: z.string().nullable(),
    superseded: z.array(z.object({ version: z.number(), value, raw_id: z.string(), mapping: z.string(), at: z.string().nullable() })),
  }),
  async handle({ deps, who, params, query }) {
    const order = await readOrder(deps.pool, params.id, who.connections)
    if (!order) throw notFound('order')
    const asked = await whereAsked(deps, order, query.path)
    const rawIds = [...new Set([asked.rawId, ...earlierOf(order, asked).map((version) => version.rawId)])]
    const documents = await openDocuments(deps.pool, deps.keys, order.connection_id, rawIds)
    const document = documents.get(asked.rawId)
    if (!document) throw new Problem(410, 'document-expired', 'The document this value came from was erased.')
    const others = async (): Promise<readonly string[]> => {
      const ids = await neighboursOf(deps.pool, order.connection_id, asked.kind, asked.rawId)
      return [...(await openDocuments(deps.pool, deps.keys, order.connection_id, ids)).values()].map(({ text }) => text)
    }
    const found = await deps.control.explainValue(order.connection_id, {
      kind: asked.kind,
      rawId: asked.rawId,
      externalId: asked.kind === 'order' ? order.external_id : document.externalId,
      text: document.text,
      path: asked.path,
      others,
    })
    if (!found.explained)
      throw new Problem(
        404,
        'path-not-mapped',
        'Nothing in the channel document makes this value: it belongs to the hub (bindings, stock, shipments), or there is no such value.',
      )
    const parties = (await openParties(deps.pool, deps.keys, [params.id])).get(params.id) ?? {}
    return {
      ...explainedView(found.explained, parties, asked.prefix),
      document: documentView(document),
      version: order.version,
      mapping: asked.mapping,
      mapping_in_force: found.mapping,
      overrides_version: Number(versionRow(order, order.version)?.['overrides_version'] ?? 0),
      mapped_at: textOr(versionRow(order, order.version)?.['at']),
      superseded: isPersonal(found.explained.path) ? [] : await superseded(deps, order, asked, { documents, now: found.explained.value }),
    }
  },
})

interface Asked {
  readonly kind: 'order' | 'refund'
  readonly rawId: string
  readonly path: string
  /** What stands before the path in the order's own numbering: refunds have documents of their own. */
  readonly prefix: string
  readonly mapping: string
}

/** Which document a path is about: a refund with a document of its own is read there. */
async function whereAsked(deps: AppDeps, order: OrderDetailRow, path: string): Promise<Asked> {
  const ofOrder: Asked = { kind: 'order', rawId: order.raw_id, path, prefix: '', mapping: order.mapping }
  const [, position, rest] = /^refunds[.[](\d{1,4})\]?\.(?:doc\.)?(.+)$/.exec(path) ?? []
  if (position === undefined || rest === undefined) return ofOrder
  const refund = await refundDocument(deps.pool, order.id, Number(position))
  if (!refund?.detailed) return ofOrder
  return { kind: 'refund', rawId: refund.rawId, path: rest, prefix: `refunds.${position}.`, mapping: refund.mapping }
}

const textOr = (text: unknown): string | null => (typeof text === 'string' ? text : null)
const versionRow = (order: OrderDetailRow, version: number): Readonly<Record<string, unknown>> | undefined =>
  order.version_rows.find((row) => row['version'] === version)

const MAX_EARLIER = 12

function earlierOf(
  order: OrderDetailRow,
  asked: Asked,
): readonly { readonly version: number; readonly rawId: string; readonly mapping: string; readonly at: string | null }[] {
  if (asked.kind === 'refund') return []
  return order.version_rows
    .toSorted((a, b) => Number(b['version']) - Number(a['version']))
    .filter((row) => row['version'] !== order.version)
    .slice(0, MAX_EARLIER)
    .map((row) => ({ version: Number(row['version']), rawId: String(row['raw_id']), mapping: String(row['mapping']), at: textOr(row['at']) }))
}

/** Values of earlier documents that were others, newest first; read by the mapping in force, for the documents are kept and not what was made of them. */
async function superseded(
  deps: AppDeps,
  order: OrderDetailRow,
  asked: Asked,
  given: { readonly documents: ReadonlyMap<string, OpenedDocument>; readonly now: CanonicalValue },
): Promise<readonly Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = []
  let after = JSON.stringify(given.now)
  for (const { version, rawId, mapping, at } of earlierOf(order, asked)) {
    const document = given.documents.get(rawId)
    if (!document) continue
    const before = await deps.control.valueNow(order.connection_id, {
      kind: 'order',
      externalId: order.external_id,
      text: document.text,
      path: asked.path,
    })
    if (before === undefined || JSON.stringify(before) === after) continue
    after = JSON.stringify(before)
    found.push({ version, value: before, raw_id: rawId, mapping, at })
  }
  return found
}

/** Values that stand masked everywhere else. */
const isPersonal = (path: string): boolean => /^(?:recipient|billTo|buyerNote)(?:\.|$)/.test(path)

function explainedView(explained: Explained, parties: OpenedParty, prefix: string): Record<string, unknown> {
  const personal = isPersonal(explained.path)
  const { op, ...step } = explained.step
  const isTable = op === 'table'
  return {
    path: `${prefix}${explained.path}`,
    value: personal ? null : explained.value,
    personal,
    // What a table was asked for stands with the sources, masked where it must be.
    step: isTable ? { op } : personal && op === 'constant' ? { op } : { op, ...step },
    sources: explained.sources.map((one) => sourceView(one, { parties, personal, isTable })),
    conditions: explained.conditions.slice(0, 50),
    sufficient: explained.sufficient,
    complete: explained.complete,
  }
}

interface Masking {
  readonly parties: OpenedParty
  readonly personal: boolean
  /** Words of a status table are nobody's: only those may come from documents of other orders. */
  readonly isTable: boolean
}

function sourceView(one: ExplainedSource, { parties, personal, isTable }: Masking): Record<string, unknown> {
  const hidden = personal || one.holds || one.absent
  return {
    pointer: one.pointer,
    value: hidden ? null : shown(one.pointer, one.value, parties),
    absent: one.absent,
    tried:
      isTable && !personal
        ? one.trials.filter(({ put }) => isWord(put)).map(({ put, gave }) => ({ put: shown(one.pointer, put, parties), gave }))
        : [],
  }
}

const isWord = (put: unknown): boolean =>
  typeof put === 'boolean' || typeof put === 'number' || (typeof put === 'string' && /^[\w.: -]{1,40}$/.test(put))

/** A raw value under its name, masked as the document itself would be. */
function shown(pointer: string, raw: unknown, parties: OpenedParty): string | number | boolean | null {
  if (typeof raw === 'boolean') return raw
  if (typeof raw !== 'string' && typeof raw !== 'number') return null
  const name = /([^/#]*)(?:\/\d+)*$/.exec(pointer)?.[1] ?? ''
  const text = String(raw).slice(0, 500)
  const masked: unknown = JSON.parse(maskRaw(JSON.stringify({ [name]: text }), parties))
  const seen = typeof masked === 'object' && masked !== null ? String(Object.values(masked)[0] ?? '') : ''
  return typeof raw === 'number' && seen === text ? raw : seen
}

const documentView = (document: OpenedDocument): Record<string, unknown> => ({
  raw_id: document.rawId,
  kind: document.kind,
  external_id: document.externalId,
  source: document.source,
  received_at: document.receivedAt,
  source_time: document.sourceTime,
})

export const explainRoutes: readonly Route[] = [explain]
