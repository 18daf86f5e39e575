import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import { liveVersion, lockMapping, type NewRule } from './write-version.ts'

/** The next version of a connection's mapping as somebody is writing it: a whole set, and the version it began at. */
export interface MappingDraft {
  readonly version: number
  readonly base: number
  readonly rules: readonly NewRule[]
  readonly settings: Readonly<Record<string, unknown>>
  readonly author: string
  readonly created_at: string
  readonly updated_by: string
  readonly updated_at: string
}

const COLUMNS = 'version, base, rules, settings, author, created_at, updated_by, updated_at'

export async function readDraft(db: Pick<pg.Pool, 'query'>, connectionId: string): Promise<MappingDraft | undefined> {
  return (await db.query<MappingDraft>(`select ${COLUMNS} from mapping_drafts where connection_id = $1`, [connectionId])).rows[0]
}

/**
 * Saves a draft over the one that was read, or as the first. `base` is given where the draft was carried over to a newer version.
 * @throws DomainError `version-stale` when somebody saved it meanwhile
 */
export async function saveDraft(
  pool: pg.Pool,
  connectionId: string,
  given: Pick<MappingDraft, 'rules' | 'settings'> & {
    readonly expected: number | undefined
    readonly base?: number
    readonly author: string
    readonly now: Date
  },
): Promise<MappingDraft> {
  return withTx(pool, async (client) => {
    await lockMapping(client, connectionId)
    const before = await readDraft(client, connectionId)
    if (given.expected !== undefined && given.expected !== (before?.version ?? 0))
      throw new DomainError('version-stale', 'Somebody changed this draft meanwhile. Load it again.')
    const base = given.base ?? before?.base ?? (await liveVersion(client, connectionId))
    const { rows } = await client.query<MappingDraft>(
      `insert into mapping_drafts as d (connection_id, version, base, rules, settings, author, created_at, updated_by, updated_at) values ($1, 1, $2, $3, $4, $5, $6, $5, $6)
       on conflict (connection_id) do update set version = d.version + 1, base = excluded.base, rules = excluded.rules, settings = excluded.settings,
         updated_by = excluded.updated_by, updated_at = excluded.updated_at returning ${COLUMNS}`,
      [connectionId, base, JSON.stringify(given.rules), JSON.stringify(given.settings), given.author, given.now],
    )
    if (!rows[0]) throw new Error('The draft was not stored.')
    return rows[0]
  })
}

/** Throws a draft away; false where there was none of this version. */
export async function dropDraft(pool: pg.Pool, connectionId: string, expected: number | undefined): Promise<boolean> {
  const { rowCount } = await pool.query('delete from mapping_drafts where connection_id = $1 and ($2::int is null or version = $2)', [
    connectionId,
    expected ?? null,
  ])
  return rowCount === 1
}
