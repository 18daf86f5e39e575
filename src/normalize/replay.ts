import { moneyToDecimal } from '../core/money.ts'
import { rawAad } from '../store/envelope.ts'
import { DomainError } from '../core/fault.ts'
import { storedOrders, type HeadDocument } from '../store/replay/select-heads.ts'
import type { PreparedRaw } from '../store/apply/rows.ts'
import { fieldChanges } from './compare.ts'
import { ingest, prepareIncoming, type IncomingRaw, type IngestDeps } from './ingest.ts'
import type { ConnectionContext } from './prepare.ts'

/** What a replay did or, in a dry run, would do. Sums are decimal text per currency. */
export interface ReplayCounts {
  readonly create: number
  readonly change: number
  readonly unchanged: number
  readonly fail: number
  readonly expired: number
  readonly money: Readonly<Record<'create' | 'change' | 'unchanged', Readonly<Record<string, number>>>>
  readonly fields: Readonly<Record<string, { readonly from: string; readonly to: string; readonly count: number }>>
  readonly samples: readonly ReplaySample[]
}

export interface ReplaySample {
  readonly channelOrderNo: string
  readonly connectionId: string
  readonly outcome: 'create' | 'change' | 'fail'
  readonly reason?: string
  readonly changes: readonly { readonly path: string; readonly from: string; readonly to: string }[]
}

export const emptyCounts = (): ReplayCounts => ({
  create: 0,
  change: 0,
  unchanged: 0,
  fail: 0,
  expired: 0,
  money: { create: {}, change: {}, unchanged: {} },
  fields: {},
  samples: [],
})

const MAX_SAMPLES = 50
const MAX_FIELDS = 200

/** Opens the documents of one connection for a replay; an erased one is left out and counted as expired. */
async function openHeads(
  deps: IngestDeps,
  heads: readonly HeadDocument[],
): Promise<{ readonly incoming: readonly IncomingRaw[]; readonly expired: number }> {
  const incoming: IncomingRaw[] = []
  let expired = 0
  for (const head of heads) {
    try {
      const payload = await deps.keys.open(head, rawAad(head.connectionId, head.storedKind, head.storedId))
      incoming.push({
        record: {
          kind: head.kind,
          externalId: head.externalId,
          sourceTime: head.sourceTime,
          payload,
          ...(head.parentId !== null && { parentId: head.parentId }),
        },
        source: head.source,
        receivedAt: head.receivedAt,
        readStartedAt: head.readStartedAt,
        authoritative: head.authoritative,
        archivedRawId: head.rawId,
        ...(head.meta && { meta: head.meta }),
      })
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'document-expired') throw error
      expired += 1
    }
  }
  return { incoming, expired }
}

/** Runs the mapping in force over documents of one connection and says what would happen. Writes nothing. */
export async function dryRun(
  deps: IngestDeps,
  context: ConnectionContext,
  heads: readonly HeadDocument[],
  into: ReplayCounts,
): Promise<ReplayCounts> {
  const { incoming, expired } = await openHeads(deps, heads)
  const prepared = await prepareIncoming(deps, context, incoming)
  const numbers = prepared.flatMap((raw) => (raw.result.kind === 'order' ? [raw.result.order.channelOrderNo] : []))
  const stored = await storedOrders(deps.pool, context.connectionId, numbers)
  let counts: ReplayCounts = { ...into, expired: into.expired + expired }
  for (const raw of prepared) counts = judge(counts, raw, stored)
  return counts
}

function judge(counts: ReplayCounts, raw: PreparedRaw, stored: Awaited<ReturnType<typeof storedOrders>>): ReplayCounts {
  const { result } = raw
  if (result.kind === 'held') {
    return sampled(
      { ...counts, fail: counts.fail + 1 },
      { channelOrderNo: raw.externalId, connectionId: raw.connectionId, outcome: 'fail', reason: result.reason, changes: [] },
    )
  }
  if (result.kind !== 'order') return { ...counts, unchanged: counts.unchanged + 1 }
  const { order } = result
  const before = stored.get(order.channelOrderNo)
  const failing = order.holds.filter((hold) => hold.failure)
  const base = { channelOrderNo: order.channelOrderNo, connectionId: raw.connectionId }
  if (!before)
    return sampled(withMoney({ ...counts, create: counts.create + 1 }, 'create', order.currency, order.totalMinor), {
      ...base,
      outcome: 'create',
      changes: [],
    })
  const holds = order.holds.map((hold) => (hold.detail === '' ? hold.code : `${hold.code}:${hold.detail}`)).toSorted()
  const changes = [
    ...fieldChanges(before.doc, JSON.parse(order.doc.toString())),
    ...fieldChanges({ holds: before.holds.join(', ') }, { holds: holds.join(', ') }),
  ]
  if (failing.length > 0 && before.holds.join() === holds.join()) {
    return sampled({ ...counts, fail: counts.fail + 1 }, { ...base, outcome: 'fail', reason: failing.map((hold) => hold.message).join(' '), changes })
  }
  if (changes.length === 0 && before.contentHash.equals(order.contentHash))
    return withMoney({ ...counts, unchanged: counts.unchanged + 1 }, 'unchanged', order.currency, order.totalMinor)
  return sampled(withFields(withMoney({ ...counts, change: counts.change + 1 }, 'change', order.currency, order.totalMinor), changes), {
    ...base,
    outcome: 'change',
    changes: changes.slice(0, 20),
  })
}

const sampled = (counts: ReplayCounts, sample: ReplaySample): ReplayCounts =>
  counts.samples.length >= MAX_SAMPLES ? counts : { ...counts, samples: [...counts.samples, sample] }

function withMoney(counts: ReplayCounts, bucket: 'create' | 'change' | 'unchanged', currency: string, minor: number): ReplayCounts {
  const sums = counts.money[bucket]
  return { ...counts, money: { ...counts.money, [bucket]: { ...sums, [currency]: (sums[currency] ?? 0) + minor } } }
}

function withFields(counts: ReplayCounts, changes: ReplaySample['changes']): ReplayCounts {
  const fields = { ...counts.fields }
  for (const path of new Set(changes.map((change) => change.path))) {
    const first = changes.find((change) => change.path === path)
    const known = fields[path]
    if (known) fields[path] = { ...known, count: known.count + 1 }
    else if (first && Object.keys(fields).length < MAX_FIELDS) fields[path] = { from: first.from, to: first.to, count: 1 }
  }
  return { ...counts, fields }
}

/** Applies the mapping in force to documents of one connection. Idempotent: unchanged data makes no version, no feed row, no effect. */
export async function replayHeads(
  deps: IngestDeps,
  context: ConnectionContext,
  heads: readonly HeadDocument[],
  into: ReplayCounts,
): Promise<ReplayCounts> {
  const { incoming, expired } = await openHeads(deps, heads)
  const result = await ingest(deps, context, incoming, { mode: 'replay' })
  return {
    ...into,
    create: into.create + result.created,
    change: into.change + result.changed,
    fail: into.fail + result.held,
    expired: into.expired + expired,
    unchanged: into.unchanged + incoming.length - result.created - result.changed - result.held,
  }
}

/** Sums as the API shows them. */
export const moneyOf = (sums: Readonly<Record<string, number>>): readonly { readonly amount: string; readonly currency: string }[] =>
  Object.entries(sums).map(([currency, minor]) => ({ amount: moneyToDecimal({ minor, currency }), currency }))
