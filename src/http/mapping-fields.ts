import { z } from 'zod'
import { ruleKey, type RuleSpec } from '../core/overrides.ts'
import { scalarIn } from '../normalize/scalar-in.ts'
import { listLocations } from '../store/deliver/locations.ts'
import { pick, type NewRule } from '../store/overrides/write-version.ts'
import { headOf, openHead } from '../store/read/head.ts'
import { orderIdOf } from '../store/read/ids.ts'
import { openParties } from '../store/read/raw.ts'
import type { ConnectionRow } from '../store/read/connections.ts'
import type { AppDeps } from './deps.ts'
import { line, reason, text, visible } from './fields.ts'
import { maskRaw } from './mask-raw.ts'
import { type InputError, Problem, badInput, notFound } from './problem.ts'

const value = text(200)
export const entityField = z.string().regex(/^(order|refund)\/.{1,200}$/, 'must be order/… or refund/…')
export const wordFields = { field: line(100), from: value.min(1), to: value.min(1) }
export const carrierFields = { from: line(60), to: line(60) }
/** A place of the channel by its id there, and our location its orders take goods from. */
export const placeFields = { from: line(100), to: visible(60) }
/** Without `from`: what stands there is read from the document itself. */
export const valueFields = {
  entity: entityField,
  field: z
    .string()
    .max(300)
    .regex(/^(\/[^\u0000-\u001f]*)+$/, 'must be a JSON pointer'),
  to: value,
}

const ruleBody = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('word'), ...wordFields, reason: reason.optional() }),
  z.strictObject({ kind: z.literal('carrier'), ...carrierFields, reason: reason.optional() }),
  z.strictObject({ kind: z.literal('place'), ...placeFields, reason: reason.optional() }),
  z.strictObject({ kind: z.literal('field'), ...valueFields, from: value.optional(), reason: reason.optional() }),
])

/** A whole set: rules, and the settings that steer the mapping. */
export const setBody = {
  rules: z.array(ruleBody).max(1000),
  settings: z.record(z.string().max(100), z.unknown()),
}
export const ruleAnswer = z.object({
  kind: z.string(),
  field: z.string(),
  entity: z.string(),
  from: z.string(),
  to: z.string(),
  reason: z.string().nullish(),
})

/**
 * Rules as they were sent, those about one value completed from its document. What `known` says already is taken as it stands.
 * @throws Problem 400 for two rules that answer the same question, or one that answers nothing
 */
export async function readRules(
  deps: AppDeps,
  connectionId: string,
  sent: readonly z.output<typeof ruleBody>[],
  known: readonly RuleSpec[],
): Promise<readonly NewRule[]> {
  const rules: NewRule[] = []
  const seen = new Set<string>()
  for (const [i, one] of sent.entries()) {
    const rule = { ...(await ruleOf(deps, connectionId, one, known)), ...(one.reason !== undefined && { reason: one.reason }) }
    if (isEmpty(rule)) throw badInput([{ pointer: `/rules/${i}/to`, code: 'same', message: 'Is what stands there already.' }])
    if (seen.has(ruleKey(rule))) throw badInput([{ pointer: `/rules/${i}`, code: 'twice', message: 'Another rule answers this already.' }])
    seen.add(ruleKey(rule))
    rules.push(rule)
  }
  await requireLocations(deps, rules, (i) => `/rules/${i}/to`)
  return rules
}

/** Reads as what stands there already; a place of the channel may be called as ours is. */
export const isEmpty = ({ kind, from, to }: RuleSpec): boolean => kind !== 'place' && from === to

/** @throws Problem 400 where a place is bound to a location there is not */
export async function requireLocations(deps: AppDeps, rules: readonly RuleSpec[], pointerOf: (index: number) => string): Promise<void> {
  if (!rules.some(({ kind }) => kind === 'place')) return
  const known = new Set((await listLocations(deps.pool)).map(({ id }) => id))
  const odd = rules.flatMap(({ kind, to }, i): InputError[] =>
    kind === 'place' && !known.has(to) ? [{ pointer: pointerOf(i), code: 'unknown-location', message: 'There is no such location.' }] : [],
  )
  if (odd.length > 0) throw badInput(odd)
}

async function ruleOf(deps: AppDeps, connectionId: string, one: z.output<typeof ruleBody>, known: readonly RuleSpec[]): Promise<RuleSpec> {
  if (one.kind === 'word') return { kind: 'word', field: one.field, entity: '', from: one.from, to: one.to }
  if (one.kind !== 'field') return { kind: one.kind, field: '', entity: '', from: one.from, to: one.to }
  const same = known.find((rule) => rule.kind === 'field' && rule.entity === one.entity && rule.field === one.field && rule.from === one.from)
  const from = same?.from ?? (await valueBefore(deps, connectionId, one))
  return { kind: 'field', field: one.field, entity: one.entity, from, to: one.to }
}

/**
 * What stands at a place of a document now, where it may be corrected.
 * @throws Problem 404, 400 `no-value`, 422 `field-personal`: rules are stored in clear
 */
export async function valueBefore(deps: AppDeps, connectionId: string, at: { readonly entity: string; readonly field: string }): Promise<string> {
  const head = await headOf(deps.pool, connectionId, at.entity)
  if (!head) throw notFound('document')
  const document = await openHead(deps.keys, head)
  const from = scalarIn(document, at.field)
  if (from === undefined) throw badInput([{ pointer: '/field', code: 'no-value', message: 'The document has no single value there.' }])
  if (shownAt(await masked(deps, connectionId, at.entity, document), at.field) !== from)
    throw new Problem(422, 'field-personal', 'This value is personal data: it is corrected at the channel, not here.')
  return from
}

/** A document as received, personal data masked. */
export async function masked(deps: AppDeps, connectionId: string, entity: string, document: string): Promise<string> {
  const [kind = '', ...id] = entity.split('/')
  const orderId = kind === 'order' ? await orderIdOf(deps.pool, connectionId, id.join('/')) : undefined
  const parties = orderId === undefined ? undefined : (await openParties(deps.pool, deps.keys, [String(orderId)])).get(String(orderId))
  return maskRaw(document, parties ?? {})
}

/** What a masked document shows there; undefined too where masking left no document. */
function shownAt(document: string, pointer: string): string | undefined {
  try {
    return scalarIn(document, pointer)
  } catch {
    return undefined
  }
}

export const settingNames = (deps: AppDeps, row: Pick<ConnectionRow, 'channel'>): readonly string[] =>
  deps.registry.get(row.channel)?.manifest.mappingSettings ?? []

/** Settings of a set, checked by the connector together with all others of the connection. @throws Problem 400 that points at the setting */
export function readSettings(
  deps: AppDeps,
  row: Pick<ConnectionRow, 'channel' | 'config'>,
  sent: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const names = settingNames(deps, row)
  const odd = Object.keys(sent).filter((name) => !names.includes(name))
  if (odd.length > 0)
    throw badInput(
      odd.map((name) => ({ pointer: `/settings/${name}`, code: 'unknown-field', message: 'Does not steer the mapping of this channel.' })),
    )
  const schema = deps.registry.get(row.channel)?.manifest.config
  if (names.length === 0 || !schema) return {}
  const others = Object.fromEntries(Object.entries(row.config).filter(([name]) => !names.includes(name)))
  const parsed = schema.safeParse({ ...others, ...sent })
  if (!parsed.success)
    throw badInput(
      parsed.error.issues
        .flatMap((issue) => innermost(issue))
        .slice(0, 20)
        .map((issue): InputError => ({
          pointer: `/settings/${issue.path.map(String).join('/')}`,
          code: (issue.code ?? 'invalid').replaceAll('_', '-'),
          message: issue.message.endsWith('.') ? issue.message : `${issue.message}.`,
        })),
    )
  return pick(z.record(z.string(), z.unknown()).parse(parsed.data), Object.keys(sent))
}

interface Issue {
  readonly code?: string
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly errors?: readonly (readonly Issue[])[]
}

/** Of a value that can be of several kinds, what is wrong with it as the kind it comes nearest to: the place helps, "invalid input" does not. */
function innermost(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || issue.errors === undefined) return [issue]
  const depth = (issues: readonly Issue[]): number => Math.max(...issues.map(({ path }) => path.length), 0)
  const nearest = issue.errors.toSorted((a, b) => depth(b) - depth(a))[0] ?? []
  return nearest.length === 0 ? [issue] : nearest.flatMap((one) => innermost({ ...one, path: [...issue.path, ...one.path] }))
}
