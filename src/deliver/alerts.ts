import type pg from 'pg'
import { type Condition, compileCondition } from '../core/alert-conditions.ts'
import type { AlertScope, AlertSubject, FactSet, FactValue } from '../core/alert-facts.ts'
import type { Registry } from '../core/connector.ts'
import { withTx } from '../store/db.ts'
import { type Firing, askForMessages, bookLook, forgetOldAlerts, takeLook } from '../store/alerts/incidents.ts'
import { type AlertRule, listAlertRules, noteRuleFaults } from '../store/alerts/rules.ts'
import { readAlertSubjects } from './alert-facts.ts'

/** How often the rules are judged; the stations of all open orders and the ledger, which cost more, less often. */
const QUICK_SECONDS = 15
const NODES_SECONDS = 60
const LEDGER_SECONDS = 900

export interface AlertLook {
  readonly pool: pg.Pool
  readonly registry: Registry
  readonly now: Date
}

/**
 * Judges the rules whose turn it is and writes down what began and what is over, and whom to tell. Any number of processes may ask: one looks at a time, the
 * others answer false.
 */
export async function lookForAlerts({ pool, registry, now }: AlertLook): Promise<boolean> {
  if (!(await takeLook(pool, 'quick', QUICK_SECONDS - 1, now))) return false
  const rules = (await listAlertRules(pool)).filter(({ enabled }) => enabled)
  const compiled = new Map(rules.map((rule) => [rule.id, compileCondition(rule.scope, rule.condition)]))
  const asksLedger = (rule: AlertRule): boolean => fieldsOf(compiled.get(rule.id)).includes('connection.ledger_red_days')
  const wanted = {
    nodes: rules.some(({ scope }) => scope === 'node') && (await takeLook(pool, 'nodes', NODES_SECONDS - 1, now)),
    ledger: rules.some(asksLedger) && (await takeLook(pool, 'ledger', LEDGER_SECONDS - 1, now)),
  }
  const judged = rules.filter((rule) => (wanted.nodes || rule.scope !== 'node') && (wanted.ledger || !asksLedger(rule)))
  const { firings, faults } = judge(judged, compiled, await readAlertSubjects({ pool, registry }, wanted, now))
  await withTx(pool, async (client) => {
    // What was not looked at this time stays as it is: it is neither true nor over.
    const left = rules.filter((rule) => !judged.includes(rule) || faults.has(rule.id)).map(({ id }) => id)
    await bookLook(client, { firings, left }, now)
    await askForMessages(client, now)
  })
  await noteRuleFaults(pool, faults)
  if (wanted.ledger) await forgetOldAlerts(pool, now)
  return true
}

const fieldsOf = (compiled: ReturnType<typeof compileCondition> | undefined): readonly string[] =>
  compiled?.ok === true ? compiled.condition.fields : []

function judge(
  rules: readonly AlertRule[],
  compiled: ReadonlyMap<string, ReturnType<typeof compileCondition>>,
  subjects: readonly AlertSubject[],
): { readonly firings: readonly Firing[]; readonly faults: ReadonlyMap<string, string> } {
  const firings: Firing[] = []
  const faults = new Map<string, string>()
  for (const rule of rules) {
    const made = compiled.get(rule.id)
    if (made?.ok !== true) {
      faults.set(rule.id, made?.fault.message ?? '')
      continue
    }
    const found = firingFor(made.condition, rule.scope, rule.connections, subjects)
    if (found.fault !== undefined) faults.set(rule.id, found.fault)
    else
      firings.push(
        ...found.subjects.map(({ subject, connectionId, values }) => ({ rule_id: rule.id, subject, connection_id: connectionId, facts: values })),
      )
  }
  return { firings, faults }
}

/** One subject of which a condition is true, with the facts it looked at. */
export interface FiringSubject {
  readonly subject: string
  readonly connectionId: string | null
  readonly values: Readonly<Record<string, FactValue>>
}

/** Of which of these a condition is true. A condition that cannot be judged for one is true for none, and says why. */
export function firingFor(
  condition: Condition,
  scope: AlertScope,
  connections: readonly string[] | null,
  subjects: readonly AlertSubject[],
): { readonly subjects: readonly FiringSubject[]; readonly fault?: string } {
  try {
    const found = subjects
      .filter((one) => one.scope === scope && (connections === null || one.connectionId === null || connections.includes(one.connectionId)))
      .filter(({ facts }) => condition.holds(facts))
    return { subjects: found.map(({ subject, connectionId, facts }) => ({ subject, connectionId, values: named(condition.fields, facts) })) }
  } catch (error) {
    return { subjects: [], fault: error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unknown' }
  }
}

function named(fields: readonly string[], facts: FactSet): Record<string, FactValue> {
  const known: Readonly<Record<string, Readonly<Record<string, FactValue>> | undefined>> = facts
  return Object.fromEntries(
    fields.flatMap((path) => {
      const [scope, name] = path.split('.')
      const value = known[scope ?? '']?.[name ?? '']
      return value === undefined ? [] : [[path, value]]
    }),
  )
}
