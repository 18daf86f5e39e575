import type { Db } from './scope.ts'

/** One change of the set of rules. */
export interface RuleChangeRow {
  readonly version: number
  readonly at: string
  readonly actor: string
  readonly reason: string
  readonly rules: readonly { readonly id: number; readonly name: string; readonly what: 'made' | 'changed' | 'removed' | 'on' | 'off' }[]
}

/** The last changes of the rules, newest first. */
export async function listRuleChanges(db: Db, limit: number): Promise<readonly RuleChangeRow[]> {
  const { rows } = await db.query<RuleChangeRow>(
    `select version, min(at) as at, min(actor) as actor, min(reason) as reason, json_agg(json_build_object('id', rule_id, 'name', coalesce(after ->> 'name', before ->> 'name'),
       'what', case when before is null then 'made' when after is null then 'removed' when before ->> 'enabled' = 'false' and after ->> 'enabled' = 'true' then 'on'
         when before ->> 'enabled' = 'true' and after ->> 'enabled' = 'false' then 'off' else 'changed' end) order by rule_id) as rules
     from stock_rule_changes group by version order by version desc limit $1`,
    [limit],
  )
  return rows
}
