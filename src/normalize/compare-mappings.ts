import { overridesFrom, ruleKey, type MappingSet, type RuleSpec } from '../core/overrides.ts'
import type { PreparedRaw } from '../store/apply/rows.ts'
import type { HeadDocument } from '../store/replay/select-heads.ts'
import { prepareIncoming, type IngestDeps } from './ingest.ts'
import type { ConnectionContext } from './prepare.ts'
import { openHeads } from './replay.ts'
import { valueChanges, type ValueChange } from './value-changes.ts'

/** What a draft does to one document, against the version that holds. */
type Outcome = 'changed' | 'newly_fails' | 'newly_passes' | 'still_fails' | 'unchanged' | 'expired'

export interface ComparedDocument {
  /** `order/4711` */
  readonly entity: string
  readonly number: string
  readonly outcome: Outcome
  readonly changes: readonly ValueChange[]
  readonly live: Reading
  readonly draft: Reading
}

/** What one version makes of a document. */
export interface Reading {
  readonly kind: 'order' | 'refund' | 'ignored' | 'held' | 'expired'
  /** The canonical document as the API shows it. */
  readonly doc: Readonly<Record<string, unknown>> | null
  /** Why it waits for a person: what held it, or what is not sound about the order. */
  readonly problem: string | null
}

/** Rules as they stand, with the numbers the hub gave them. */
type StandingRule = RuleSpec & { readonly id: string }

/**
 * The context a draft would be read in. A rule that says what a standing one says keeps its number; new ones are numbered below zero, which
 * no stored order carries.
 */
export function draftContext(
  live: ConnectionContext,
  standing: readonly StandingRule[],
  set: MappingSet,
  names: readonly string[],
): ConnectionContext {
  const known = new Map(standing.map((rule) => [`${ruleKey(rule)}${rule.to}`, Number(rule.id)]))
  const rules = set.rules.map((rule, i) => ({ ...rule, id: known.get(`${ruleKey(rule)}${rule.to}`) ?? -1 - i }))
  const others = Object.entries(live.config).filter(([name]) => !names.includes(name))
  return {
    ...live,
    config: { ...Object.fromEntries(others), ...set.settings },
    overrides: overridesFrom((live.overrides?.version ?? 0) + 1, rules),
  }
}

/** Reads documents of one connection both ways, in slices that leave others their turn. Writes nothing. */
export async function compareMappings(
  deps: IngestDeps,
  live: ConnectionContext,
  draft: ConnectionContext,
  heads: readonly HeadDocument[],
): Promise<readonly ComparedDocument[]> {
  const { incoming, expired } = await openHeads(deps, heads)
  const before = await prepareIncoming(deps, live, incoming)
  const after = await prepareIncoming(deps, draft, incoming)
  const gone: Reading = { kind: 'expired', doc: null, problem: null }
  return [
    ...before.flatMap((raw, i) => {
      const other = after[i]
      return other === undefined ? [] : [compared(raw, other)]
    }),
    ...expired.map((head): ComparedDocument => ({
      entity: `${head.kind}/${head.externalId}`,
      number: head.externalId,
      outcome: 'expired',
      changes: [],
      live: gone,
      draft: gone,
    })),
  ]
}

function compared(before: PreparedRaw, after: PreparedRaw): ComparedDocument {
  const [live, draft] = [readingOf(before), readingOf(after)]
  const result = after.result.kind === 'order' ? after.result : before.result
  return {
    entity: `${before.kind}/${before.externalId}`,
    number: result.kind === 'order' ? result.order.channelOrderNo : before.externalId,
    ...verdict(before, after, { live, draft }),
    live,
    draft,
  }
}

function verdict(
  before: PreparedRaw,
  after: PreparedRaw,
  { live, draft }: { readonly live: Reading; readonly draft: Reading },
): Pick<ComparedDocument, 'outcome' | 'changes'> {
  // A document that is held has no values to compare: they would all be said to be new.
  const changes = live.kind === 'held' || draft.kind === 'held' ? [] : differences(before, after, { live, draft })
  const [failed, fails] = [faultsOf(before), faultsOf(after)]
  if (draft.kind === 'held' && live.kind === 'held') return { outcome: 'still_fails', changes }
  if (draft.kind !== 'held' && live.kind === 'held') return { outcome: 'newly_passes', changes }
  if ([...fails].some((fault) => !failed.has(fault))) return { outcome: 'newly_fails', changes }
  if (failed.size > 0 && fails.size === 0) return { outcome: 'newly_passes', changes }
  if (changes.length > 0) return { outcome: 'changed', changes }
  return { outcome: fails.size > 0 ? 'still_fails' : 'unchanged', changes }
}

/** What is not sound about a document: an order without a SKU that would not be read at all is worse off than before. */
function faultsOf({ result }: PreparedRaw): ReadonlySet<string> {
  if (result.kind === 'held') return new Set(['held'])
  return new Set(result.kind === 'order' ? result.order.holds.flatMap(({ failure, code, detail }) => (failure ? [`${code}:${detail}`] : [])) : [])
}

function differences(
  before: PreparedRaw,
  after: PreparedRaw,
  { live, draft }: { readonly live: Reading; readonly draft: Reading },
): readonly ValueChange[] {
  const kind = live.kind === draft.kind ? [] : [{ path: 'kind', from: live.kind, to: draft.kind }]
  const [a, b] = [stateOf(before), stateOf(after)]
  const changes = [...kind, ...valueChanges(a, b), ...valueChanges(live.doc, draft.doc)]
  const isHidden = changes.length === 0 && !hashOf(before).equals(hashOf(after))
  // The sealed part differs: that it does is said, what it says is not.
  return isHidden ? [{ path: 'recipient', from: '***', to: '***' }] : changes
}

const NO_HASH = Buffer.alloc(0)
const hashOf = ({ result }: PreparedRaw): Buffer =>
  result.kind === 'order' ? result.order.contentHash : result.kind === 'refund' ? result.refund.contentHash : NO_HASH

/** What an order is kept under beside its document. */
function stateOf({ result }: PreparedRaw): Readonly<Record<string, unknown>> | null {
  if (result.kind !== 'order') return null
  const { payment, fulfilment, afterSale, closed, holds } = result.order
  const codes = holds.map(({ code, detail }) => (detail === '' ? code : `${code}:${detail}`)).toSorted()
  return { payment, fulfilment, after_sale: afterSale, closed, holds: codes.join(', ') }
}

function readingOf({ result }: PreparedRaw): Reading {
  if (result.kind === 'held') return { kind: 'held', doc: null, problem: result.reason }
  if (result.kind === 'ignored') return { kind: 'ignored', doc: null, problem: null }
  if (result.kind === 'refund') return { kind: 'refund', doc: docOf(result.refund.doc), problem: null }
  const failing = result.order.holds.flatMap((hold) => (hold.failure ? [hold.message] : []))
  return { kind: 'order', doc: docOf(result.order.doc.toString()), problem: failing.length > 0 ? failing.join(' ') : null }
}

/** Text this hub has just written. */
const docOf = (text: string): Readonly<Record<string, unknown>> => JSON.parse(text)
