import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import type { RuleKind, RuleSpec } from '../../core/overrides.ts'
import { withTx } from '../db.ts'
import type { Db, Visible } from '../read/scope.ts'
import { liveVersion, lockMapping, writeVersion, type Overruled } from './write-version.ts'

export interface NewOverride extends RuleSpec {
  readonly connectionId: string
  readonly reason: string
  readonly author: string
  readonly now: Date
  readonly override?: Overruled
}

interface OverrideRow {
  readonly id: string
  readonly connection_id: string
  readonly kind: RuleKind
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
 * Adds a rule: the next version of the connection's rules. One for the same word takes its place; the earlier one
 * stays on record. The same rule once more changes nothing.
 */
export async function addOverride(pool: pg.Pool, rule: NewOverride): Promise<OverrideRow> {
  return withTx(pool, async (client) => {
    await lockMapping(client, rule.connectionId)
    const standing = await standingFor(client, rule)
    if (standing?.to === rule.to) return standing
    const { kind, field, entity, from, to } = rule
    await writeVersion(client, {
      ...rule,
      origin: 'rule',
      version: (await liveVersion(client, rule.connectionId)) + 1,
      end: standing ? [standing.id] : [],
      add: [{ kind, field, entity, from, to }],
    })
    const made = await standingFor(client, rule)
    if (!made) throw new Error('The rule was not stored.')
    return made
  })
}

async function standingFor(client: pg.PoolClient, rule: NewOverride): Promise<OverrideRow | undefined> {
  const { rows } = await client.query<OverrideRow>(
    `select ${COLUMNS} from overrides where connection_id = $1 and kind = $2 and field = $3 and entity = $4 and from_value = $5 and ended_at is null`,
    [rule.connectionId, rule.kind, rule.field, rule.entity, rule.from],
  )
  return rows[0]
}

/** Takes a rule back, which is a version too; documents are read without it from now on. @throws DomainError `override-unknown`, `override-ended` */
export async function endOverride(
  pool: pg.Pool,
  id: string,
  by: { readonly author: string; readonly reason: string; readonly now: Date; readonly override?: Overruled },
): Promise<OverrideRow> {
  return withTx(pool, async (client) => {
    const {
      rows: [named],
    } = await client.query<{ connection_id: string }>('select connection_id from overrides where id = $1', [id])
    if (!named) throw new DomainError('override-unknown', `There is no rule ${id}.`)
    await lockMapping(client, named.connection_id)
    const {
      rows: [row],
    } = await client.query<OverrideRow>(`select ${COLUMNS} from overrides where id = $1 and ended_at is null`, [id])
    if (!row) throw new DomainError('override-ended', 'This rule was taken back before.')
    const version = (await liveVersion(client, row.connection_id)) + 1
    await writeVersion(client, { ...by, connectionId: row.connection_id, origin: 'rule', version, end: [id], add: [] })
    return { ...row, ended_version: version, ended_at: by.now.toISOString(), ended_by: by.author }
  })
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
