import { moneyToDecimal } from '../core/money.ts'
import { rawAad } from '../store/envelope.ts'
import { DomainError } from '../core/fault.ts'
import { storedOrders, storedRefunds, type HeadDocument } from '../store/replay/select-heads.ts'
import type { ReplayItem } from '../store/replay/replay-items.ts'
import type { PreparedRaw } from '../store/apply/rows.ts'
import { fieldChanges } from './compare.ts'
import { prepareBatch, prepareIncoming, writeBatch, type IncomingRaw, type IngestDeps } from './ingest.ts'
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

interface ReplaySample {
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

/** Figures so far, and a row for each document that a person may want to look up: what is left as it is has none. */
export interface Replayed {
  readonly counts: ReplayCounts
  readonly items: readonly ReplayItem[]
}

/** Opens the documents of one connection for a replay; an erased one is left out and counted as expired. */
export async function openHeads(
  deps: IngestDeps,
  heads: readonly HeadDocument[],
): Promise<{ readonly incoming: readonly IncomingRaw[]; readonly expired: readonly HeadDocument[] }> {
  const incoming: IncomingRaw[] = []
  const expired: HeadDocument[] = []
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
      expired.push(head)
    }
  }
  return { incoming, expired }
}

/** Runs the mapping in force over documents of one connection and says what would happen. Writes nothing. */
export async function dryRun(deps: IngestDeps, context: ConnectionContext, heads: readonly HeadDocument[], into: ReplayCounts): Promise<Replayed> {
  const { incoming, expired } = await openHeads(deps, heads)
  return judgeAll(deps, context, await prepareIncoming(deps, context, incoming), { counts: into, expired })
}

/** Compares documents that were mapped anew with what stands. */
async function judgeAll(
  deps: IngestDeps,
  { connectionId }: ConnectionContext,
  prepared: readonly PreparedRaw[],
  from: { readonly counts: ReplayCounts; readonly expired: readonly HeadDocument[] },
): Promise<Replayed> {
  const orders = await storedOrders(
    deps.pool,
    connectionId,
    prepared.flatMap(({ result }) => (result.kind === 'order' ? [result.order.channelOrderNo] : [])),
  )
  const refunds = await storedRefunds(
    deps.pool,
    connectionId,
    prepared.flatMap(({ result }) => (result.kind === 'refund' ? [result.refund.channelRefundNo] : [])),
  )
  let counts: ReplayCounts = { ...from.counts, expired: from.counts.expired + from.expired.length }
  const items: ReplayItem[] = from.expired.map((head) => ({
    item: `${head.connectionId}/${head.kind}/${head.externalId}`,
    outcome: 'expired',
    detail: { reason: 'The document was erased; it cannot be mapped again.' },
  }))
  for (const raw of prepared) {
    const verdict = judge(raw, orders, refunds)
    counts = counted(counts, raw, verdict)
    if (verdict.outcome !== 'unchanged') items.push(itemOf(raw, verdict))
  }
  return { counts, items }
}

interface Verdict {
  readonly outcome: 'create' | 'change' | 'unchanged' | 'fail'
  readonly reason?: string
  readonly changes: ReplaySample['changes']
  readonly money?: { readonly currency: string; readonly minor: number }
}

function judge({ result }: PreparedRaw, orders: Awaited<ReturnType<typeof storedOrders>>, refunds: ReadonlyMap<string, Buffer>): Verdict {
  if (result.kind === 'held') return { outcome: 'fail', reason: result.reason, changes: [] }
  if (result.kind === 'ignored') return { outcome: 'unchanged', changes: [] }
  if (result.kind === 'refund') {
    const before = refunds.get(result.refund.channelRefundNo)
    return { outcome: before === undefined ? 'create' : before.equals(result.refund.contentHash) ? 'unchanged' : 'change', changes: [] }
  }
  const { order } = result
  const money = { currency: order.currency, minor: order.totalMinor }
  const before = orders.get(order.channelOrderNo)
  if (!before) return { outcome: 'create', changes: [], money }
  const holds = order.holds.map((hold) => (hold.detail === '' ? hold.code : `${hold.code}:${hold.detail}`)).toSorted()
  const changes = [
    ...fieldChanges(before.doc, JSON.parse(order.doc.toString())),
    ...fieldChanges({ holds: before.holds.join(', ') }, { holds: holds.join(', ') }),
  ]
  const failing = order.holds.filter((hold) => hold.failure)
  if (failing.length > 0 && before.holds.join() === holds.join())
    return { outcome: 'fail', reason: failing.map((hold) => hold.message).join(' '), changes }
  if (changes.length === 0 && before.contentHash.equals(order.contentHash)) return { outcome: 'unchanged', changes, money }
  return { outcome: 'change', changes, money }
}

const numberOf = (raw: PreparedRaw): string => (raw.result.kind === 'order' ? raw.result.order.channelOrderNo : raw.externalId)

function counted(counts: ReplayCounts, raw: PreparedRaw, verdict: Verdict): ReplayCounts {
  const { outcome, changes, money, reason } = verdict
  let next: ReplayCounts = { ...counts, [outcome]: counts[outcome] + 1 }
  if (money && outcome !== 'fail') next = withMoney(next, outcome, money.currency, money.minor)
  if (outcome === 'change') next = withFields(next, changes)
  if (outcome === 'unchanged') return next
  const base = { channelOrderNo: numberOf(raw), connectionId: raw.connectionId, outcome }
  return sampled(next, { ...base, ...(reason !== undefined && { reason }), changes: outcome === 'create' ? [] : changes.slice(0, 20) })
}

const itemOf = (raw: PreparedRaw, { outcome, reason, changes, money }: Verdict): ReplayItem => ({
  item: `${raw.connectionId}/${raw.kind}/${raw.externalId}`,
  outcome: outcome === 'unchanged' ? 'change' : outcome,
  detail: {
    number: numberOf(raw),
    ...(reason !== undefined && { reason }),
    ...(money && { total: moneyToDecimal(money), currency: money.currency }),
    ...(changes.length > 0 && { changes: changes.slice(0, 20) }),
  },
})

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

/**
 * Applies the mapping in force to documents of one connection. Idempotent: unchanged data makes no version, no feed row, no
 * effect. What is said to change was compared right before it was written.
 */
export async function replayHeads(
  deps: IngestDeps,
  context: ConnectionContext,
  heads: readonly HeadDocument[],
  into: ReplayCounts,
): Promise<Replayed> {
  const { incoming, expired } = await openHeads(deps, heads)
  const batch = await prepareBatch(deps, context, incoming, { replay: true })
  const planned = await judgeAll(deps, context, batch.rounds.flat(), { counts: into, expired })
  const written = await writeBatch(deps, context, batch, { mode: 'replay' })
  return { ...planned, counts: withoutLate(into, planned.counts, written) }
}

/** A newer document may have come between the look and the write; then nothing was written for it, and it counts as left. */
function withoutLate(before: ReplayCounts, after: ReplayCounts, written: { readonly created: number; readonly changed: number }): ReplayCounts {
  const late = Math.max(0, after.create + after.change - before.create - before.change - written.created - written.changed)
  const fromChange = Math.min(late, after.change - before.change)
  return { ...after, change: after.change - fromChange, create: after.create - (late - fromChange), unchanged: after.unchanged + late }
}

/** Sums as the API shows them. */
export const moneyOf = (sums: Readonly<Record<string, number>>): readonly { readonly amount: string; readonly currency: string }[] =>
  Object.entries(sums).map(([currency, minor]) => ({ amount: moneyToDecimal({ minor, currency }), currency }))
