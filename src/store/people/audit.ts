import { createHash } from 'node:crypto'
import type pg from 'pg'
import { withTx } from '../db.ts'

const AUDIT_LOCK = 7_203_010

export interface AuditEntry {
  /** `user:<name>`, `key:<id>`, `system`. */
  readonly actor: string
  /** `connection.pause`, `order.pii`, `session.open`, … */
  readonly action: string
  readonly subject?: string | undefined
  /** Ids and choices only: no personal data, no secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

interface AuditRow {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly subject: string | null
  readonly details: unknown
}

/** Appends one entry. Each carries the hash of its predecessor, so that a changed or removed row shows (`verifyAudit`). */
export async function audit(pool: pg.Pool, entry: AuditEntry, now: Date): Promise<void> {
  await withTx(pool, async (client) => {
    await client.query('select pg_advisory_xact_lock($1)', [AUDIT_LOCK])
    const {
      rows: [last],
    } = await client.query<{ hash: Buffer }>('select hash from audit_log order by id desc limit 1')
    const at = now.toISOString()
    const details = entry.details === undefined ? null : JSON.stringify(entry.details)
    const hash = chain(last?.hash ?? null, { ...entry, subject: entry.subject ?? null, at, details })
    await client.query('insert into audit_log (at, actor, action, subject, details, prev_hash, hash) values ($1, $2, $3, $4, $5, $6, $7)', [
      at,
      entry.actor,
      entry.action,
      entry.subject ?? null,
      details,
      last?.hash ?? null,
      hash,
    ])
  })
}

/** The id of the first entry that does not fit its predecessor, or undefined when the whole log holds. */
export async function verifyAudit(db: Pick<pg.Pool, 'query'>): Promise<number | undefined> {
  const { rows } = await db.query<AuditRow & { readonly details: string | null; readonly prev_hash: Buffer | null; readonly hash: Buffer }>(
    'select id, at, actor, action, subject, details::text, prev_hash, hash from audit_log order by id',
  )
  let previous: Buffer | null = null
  for (const row of rows) {
    const linked: boolean = previous === null ? row.prev_hash === null : row.prev_hash?.equals(previous) === true
    if (!linked || !row.hash.equals(chain(previous, row))) return row.id
    previous = row.hash
  }
  return undefined
}

/** Newest first; `before` is the id to go on from. */
export async function listAudit(
  db: Pick<pg.Pool, 'query'>,
  filter: {
    readonly actor?: string | undefined
    readonly action?: string | undefined
    readonly subject?: string | undefined
    readonly before?: string | undefined
    readonly limit: number
  },
): Promise<readonly AuditRow[]> {
  const { rows } = await db.query<AuditRow>(
    `select id, at, actor, action, subject, details from audit_log
     where ($1::text is null or actor = $1) and ($2::text is null or action = $2) and ($3::text is null or subject = $3) and ($4::bigint is null or id < $4)
     order by id desc limit $5`,
    [filter.actor ?? null, filter.action ?? null, filter.subject ?? null, filter.before ?? null, filter.limit],
  )
  return rows
}

function chain(
  previous: Buffer | null,
  row: { readonly at: string; readonly actor: string; readonly action: string; readonly subject: string | null; readonly details: string | null },
): Buffer {
  const content = JSON.stringify([row.at, row.actor, row.action, row.subject, row.details])
  return createHash('sha256')
    .update(previous ?? '')
    .update(content)
    .digest()
}
