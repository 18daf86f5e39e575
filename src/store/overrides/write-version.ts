import type pg from 'pg'
import { DomainError } from '../../core/fault.ts'
import { differenceOf, isSame, ruleKey, type MappingSet, type RuleSpec } from '../../core/overrides.ts'
import { withTx } from '../db.ts'

/** A rule that is to hold; without a reason of its own it takes the version's. */
export type NewRule = RuleSpec & { readonly reason?: string | undefined }

interface VersionNote {
  readonly connectionId: string
  readonly reason: string
  readonly author: string
  readonly now: Date
}

/** A document that a version newly fails. */
export interface FailingDocument {
  readonly entity: string
  readonly number: string
  readonly reason: string
}

/** Published although documents newly failed: which, and why. */
export interface Overruled {
  readonly failing: readonly FailingDocument[]
  readonly reason: string
}

export interface VersionWrite extends VersionNote {
  readonly version: number
  readonly origin: 'rule' | 'draft' | 'rollback' | 'settings'
  /** Numbers of rules that hold no more. */
  readonly end: readonly string[]
  readonly add: readonly NewRule[]
  readonly settings?: { readonly before: Readonly<Record<string, unknown>>; readonly after: Readonly<Record<string, unknown>> }
  readonly restored?: number
  readonly override?: Overruled
}

const LIVE_VERSION = `select greatest((select max(version) from mapping_versions where connection_id = $1),
  (select max(greatest(version, coalesce(ended_version, 0))) from overrides where connection_id = $1), 0) as version`

/** The version in force; 0 before anybody said anything. */
export async function liveVersion(db: Pick<pg.Pool, 'query'>, connectionId: string): Promise<number> {
  const { rows } = await db.query<{ version: number }>(LIVE_VERSION, [connectionId])
  return rows[0]?.version ?? 0
}

/** Holds the connection's row until commit, so that versions are handed out one by one. Its settings. @throws DomainError `connection-unknown` */
export async function lockMapping(client: pg.PoolClient, connectionId: string): Promise<Readonly<Record<string, unknown>>> {
  const { rows } = await client.query<{ config: Readonly<Record<string, unknown>> }>(
    'select config from connections where id = $1 for no key update',
    [connectionId],
  )
  if (!rows[0]) throw new DomainError('connection-unknown', 'There is no such connection.')
  return rows[0].config
}

/** The one place where a version comes to be: its record, the rules that end with it and those that begin. */
export async function writeVersion(client: pg.PoolClient, write: VersionWrite): Promise<void> {
  await client.query(
    `insert into mapping_versions (connection_id, version, parent, origin, restored, settings_before, settings, reason, author, at, failing, override_reason)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      write.connectionId,
      write.version,
      write.version - 1,
      write.origin,
      write.restored ?? null,
      write.settings ? JSON.stringify(write.settings.before) : null,
      write.settings ? JSON.stringify(write.settings.after) : null,
      write.reason,
      write.author,
      write.now,
      write.override ? JSON.stringify(write.override.failing) : null,
      write.override?.reason ?? null,
    ],
  )
  await client.query('update overrides set ended_version = $2, ended_at = $3, ended_by = $4 where id = any($1) and ended_at is null', [
    write.end,
    write.version,
    write.now,
    write.author,
  ])
  await client.query(
    `insert into overrides (connection_id, kind, field, entity, from_value, to_value, reason, author, version, created_at)
     select $1, kind, field, entity, "from", "to", coalesce(reason, $3), $4, $5, $6
     from json_to_recordset($2::json) x(kind text, field text, entity text, "from" text, "to" text, reason text) order by kind, field, entity, "from"`,
    [write.connectionId, JSON.stringify(write.add), write.reason, write.author, write.version, write.now],
  )
}

interface Publication extends VersionNote {
  readonly origin: 'draft' | 'rollback'
  /** The version the set was made from: what was published meanwhile must not be lost. */
  readonly base: number
  readonly set: { readonly rules: readonly NewRule[]; readonly settings: MappingSet['settings'] }
  /** Names of the settings that steer this channel's mapping. */
  readonly names: readonly string[]
  /** The draft it comes from, which ends with it. */
  readonly draft?: number
  readonly restored?: number
  readonly override?: Overruled
}

/**
 * Makes a set the one that holds, as the next version. Rules that say what they said keep their numbers.
 * @throws DomainError `mapping-changed` (published meanwhile), `version-stale` (the draft was saved meanwhile), `mapping-same`
 */
export async function publishMapping(pool: pg.Pool, given: Publication): Promise<number> {
  return withTx(pool, async (client) => {
    const config = await lockMapping(client, given.connectionId)
    const live = await liveVersion(client, given.connectionId)
    if (live !== given.base) throw outdated(live)
    if (given.draft !== undefined) await endDraft(client, given.connectionId, given.draft)
    const standing = await standingRules(client, given.connectionId)
    const before = { rules: standing, settings: pick(config, given.names) }
    const difference = differenceOf(before, given.set)
    if (isSame(difference)) throw new DomainError('mapping-same', 'This is what holds already.')
    const gone = new Set([...difference.removed, ...difference.changed.map((one) => one.before)].map(ruleKey))
    const come = new Set([...difference.added, ...difference.changed.map((one) => one.after)].map(ruleKey))
    const { settings } = difference
    await writeVersion(client, {
      ...given,
      version: live + 1,
      end: standing.filter((rule) => gone.has(ruleKey(rule))).map(({ id }) => id),
      add: given.set.rules.filter((rule) => come.has(ruleKey(rule))),
      ...(settings.length > 0 && { settings: { before: before.settings, after: given.set.settings } }),
    })
    if (settings.length > 0) await writeSettings(client, given.connectionId, { ...without(config, given.names), ...given.set.settings })
    return live + 1
  })
}

/** What was written from an older version would undo what was published since. */
export const outdated = (live: number): DomainError =>
  new DomainError('mapping-changed', `Version ${live} was published meanwhile. Take it in, then publish.`)

/** A version for settings that were changed with the connection itself, within that transaction. Nothing where none of them steers the mapping. */
export async function noteSettings(
  client: pg.PoolClient,
  note: Omit<VersionNote, 'reason'> & { readonly names: readonly string[] },
  config: { readonly before: Readonly<Record<string, unknown>>; readonly after: Readonly<Record<string, unknown>> },
): Promise<void> {
  const [before, after] = [pick(config.before, note.names), pick(config.after, note.names)]
  if (isSame(differenceOf({ rules: [], settings: before }, { rules: [], settings: after }))) return
  const version = (await liveVersion(client, note.connectionId)) + 1
  const reason = 'Changed with the settings of the connection.'
  await writeVersion(client, { ...note, version, reason, origin: 'settings', end: [], add: [], settings: { before, after } })
}

async function endDraft(client: pg.PoolClient, connectionId: string, version: number): Promise<void> {
  const { rowCount } = await client.query('delete from mapping_drafts where connection_id = $1 and version = $2', [connectionId, version])
  if (rowCount !== 1) throw new DomainError('version-stale', 'Somebody changed this draft meanwhile. Load it again.')
}

async function writeSettings(client: pg.PoolClient, connectionId: string, config: Readonly<Record<string, unknown>>): Promise<void> {
  await client.query(
    `update connections set config = $2::json, version = version + 1, updated_at = now(),
       state = case when state = 'misconfigured' then 'active' else state end, state_reason = case when state = 'misconfigured' then null else state_reason end where id = $1`,
    [connectionId, JSON.stringify(config)],
  )
}

/** The rules that hold now, oldest first. */
export async function standingRules(db: Pick<pg.Pool, 'query'>, connectionId: string): Promise<readonly (NewRule & { readonly id: string })[]> {
  const { rows } = await db.query<NewRule & { readonly id: string }>(
    `select o.id::text, o.kind, o.field, o.entity, o.from_value as "from", o.to_value as "to", o.reason from overrides o where o.connection_id = $1 and o.ended_at is null order by o.id`,
    [connectionId],
  )
  return rows
}

/** Settings that steer a mapping, out of all of a connection's. */
export const pick = (config: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, config[name]] as const])))

const without = (config: Readonly<Record<string, unknown>>, names: readonly string[]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(config).filter(([name]) => !names.includes(name)))
