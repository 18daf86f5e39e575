import type { Db } from '../read/scope.ts'
import { markRuled } from './stock-rules.ts'
import { readRules, readRuleState, type StockRule } from '../read/stock-rules.ts'

/** A rule as somebody writes it; without an id it is a new one. */
export type RuleDraft = Omit<StockRule, 'id' | 'author' | 'version' | 'updated_at'> & { readonly id: number | null }

export interface RuleEdit {
  readonly put: readonly RuleDraft[]
  readonly remove: readonly number[]
}
export interface RuleAuthor {
  readonly actor: string
  readonly reason: string
  readonly now: Date
}

const FIELDS = `name, plan, connection_id, category, skus, share, quota, priority, maximum, buffer, locations, exclusive, stop, at_hand, starts_at, ends_at, enabled, reason`

/**
 * Stores one change of the set of rules with what was before, and answers the set's new version. Lock the state before (`readRuleState` with `lock`).
 */
export async function writeRules(client: Db, edit: RuleEdit, author: RuleAuthor): Promise<number> {
  const { actor, reason, now } = author
  const {
    rows: [set],
  } = await client.query<{ version: number }>('update stock_rule_state set version = version + 1 returning version')
  const version = set?.version ?? 0
  const { rows: before } = await client.query<{ id: number; doc: unknown }>(
    'select id, to_json(r) as doc from stock_rules r where id = any($1) order by id',
    [[...edit.remove, ...edit.put.flatMap(({ id }) => id ?? [])]],
  )
  await client.query('delete from stock_rules where id = any($1)', [edit.remove])
  const { rows: after } = await client.query<{ id: number; doc: unknown }>(
    `with given as (select * from json_to_recordset($1::json) x(id bigint, name text, plan text, connection_id text, category text, skus text[], share numeric, quota integer, priority integer,
         maximum integer, buffer integer, locations text[], exclusive boolean, stop boolean, at_hand boolean, starts_at timestamptz, ends_at timestamptz, enabled boolean, reason text)),
     written as (
       insert into stock_rules as r (id, ${FIELDS}, author, created_at, updated_at) overriding system value
       select coalesce(id, nextval(pg_get_serial_sequence('stock_rules', 'id'))), ${FIELDS}, $2, $3, $3 from given
       on conflict (id) do update set (${FIELDS}, author, version, updated_at) = (select g.name, g.plan, g.connection_id, g.category, g.skus, g.share, g.quota, g.priority, g.maximum, g.buffer,
         g.locations, g.exclusive, g.stop, g.at_hand, g.starts_at, g.ends_at, g.enabled, g.reason, $2, r.version + 1, $3::timestamptz from given g where g.id = r.id)
       returning r.*)
     select id, to_json(w) as doc from written w order by id`,
    [JSON.stringify(edit.put), actor, now],
  )
  const old = new Map(before.map((row) => [row.id, row.doc]))
  const fresh = new Map(after.map((row) => [row.id, row.doc]))
  const ids = [...new Set([...old.keys(), ...fresh.keys()])].sort((a, b) => a - b)
  await client.query(
    `insert into stock_rule_changes (version, rule_id, before, after, actor, reason, at) select $1, x.id, x.before, x.after, $3, $4, $5
     from json_to_recordset($2::json) x(id bigint, before json, after json) order by x.id`,
    [version, JSON.stringify(ids.map((id) => ({ id, before: old.get(id), after: fresh.get(id) }))), actor, reason, now],
  )
  await client.query(`update stock_rule_state set effective_at = $1::timestamptz, next_at = ${NEXT}`, [now])
  return version
}

/** When the next enabled rule begins or ends after $1. */
const NEXT = `(select min(t) from stock_rules, unnest(array[starts_at, ends_at]) t where enabled and t > $1::timestamptz)`

/**
 * Lets rules begin and end whose time has come, marking the listings they concern; answers how many were marked. Any number of callers may
 * do this at the same time. Call it in a transaction.
 */
export async function passBoundaries(client: Db, now: Date): Promise<number> {
  const state = await readRuleState(client, true)
  if (state.next_at === null || Date.parse(state.next_at) > now.getTime()) return 0
  const crossed = (at: string | null): boolean => at !== null && at > state.effective_at && Date.parse(at) <= now.getTime()
  const due = (await readRules(client)).filter((rule) => rule.enabled && (crossed(rule.starts_at) || crossed(rule.ends_at)))
  const marked = await markRuled(client, due)
  await client.query(`update stock_rule_state set effective_at = $1::timestamptz, next_at = ${NEXT}`, [now])
  return marked
}

/** Undoing all changes after a version: what each rule touched since was before, and those that were not there. */
export async function editBackTo(client: Db, version: number): Promise<RuleEdit> {
  const { rows } = await client.query<{ rule_id: number; draft: RuleDraft | null }>(
    `select distinct on (c.rule_id) c.rule_id, case when c.before is not null then (select json_build_object('id', x.id, 'name', x.name, 'plan', x.plan,
       'connection_id', x.connection_id, 'category', x.category, 'skus', x.skus, 'share', trim_scale(x.share)::text, 'quota', x.quota, 'priority', x.priority, 'maximum', x.maximum,
       'buffer', x.buffer, 'locations', x.locations, 'exclusive', coalesce(x.exclusive, false), 'stop', x.stop, 'at_hand', x.at_hand, 'starts_at', to_char(x.starts_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
       'ends_at', to_char(x.ends_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'enabled', x.enabled, 'reason', x.reason)
       from json_populate_record(null::stock_rules, c.before) x) end as draft
     from stock_rule_changes c where c.version > $1 order by c.rule_id, c.version`,
    [version],
  )
  const { rows: present } = await client.query<{ id: number }>('select id from stock_rules')
  const there = new Set(present.map(({ id }) => id))
  return {
    put: rows.flatMap(({ draft }) => draft ?? []),
    remove: rows.filter(({ draft, rule_id: id }) => draft === null && there.has(id)).map(({ rule_id: id }) => id),
  }
}
