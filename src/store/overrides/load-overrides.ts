import { overridesFrom, type Overrides, type RuleSpec } from '../../core/overrides.ts'

/** Rows as `OVERRIDES_JSON` writes them. */
export interface StoredOverrides {
  readonly version: number
  readonly rules: readonly (RuleSpec & { readonly id: number })[] | null
}

/**
 * The rules of a connection that hold now, as one value beside `connections.id`; null where nobody ever said anything. A version may
 * have changed settings alone.
 */
export const OVERRIDES_JSON = `(select json_build_object('version', greatest(max(greatest(v.version, coalesce(v.ended_version, 0))), (select max(m.version) from mapping_versions m where m.connection_id = connections.id)),
  'rules', json_agg(json_build_object('id', v.id, 'kind', v.kind, 'field', v.field, 'entity', v.entity, 'from', v.from_value, 'to', v.to_value) order by v.id) filter (where v.ended_at is null))
  from overrides v where v.connection_id = connections.id having count(*) > 0 or exists (select 1 from mapping_versions m where m.connection_id = connections.id))`

/** In the form mappings and pushes take them. */
export const overridesOf = (stored: StoredOverrides | null | undefined): Overrides | undefined =>
  stored ? overridesFrom(stored.version, stored.rules ?? []) : undefined
