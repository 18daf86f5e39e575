import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { withTx } from '../db.ts'
import type { Db, Visible } from '../read/scope.ts'

export interface NewOverride {
  readonly connectionId: string
  readonly kind: 'word' | 'field' | 'carrier'
  readonly field: string
  readonly entity: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly author: string
  readonly now: Date
}

interface OverrideRow {
  readonly id: string
  readonly connection_id: string
  readonly kind: 'word' | 'field' | 'carrier'
  readonly field: string
  readonly entity: string
  readonly from: string
  readonly to: string
  readonly reason: string
  readonly author: string
  readonly version: number
  readonly created_at: string
  readonly ended_version: number | null
  readonly ended_at: string | null
  readonly ended_by: string | null
}

const COLUMNS = `id::text, connection_id, kind, field, entity, from_value as "from", to_value as "to", reason, author, version, created_at, ended_version, ended_at, ended_by`

/**
 * Adds a rule under the next version of the connection's overrides. One for the same word takes its place; the earlier one
 * stays on record. The same rule once more changes nothing.
 */
export async function addOverride(pool: pg.Pool, rule: NewOverride): Promise<OverrideRow> {
  return withTx(pool, async (client) => {
    const version = await nextVersion(client, rule.connectionId)
    const {
      rows: [standing],
    } = await client.query<OverrideRow>(
      `select ${COLUMNS} from overrides where connection_id = $1 and kind = $2 and field = $3 and entity = $4 and from_value = $5 and ended_at is null`,
      [rule.connectionId, rule.kind, rule.field, rule.entity, rule.from],
    )
    if (standing?.to === rule.to) return standing
    if (standing) await end(client, standing.id, version, rule)
    const {
      rows: [row],
    } = await client.query<OverrideRow>(
      `insert into overrides (connection_id, kind, field, entity, from_value, to_value, reason, author, version, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${COLUMNS}`,
      [rule.connectionId, rule.kind, rule.field, rule.entity, rule.from, rule.to, rule.reason, rule.author, version, rule.now],
    )
    if (!row) throw new Error('The rule was not stored.')
    return row
  })
}

/** Takes a rule back; documents are read without it from now on. @throws DomainError `override-unknown`, `override-ended` */
export async function endOverride(pool: pg.Pool, id: string, by: { readonly author: string; readonly now: Date }): Promise<OverrideRow> {
  return withTx(pool, async (client) => {
    const {
      rows: [row],
    } = await client.query<OverrideRow>(`select ${COLUMNS} from overrides where id = $1`, [id])
    if (!row) throw new DomainError('override-unknown', `There is no rule ${id}.`)
    const version = await nextVersion(client, row.connection_id)
    if (!(await end(client, id, version, by))) throw new DomainError('override-ended', 'This rule was taken back before.')
    return { ...row, ended_version: version, ended_at: by.now.toISOString(), ended_by: by.author }
  })
}

/** Under the lock of the connection's row, so that versions are handed out one by one. */
async function nextVersion(client: pg.ClientBase, connectionId: string): Promise<number> {
  await client.query('select 1 from connections where id = $1 for no key update', [connectionId])
  const { rows } = await client.query<{ version: number }>(
    'select coalesce(max(greatest(version, coalesce(ended_version, 0))), 0) + 1 as version from overrides where connection_id = $1',
    [connectionId],
  )
  return rows[0]?.version ?? 1
}

async function end(client: pg.ClientBase, id: string, version: number, by: { readonly author: string; readonly now: Date }): Promise<boolean> {
  const { rowCount } = await client.query(
    'update overrides set ended_version = $2, ended_at = $3, ended_by = $4 where id = $1 and ended_at is null',
    [id, version, by.now, by.author],
  )
  return rowCount === 1
}

/** Rules, the newest first; those taken back too. */
export async function listOverrides(
  db: Db,
  filter: {
    readonly connection?: string | undefined
    readonly active?: boolean | undefined
    readonly ids?: readonly string[] | undefined
    readonly limit: number
  },
  visible: Visible,
): Promise<readonly OverrideRow[]> {
  const { rows } = await db.query<OverrideRow>(
    `select ${COLUMNS} from overrides where ($1::text[] is null or connection_id = any($1)) and ($2::text is null or connection_id = $2)
       and ($3::boolean is null or (ended_at is null) = $3) and ($4::bigint[] is null or id = any($4)) order by id desc limit $5`,
    [visible, filter.connection ?? null, filter.active ?? null, filter.ids ?? null, filter.limit],
  )
  return rows
}
