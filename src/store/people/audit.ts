import { createHash } from 'node:crypto'
import type pg from 'pg'
import { withTx } from '../db.ts'

const AUDIT_LOCK = 7_203_010

export interface AuditEntry {
  /** `user:<name>`, `key:<id>`, `system`. */
  readonly actor: string
  /** `connection.pause`, `pii.read`, `session.open`, … */
  readonly action: string
  readonly subject?: string | undefined
  /** Ids and choices only: no personal data, no secrets. */
  readonly details?: Readonly<Record<string, unknown>> | undefined
}

export interface AuditRow {
  readonly id: number
  readonly at: string
  readonly actor: string
  readonly action: string
  readonly subject: string | null
  readonly details: unknown
}

/**
 * Appends one entry. Each carries the hash of its predecessor, so that a changed or removed row shows (`verifyAudit`).
 * @param begun what `beginAudit` answered for it, which is over now
 */
export async function audit(pool: pg.Pool, entry: AuditEntry, now: Date, begun?: string): Promise<void> {
  await withTx(pool, async (client) => {
    await append(client, entry, now)
    if (begun !== undefined) await endAudit(client, begun)
  })
}

/** Notes that something is about to be done, so that it enters the log even when this process dies before its entry is written. */
export async function beginAudit(db: Pick<pg.Pool, 'query'>, entry: AuditEntry, now: Date): Promise<string> {
  const { rows } = await db.query<{ id: string }>('insert into audit_begun (at, actor, action, subject) values ($1, $2, $3, $4) returning id::text', [
    now,
    entry.actor,
    entry.action,
    entry.subject ?? null,
  ])
  return rows[0]?.id ?? ''
}

/** It was refused or came to nothing: there is nothing to enter. */
export async function endAudit(db: Pick<pg.Pool, 'query'>, begun: string): Promise<void> {
  await db.query('delete from audit_begun where id = $1::bigint', [begun])
}

/** Whoever began it longer ago than this died, or is at it for so long that it may be said. */
const INTERRUPTED_MINUTES = 15

/** Enters what was begun and never ended, with the time it began and `interrupted`: it may or may not have been done. Answers how many. */
export async function enterInterrupted(pool: pg.Pool, now: Date): Promise<number> {
  return withTx(pool, async (client) => {
    const { rows } = await client.query<{ at: string; actor: string; action: string; subject: string | null }>(
      `delete from audit_begun where at < $1::timestamptz - make_interval(mins => $2) returning at, actor, action, subject`,
      [now, INTERRUPTED_MINUTES],
    )
    for (const { at, actor, action, subject } of rows.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at)))
      await append(client, { actor, action, subject: subject ?? undefined, details: { interrupted: true, begun_at: at } }, now)
    return rows.length
  })
}

async function append(client: pg.PoolClient, entry: AuditEntry, now: Date): Promise<void> {
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
}

/** What a look at the whole chain found. */
export interface AuditCheck {
  readonly entries: number
  /** Hash of the newest entry in hex; noted elsewhere it proves later that nothing up to here was taken away. */
  readonly head: string | null
  /** Id of the first entry that does not fit its predecessor. */
  readonly firstBroken: number | null
  /** Whether the head that was given stands in the chain; null when none was. */
  readonly headFound: boolean | null
}

type ChainedRow = AuditRow & { readonly details: string | null; readonly prev_hash: Buffer | null; readonly hash: Buffer }
const BATCH = 2000

/** Follows the chain from its first entry, in parts, up to the entries that stand when it begins. @param noted a head of an earlier check, hex */
export async function verifyAudit(db: Pick<pg.Pool, 'query'>, noted?: string): Promise<AuditCheck> {
  let previous: Buffer | null = null
  let entries = 0
  let headFound = false
  const found = (firstBroken: number | null): AuditCheck => ({
    entries,
    head: previous?.toString('hex') ?? null,
    firstBroken,
    headFound: noted === undefined ? null : headFound,
  })
  for (let after = 0; ;) {
    const { rows }: { rows: ChainedRow[] } = await db.query<ChainedRow>(
      'select id, at, actor, action, subject, details::text, prev_hash, hash from audit_log where id > $1 order by id limit $2',
      [after, BATCH],
    )
    for (const row of rows) {
      const linked: boolean = previous === null ? row.prev_hash === null : row.prev_hash?.equals(previous) === true
      if (!linked || !row.hash.equals(chain(previous, row))) return found(row.id)
      previous = row.hash
      entries += 1
      headFound ||= row.hash.toString('hex') === noted
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < BATCH) return found(null)
    after = last.id
  }
}

export interface AuditFilter {
  readonly actor?: string | undefined
  /** Whole name, or its beginning followed by `.*`: `user.*`. */
  readonly action?: string | undefined
  readonly subject?: string | undefined
  readonly from?: string | undefined
  /** Exclusive. */
  readonly to?: string | undefined
}

/** Newest first; `before` is the id to go on from. */
export async function listAudit(
  db: Pick<pg.Pool, 'query'>,
  filter: AuditFilter & { readonly before?: string | undefined; readonly limit: number },
): Promise<readonly AuditRow[]> {
  const group = filter.action?.endsWith('.*') === true
  const { rows } = await db.query<AuditRow>(
    `select id, at, actor, action, subject, details from audit_log
     where ($1::text is null or actor = $1) and ($2::text is null or action = $2) and ($3::text is null or starts_with(action, $3)) and ($4::text is null or subject = $4)
       and ($5::timestamptz is null or at >= $5) and ($6::timestamptz is null or at < $6) and ($7::bigint is null or id < $7)
     order by id desc limit $8`,
    [
      filter.actor ?? null,
      group ? null : (filter.action ?? null),
      group ? (filter.action?.slice(0, -1) ?? null) : null,
      filter.subject ?? null,
      filter.from ?? null,
      filter.to ?? null,
      filter.before ?? null,
      filter.limit,
    ],
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
