import type pg from 'pg'
import type { AlertScope } from '../../core/alert-facts.ts'
import type { Severity } from '../../core/alert-rules.ts'
import { DomainError } from '../../core/fault.ts'
import { newId } from '../people/new-id.ts'
import type { Db } from '../read/scope.ts'

export interface AlertRule {
  readonly id: string
  /** null = the word of a rule that came with the hub. */
  readonly name: string | null
  readonly built_in: string | null
  readonly scope: AlertScope
  readonly condition: string
  readonly severity: Severity
  /** So long it has to be true before anybody is told. */
  readonly for_minutes: number
  readonly remind_minutes: number | null
  /** null = all. */
  readonly destinations: readonly string[] | null
  readonly connections: readonly string[] | null
  readonly enabled: boolean
  readonly muted_until: string | null
  readonly version: number
  /** Why the condition could not be judged when it was last looked at. */
  readonly fault: string | null
}

export type RuleInput = Omit<AlertRule, 'id' | 'built_in' | 'version' | 'fault'>

const COLUMNS =
  'id, name, built_in, scope, condition, severity, for_minutes, remind_minutes, destinations, connections, enabled, muted_until, version, fault'

export async function listAlertRules(db: Db): Promise<readonly AlertRule[]> {
  const { rows } = await db.query<AlertRule>(`select ${COLUMNS} from alert_rules order by built_in nulls last, name, id`)
  return rows
}

export async function readAlertRule(db: Db, id: string): Promise<AlertRule | undefined> {
  const { rows } = await db.query<AlertRule>(`select ${COLUMNS} from alert_rules where id = $1`, [id])
  return rows[0]
}

const valuesOf = (rule: RuleInput, actor: string): readonly unknown[] => [
  rule.name,
  rule.scope,
  rule.condition,
  rule.severity,
  rule.for_minutes,
  rule.remind_minutes,
  rule.destinations,
  rule.connections,
  rule.enabled,
  rule.muted_until,
  actor,
]

export async function createAlertRule(pool: pg.Pool, rule: RuleInput, actor: string): Promise<string> {
  const id = newId('r')
  await pool.query(
    `insert into alert_rules (id, name, scope, condition, severity, for_minutes, remind_minutes, destinations, connections, enabled, muted_until, updated_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [id, ...valuesOf(rule, actor)],
  )
  return id
}

/** @throws DomainError `version-stale` when it was changed since `version` was read */
export async function changeAlertRule(pool: pg.Pool, id: string, version: number, rule: RuleInput, actor: string): Promise<void> {
  const { rowCount } = await pool.query(
    `update alert_rules set name = $3, scope = $4, condition = $5, severity = $6, for_minutes = $7, remind_minutes = $8, destinations = $9, connections = $10, enabled = $11,
       muted_until = $12, updated_by = $13, updated_at = now(), version = version + 1, fault = null where id = $1 and version = $2`,
    [id, version, ...valuesOf(rule, actor)],
  )
  if (rowCount === 0) throw new DomainError('version-stale', 'Somebody changed this rule meanwhile. Load it again.')
}

export async function deleteAlertRule(pool: pg.Pool, id: string): Promise<boolean> {
  const { rowCount } = await pool.query('delete from alert_rules where id = $1', [id])
  return rowCount === 1
}

/** Which rules could not be judged, and why; for the others it is forgotten. */
export async function noteRuleFaults(db: Db, faults: ReadonlyMap<string, string>): Promise<void> {
  await db.query(
    `update alert_rules r set fault = n.fault from (select a.id, f.fault from alert_rules a left join unnest($1::text[], $2::text[]) f(id, fault) on f.id = a.id) n
     where r.id = n.id and r.fault is distinct from n.fault`,
    [[...faults.keys()], [...faults.values()]],
  )
}
