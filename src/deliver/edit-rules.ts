import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { withTx } from '../store/db.ts'
import { allLocations, knownConnections, knownLocations, markRuled, quotaConnections } from '../store/deliver/stock-rules.ts'
import { editBackTo, passBoundaries, writeRules, type RuleDraft, type RuleEdit } from '../store/deliver/write-rules.ts'
import { readRules, readRuleState, type StockRule } from '../store/read/stock-rules.ts'
import { previewRules, type RulePreview } from './rule-preview.ts'
import { placeFaults } from './kept-places.ts'
import { isInForce, RULE_FIELDS } from './rules.ts'

/** One change of the set of rules: rules put as they shall be, rules removed, or everything as it was at a version. */
export interface RuleChange extends RuleEdit {
  readonly restore: number | null
}
/** What is wrong with a change, by a pointer into it. */
export interface RuleFault {
  readonly pointer: string
  readonly code: string
  readonly message: string
}

export interface ChangeRequest {
  readonly change: RuleChange
  /** The moment that is looked at; undefined = now. */
  readonly at: string | undefined
  readonly now: Date
}

interface Planned {
  readonly edit: RuleEdit
  readonly version: number
  readonly before: readonly StockRule[]
  readonly after: readonly StockRule[]
  /** The old and new forms of every rule touched. */
  readonly touched: readonly StockRule[]
}

/** What speaks against a change; empty when it can be stored. */
export async function ruleFaults(client: pg.ClientBase | pg.Pool, { change, now }: ChangeRequest): Promise<readonly RuleFault[]> {
  const { put, remove, restore } = change
  const ids = new Set((await readRules(client)).map(({ id }) => id))
  const { version } = await readRuleState(client)
  const connections = await knownConnections(
    client,
    put.flatMap(({ connection_id: id }) => id ?? []),
  )
  const locations = await knownLocations(
    client,
    put.flatMap((rule) => rule.locations ?? []),
  )
  const clash = placeFaults(
    put,
    (await readRules(client)).filter(({ id }) => !remove.includes(id) && put.every((rule) => rule.id !== id)),
    await allLocations(client),
    await quotaConnections(client),
  )
  const twice = put.findIndex(({ id }, i) => id !== null && put.findIndex((other) => other.id === id) !== i)
  return [
    ...put.flatMap((rule, i) => faultsOf(rule, now).map((fault) => ({ ...fault, pointer: `/put/${i}${fault.pointer}` }))),
    ...put.flatMap((rule, i) => (rule.id === null || ids.has(rule.id) ? [] : [unknown(`/put/${i}/id`, 'rule')])),
    ...put.flatMap((rule, i) =>
      rule.connection_id === null || connections.has(rule.connection_id) ? [] : [unknown(`/put/${i}/connection`, 'connection')],
    ),
    ...put.flatMap((rule, i) => (rule.locations?.every((id) => locations.has(id)) === false ? [unknown(`/put/${i}/locations`, 'location')] : [])),
    ...remove.flatMap((id, i) => (ids.has(id) ? [] : [unknown(`/remove/${i}`, 'rule')])),
    ...clash,
    ...(twice < 0 ? [] : [{ pointer: `/put/${twice}/id`, code: 'repeated', message: 'This rule occurs twice.' }]),
    ...(restore === null || restore < version ? [] : [unknown('/restore', 'earlier version')]),
  ]
}

const unknown = (pointer: string, what: string): RuleFault => ({ pointer, code: 'unknown', message: `There is no such ${what}.` })

function faultsOf(rule: RuleDraft, now: Date): readonly RuleFault[] {
  const faults: RuleFault[] = []
  if (RULE_FIELDS.every((field) => rule[field] === null))
    faults.push({
      pointer: '',
      code: 'says-nothing',
      message: 'A rule says at least one thing: share, quota, priority, maximum, buffer, locations, stop or at_hand.',
    })
  if (rule.starts_at !== null && rule.ends_at !== null && rule.ends_at <= rule.starts_at)
    faults.push({ pointer: '/until', code: 'range-invalid', message: 'It ends before it begins.' })
  if (rule.enabled && rule.ends_at !== null && Date.parse(rule.ends_at) <= now.getTime())
    faults.push({ pointer: '/until', code: 'over', message: 'It is over already: give it another end or leave it off.' })
  return faults
}

async function planned(client: pg.ClientBase | pg.Pool, request: ChangeRequest): Promise<Planned> {
  const { version } = await readRuleState(client)
  const before = await readRules(client)
  const { put, remove, restore } = request.change
  const edit = restore === null ? { put, remove } : await editBackTo(client, restore)
  const ids = new Set([...edit.remove, ...edit.put.map(({ id }) => id)])
  const next = Math.max(0, ...before.map(({ id }) => id)) + 1
  // A new rule is the newest: where all else is equal it speaks first.
  const fresh = edit.put.map((rule, i): StockRule => ({
    ...rule,
    id: rule.id ?? next + i,
    author: '',
    version: 0,
    updated_at: request.now.toISOString(),
  }))
  const old = before.filter(({ id }) => ids.has(id))
  return { edit, version, before, after: [...before.filter(({ id }) => !ids.has(id)), ...fresh], touched: [...old, ...fresh] }
}

async function preview(client: pg.ClientBase | pg.Pool, plan: Planned, request: ChangeRequest): Promise<RulePreview> {
  const { change, at, now } = request
  const moment = at ?? now.toISOString()
  const seed = [plan.version, change, at ?? null]
  return previewRules(client, { rules: plan.before, at: now.toISOString() }, { rules: plan.after, at: moment }, seed, now)
}

/** What every listing would show after this change, at the moment asked for, against what it shows by the rules of now. Changes nothing. */
export async function previewChange(pool: pg.Pool, request: ChangeRequest): Promise<RulePreview & { readonly version: number }> {
  const plan = await planned(pool, request)
  return { ...(await preview(pool, plan, request)), version: plan.version }
}

export interface ApplyRequest extends ChangeRequest {
  /** Hash of the preview with the same change and moment; not needed while every rule touched is and stays switched off. */
  readonly previewHash: string | undefined
  /** Needed where listings would go to 0. */
  readonly confirmZero: boolean
  readonly actor: string
  readonly reason: string
}

/**
 * Stores a change exactly as previewed; the listings concerned are marked. Answers the new version of the set.
 * @throws DomainError `preview-required`, `preview-outdated`, `zero-not-confirmed`
 */
export async function applyChange(pool: pg.Pool, request: ApplyRequest): Promise<{ readonly version: number; readonly marked: number }> {
  const { now, actor, reason } = request
  return withTx(pool, async (client) => {
    await readRuleState(client, true)
    const passed = await passBoundaries(client, now)
    const plan = await planned(client, request)
    if (plan.touched.some(({ enabled }) => enabled)) await requirePreview(client, plan, request)
    const version = await writeRules(client, plan.edit, { actor, reason, now })
    const marked = await markRuled(
      client,
      plan.touched.filter((rule) => isInForce(rule, now.toISOString())),
    )
    return { version, marked: passed + marked }
  })
}

async function requirePreview(client: pg.ClientBase, plan: Planned, request: ApplyRequest): Promise<void> {
  if (request.previewHash === undefined) throw new DomainError('preview-required', 'This changes what channels show: send the hash of its preview.')
  const seen = await preview(client, plan, request)
  if (seen.hash !== request.previewHash)
    throw new DomainError('preview-outdated', 'Rules or listings have changed since the preview. Look at a new preview, then apply again.')
  // Who looked at a day to come has not seen what happens at once.
  const zero = seen.totals.zero + (request.at === undefined ? 0 : (await preview(client, plan, { ...request, at: undefined })).totals.zero)
  if (zero > 0 && !request.confirmZero)
    throw new DomainError('zero-not-confirmed', `${zero} listings would be set to 0. Confirm this to apply.`, { zero })
}
