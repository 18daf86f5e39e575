import type pg from 'pg'
import type { MappingSet, RuleSpec } from '../../core/overrides.ts'
import type { Visible } from '../read/scope.ts'
import { pick, type FailingDocument, type VersionWrite } from './write-version.ts'

export interface MappingVersionRow {
  readonly version: number
  readonly parent: number
  readonly origin: VersionWrite['origin']
  readonly restored: number | null
  readonly reason: string
  readonly author: string
  readonly at: string
  /** Rules that began and ended with it. */
  readonly begun: number
  readonly ended: number
  readonly settings_changed: boolean
  readonly failing: readonly FailingDocument[] | null
  readonly override_reason: string | null
}

const COLUMNS = `m.version, m.parent, m.origin, m.restored, m.reason, m.author, m.at, m.settings is not null as settings_changed, m.failing, m.override_reason,
  (select count(*)::int from overrides o where o.connection_id = m.connection_id and o.version = m.version) as begun,
  (select count(*)::int from overrides o where o.connection_id = m.connection_id and o.ended_version = m.version) as ended`

/** Versions of one connection, the newest first, below `before`. */
export async function listVersions(
  db: Pick<pg.Pool, 'query'>,
  connectionId: string,
  page: { readonly before?: number | undefined; readonly limit: number },
): Promise<readonly MappingVersionRow[]> {
  const { rows } = await db.query<MappingVersionRow>(
    `select ${COLUMNS} from mapping_versions m where m.connection_id = $1 and ($2::int is null or m.version < $2) order by m.version desc limit $3`,
    [connectionId, page.before ?? null, page.limit + 1],
  )
  return rows
}

/**
 * The set that held at a version; 0 is before anybody said anything. Settings nobody ever changed are what they are now.
 * Undefined for a version that never was.
 */
export async function setAt(
  db: Pick<pg.Pool, 'query'>,
  connection: { readonly id: string; readonly config: Readonly<Record<string, unknown>> },
  version: number,
  names: readonly string[],
): Promise<MappingSet | undefined> {
  const {
    rows: [known],
  } = await db.query<{ was: boolean; settings: Readonly<Record<string, unknown>> | null }>(
    `select $2 = 0 or exists (select 1 from mapping_versions where connection_id = $1 and version = $2) as was,
       coalesce((select settings from mapping_versions where connection_id = $1 and version <= $2 and settings is not null order by version desc limit 1),
         (select settings_before from mapping_versions where connection_id = $1 and version > $2 and settings_before is not null order by version limit 1)) as settings`,
    [connection.id, version],
  )
  if (!known?.was) return undefined
  const { rows: rules } = await db.query<RuleSpec>(
    `select kind, field, entity, from_value as "from", to_value as "to", reason from overrides where connection_id = $1 and version <= $2 and (ended_version is null or ended_version > $2) order by id`,
    [connection.id, version],
  )
  return { rules, settings: known.settings ?? pick(connection.config, names) }
}

export interface MappingRow {
  readonly connection_id: string
  readonly name: string
  readonly channel: string
  readonly version: number
  readonly rules: number
  readonly draft_by: string | null
  readonly draft_at: string | null
  readonly last_at: string | null
  readonly last_by: string | null
}

/** Every connection a caller may see, with the version of its mapping in force and whether a draft waits. */
export async function listMappings(db: Pick<pg.Pool, 'query'>, visible: Visible): Promise<readonly MappingRow[]> {
  const { rows } = await db.query<MappingRow>(
    `select c.id as connection_id, c.name, c.channel, coalesce(m.version, 0) as version, (select count(*)::int from overrides o where o.connection_id = c.id and o.ended_at is null) as rules,
       d.updated_by as draft_by, d.updated_at as draft_at, m.at as last_at, m.author as last_by
     from connections c left join mapping_drafts d on d.connection_id = c.id
       left join lateral (select version, at, author from mapping_versions v where v.connection_id = c.id order by version desc limit 1) m on true
     where c.state <> 'removed' and ($1::text[] is null or c.id = any($1)) order by c.name limit 1000`,
    [visible],
  )
  return rows
}
