import { z } from 'zod'
import type { RuleChange } from '../deliver/edit-rules.ts'
import type { RuleDraft } from '../store/deliver/write-rules.ts'
import type { StockRule } from '../store/read/stock-rules.ts'
import { connectionId, instant, label, line, text, visible } from './fields.ts'

const code = visible(200).transform((value) => value.normalize('NFC'))
const count = z.int().min(0).max(1_000_000_000)
const share = z
  .union(
    [z.string().regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, 'must be a decimal between 0 and 1'), z.literal(0), z.literal(1)],
    'must be a decimal between 0 and 1, as text',
  )
  .transform(String)
const ruleId = z.int().min(1).max(Number.MAX_SAFE_INTEGER)

/** A rule as the API writes it. What is left out is null: it says nothing about that. */
export const ruleBody = z
  .strictObject({
    id: ruleId.nullish(),
    name: label(120),
    plan: label(120).nullish(),
    connection: connectionId.nullish(),
    category: code.nullish(),
    skus: z.array(code).min(1).max(500).nullish(),
    share: share.nullish(),
    quota: count.nullish(),
    priority: z.int().min(-1000).max(1000).nullish(),
    maximum: count.nullish(),
    buffer: count.nullish(),
    locations: z.array(visible(60)).min(1).max(50).nullish(),
    exclusive: z.boolean().optional(),
    stop: z.boolean().nullish(),
    at_hand: z.boolean().nullish(),
    from: instant.nullish(),
    until: instant.nullish(),
    enabled: z.boolean().optional(),
    reason: text(500).optional(),
  })
  .transform(({ connection, from, until, ...rule }): RuleDraft => ({
    id: rule.id ?? null,
    name: rule.name,
    plan: rule.plan ?? null,
    connection_id: connection ?? null,
    category: rule.category ?? null,
    skus: rule.skus ?? null,
    share: rule.share ?? null,
    quota: rule.quota ?? null,
    priority: rule.priority ?? null,
    maximum: rule.maximum ?? null,
    buffer: rule.buffer ?? null,
    locations: rule.locations ?? null,
    exclusive: rule.exclusive ?? false,
    stop: rule.stop ?? null,
    at_hand: rule.at_hand ?? null,
    starts_at: from ?? null,
    ends_at: until ?? null,
    enabled: rule.enabled ?? false,
    reason: rule.reason ?? '',
  }))

export const changeBody = z
  .strictObject({
    put: z.array(ruleBody).max(1000).optional(),
    remove: z.array(ruleId).max(1000).optional(),
    restore: z.int().min(0).max(2_000_000_000).optional(),
  })
  .refine(
    ({ put = [], remove = [], restore }) => (restore === undefined) !== (put.length + remove.length === 0),
    'must put or remove rules, or name a version to restore',
  )
  .transform(({ put, remove, restore }): RuleChange => ({ put: put ?? [], remove: remove ?? [], restore: restore ?? null }))

export const reasonField = line(500).optional()

export type RuleStanding = 'off' | 'waiting' | 'in-force' | 'over'

/** Where a rule stands in time. `at` is an ISO UTC instant. */
const standingOf = (rule: StockRule, at: string): RuleStanding =>
  !rule.enabled
    ? 'off'
    : rule.ends_at !== null && rule.ends_at <= at
      ? 'over'
      : rule.starts_at !== null && rule.starts_at > at
        ? 'waiting'
        : 'in-force'

/** A rule as the API shows it; sent back unchanged (less the last five fields) it is the same rule. */
export const ruleView = ({ connection_id: connection, starts_at: from, ends_at: until, ...rule }: StockRule, at: string) => ({
  id: rule.id,
  name: rule.name,
  plan: rule.plan,
  connection,
  category: rule.category,
  skus: rule.skus,
  share: rule.share,
  quota: rule.quota,
  priority: rule.priority,
  maximum: rule.maximum,
  buffer: rule.buffer,
  locations: rule.locations,
  exclusive: rule.exclusive,
  stop: rule.stop,
  at_hand: rule.at_hand,
  from,
  until,
  enabled: rule.enabled,
  reason: rule.reason,
  standing: standingOf({ ...rule, connection_id: connection, starts_at: from, ends_at: until }, at),
  author: rule.author,
  version: rule.version,
  updated_at: rule.updated_at,
})

export const ruleAnswer = z.looseObject({
  id: z.number(),
  name: z.string(),
  plan: z.string().nullable(),
  connection: z.string().nullable(),
  category: z.string().nullable(),
  skus: z.array(z.string()).nullable(),
  share: z.string().nullable(),
  quota: z.number().nullable(),
  priority: z.number().nullable(),
  maximum: z.number().nullable(),
  buffer: z.number().nullable(),
  locations: z.array(z.string()).nullable(),
  exclusive: z.boolean(),
  stop: z.boolean().nullable(),
  at_hand: z.boolean().nullable(),
  from: z.string().nullable(),
  until: z.string().nullable(),
  enabled: z.boolean(),
  reason: z.string(),
  standing: z.enum(['off', 'waiting', 'in-force', 'over']),
  author: z.string(),
  version: z.number(),
  updated_at: z.string(),
})
