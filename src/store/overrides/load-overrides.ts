import type { Overrides } from '../../core/overrides.ts'

/** Rows as `OVERRIDES_JSON` writes them. */
export interface StoredOverrides {
  readonly version: number
  readonly rules:
    | readonly {
        readonly id: number
        readonly kind: 'word' | 'field' | 'carrier'
        readonly field: string
        readonly entity: string
        readonly from: string
        readonly to: string
      }[]
    | null
}

/** The rules of a connection that hold now, as one value beside `connections.id`; null where it never had one. */
export const OVERRIDES_JSON = `(select json_build_object('version', max(greatest(v.version, coalesce(v.ended_version, 0))),
  'rules', json_agg(json_build_object('id', v.id, 'kind', v.kind, 'field', v.field, 'entity', v.entity, 'from', v.from_value, 'to', v.to_value) order by v.id) filter (where v.ended_at is null))
  from overrides v where v.connection_id = connections.id having count(*) > 0)`

/** In the form mappings and pushes take them. */
export function overridesOf(stored: StoredOverrides | null | undefined): Overrides | undefined {
  if (!stored) return undefined
  const rules = stored.rules ?? []
  return {
    version: stored.version,
    words: rules.flatMap(({ kind, id, field, from, to }) => (kind === 'word' ? [{ id, field, from, to }] : [])),
    fields: rules.flatMap(({ kind, id, entity, field, from, to }) => (kind === 'field' ? [{ id, entity, pointer: field, from, to }] : [])),
    carriers: Object.fromEntries(rules.flatMap(({ kind, from, to }) => (kind === 'carrier' ? [[from, to] as const] : []))),
  }
}
