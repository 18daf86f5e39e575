import type pg from 'pg'
import type { DeliveryContent, Registry } from '../core/connector.ts'
import { ChannelError, DomainError } from '../core/fault.ts'
import { ingest, type IncomingRaw, type IngestDeps } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { rawAad } from '../store/envelope.ts'
import { SMALL_BATCH } from '../store/apply/small-batch.ts'
import { withTx } from '../store/db.ts'
import { openFailures } from '../store/deliver/open-failure.ts'
import { deleteInbox, noteInboxAttempt, readInbox, tryShards, type InboxRow } from '../store/raw/inbox.ts'
import { disposeRaw, requestFetch } from '../store/raw/dispose.ts'

export interface ReceiveDeps extends IngestDeps {
  readonly registry: Registry
  readonly contextOf: (connectionId: string) => Promise<ConnectionContext>
  readonly log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void }
  /** The webhook door of this very process, where it has one: resolves when nobody waits at it, false when some still do after `ms`. */
  readonly doorQuiet?: (ms: number) => Promise<boolean>
}

/** At most this many deliveries in one transaction: a larger batch holds the feed too long for the others. */
const BATCH = 500
/** While deliveries crowd at the door they go first: a channel waits seconds for its answer at most, and the inbox keeps. */
const GIVE_WAY_MS = 250
/** A crowd that stays is no burst: after this long with a full inbox both go on side by side, or the inbox would only grow. */
const PATIENCE_MS = 3000
const BATCH_BESIDE_CROWD = SMALL_BATCH
const FULL_LOOK_MS = 10_000

/**
 * Drains every shard it may lock; returns how many documents it settled. Safe beside any number of other drains: what
 * waits in several shards goes into one transaction, because a transaction costs more than the few documents of one shard.
 */
export class InboxDrain {
  readonly #deps: ReceiveDeps
  readonly #floors = new Map<number, number>()
  #lastFullLook = 0
  #caughtUpAt = 0

  constructor(deps: ReceiveDeps) {
    this.#deps = deps
  }

  async pass(): Promise<number> {
    const now = this.#deps.now().getTime()
    if (now - this.#lastFullLook > FULL_LOOK_MS) {
      this.#floors.clear() // low ids that committed late
      this.#lastFullLook = now
    }
    const quiet = now - this.#caughtUpAt > PATIENCE_MS || ((await this.#deps.doorQuiet?.(GIVE_WAY_MS)) ?? true)
    const limit = quiet ? BATCH : BATCH_BESIDE_CROWD
    const rows = await readInbox(this.#deps.pool, this.#floors, limit)
    if (rows.length < limit) this.#caughtUpAt = now
    const left = new Set<number>()
    let settled = 0
    for (const [connectionId, group] of byConnection(rows)) {
      const done = await this.#drainGroup(connectionId, group)
      settled += done
      if (done < group.length) for (const row of group) left.add(row.shard)
    }
    for (const row of rows) if (!left.has(row.shard)) this.#floors.set(row.shard, row.rawId)
    return settled
  }

  async #drainGroup(connectionId: string, group: readonly InboxRow[]): Promise<number> {
    try {
      return await drainConnection(this.#deps, connectionId, group)
    } catch (error) {
      await noteInboxAttempt(
        this.#deps.pool,
        group.map((row) => row.rawId),
      )
      this.#deps.log.warn('A batch of deliveries could not be applied and will be tried again.', {
        connectionId,
        count: group.length,
        error: error instanceof Error ? error.name : 'unknown',
      })
      return 0
    }
  }
}

function byConnection(rows: readonly InboxRow[]): ReadonlyMap<string, readonly InboxRow[]> {
  const groups = new Map<string, InboxRow[]>()
  for (const row of rows) {
    const group = groups.get(row.connectionId)
    if (group) group.push(row)
    else groups.set(row.connectionId, [row])
  }
  return groups
}

interface Read {
  readonly incoming: IncomingRaw[]
  readonly fetch: { readonly kind: string; readonly externalId: string; readonly rawId: number }[]
  readonly bare: { readonly rawId: number; readonly reason: string; readonly disposition: 'applied' | 'ignored' }[]
  readonly unreadable: { readonly row: InboxRow; readonly message: string }[]
}

async function drainConnection(deps: ReceiveDeps, connectionId: string, rows: readonly InboxRow[]): Promise<number> {
  const shards = [...new Set(rows.map((row) => row.shard))].toSorted((a, b) => a - b)
  const context = await contextOrGone(deps, connectionId)
  if (context === 'gone') return ignoreOfRemoved(deps, shards, connectionId, rows)
  const read: Read = { incoming: [], fetch: [], bare: [], unreadable: [] }
  for (const row of rows) await readRow(deps, context, row, read)
  const result = await ingest(deps, context, read.incoming, {
    inbox: { shards, rawIds: rows.map((row) => row.rawId) },
    ...(read.fetch.length + read.bare.length + read.unreadable.length > 0 && { alongside: (client) => disposeOthers(client, context, read) }),
  })
  if (!result.locked) return 0
  return rows.length
}

/** What a batch brought besides documents of its own. */
async function disposeOthers(client: pg.PoolClient, context: ConnectionContext, { fetch, bare, unreadable }: Read): Promise<void> {
  const { connectionId } = context
  await requestFetch(client, connectionId, fetch, 'notice')
  await disposeRaw(
    client,
    bare.map((one) => ({ ...one, connectionId })),
  )
  for (const bad of unreadable) await holdUnreadable(client, context, bad.row, bad.message)
}

async function contextOrGone(deps: ReceiveDeps, connectionId: string): Promise<ConnectionContext | 'gone'> {
  try {
    return await deps.contextOf(connectionId)
  } catch (error) {
    if (error instanceof DomainError && error.code === 'connection-unknown') return 'gone'
    throw error
  }
}

/** Deliveries that were taken before their connection was removed: nobody works on them any more, and the ledger says so. */
async function ignoreOfRemoved(deps: ReceiveDeps, shards: readonly number[], connectionId: string, rows: readonly InboxRow[]): Promise<number> {
  return withTx(deps.pool, async (client) => {
    if (!(await tryShards(client, shards))) return 0
    await disposeRaw(
      client,
      rows.map((row) => ({ rawId: row.rawId, connectionId, disposition: 'ignored', reason: 'connection-removed' })),
    )
    await deleteInbox(
      client,
      rows.map((row) => row.rawId),
    )
    return rows.length
  })
}

/** Opens one delivery and sorts it: a document, a notice that asks for a fetch, or something we cannot read. */
async function readRow(deps: ReceiveDeps, context: ConnectionContext, row: InboxRow, into: Read): Promise<void> {
  const read = await openRow(deps, context, row)
  if ('unreadable' in read) {
    into.unreadable.push({ row, message: read.unreadable })
    return
  }
  const { text, content } = read
  for (const wanted of content.fetch) into.fetch.push({ ...wanted, rawId: row.rawId })
  const [only, ...more] = content.records
  const whole = only !== undefined && more.length === 0 && only.payload === text
  if (!whole) into.bare.push({ rawId: row.rawId, ...bareReason(content) })
  for (const record of content.records) {
    into.incoming.push({
      record,
      source: 'hook',
      receivedAt: row.receivedAt,
      readStartedAt: row.readStartedAt,
      authoritative: false,
      ...(whole && { archivedRawId: row.rawId }),
      ...(row.meta && { meta: row.meta }),
    })
  }
}

/** Whatever is wrong with one delivery stays with that delivery (I10); only a fault of the database is everybody's. */
async function openRow(
  deps: ReceiveDeps,
  context: ConnectionContext,
  row: InboxRow,
): Promise<{ readonly text: string; readonly content: DeliveryContent } | { readonly unreadable: string }> {
  let text: string
  try {
    text = await deps.keys.open(row, rawAad(row.connectionId, row.kind, row.externalId))
  } catch (error) {
    if (!(error instanceof DomainError)) throw error
    return { unreadable: error.message }
  }
  const connector = deps.registry.get(context.channel)
  if (!connector?.readWebhook) return { unreadable: `${context.channel} has no webhook reader.` }
  try {
    return { text, content: connector.readWebhook(text, row.meta ?? {}) }
  } catch (error) {
    return {
      unreadable:
        error instanceof ChannelError ? error.message : `The webhook reader failed: ${error instanceof Error ? error.name : 'unknown error'}.`,
    }
  }
}

function bareReason(content: DeliveryContent): { readonly disposition: 'applied' | 'ignored'; readonly reason: string } {
  if (content.records.length > 0) return { disposition: 'applied', reason: `split into ${content.records.length} documents` }
  return content.fetch.length > 0 ? { disposition: 'applied', reason: 'asked the channel' } : { disposition: 'ignored', reason: 'topic-not-needed' }
}

async function holdUnreadable(client: pg.PoolClient, context: ConnectionContext, row: InboxRow, message: string): Promise<void> {
  await disposeRaw(client, [
    { rawId: row.rawId, connectionId: row.connectionId, disposition: 'held', reason: `unreadable: ${message}`.slice(0, 500) },
  ])
  await openFailures(client, [
    {
      connectionId: context.connectionId,
      channel: context.channel,
      operation: 'webhook',
      fault: { kind: 'unreadable', message },
      subjectKind: 'webhook',
      subjectId: String(row.rawId),
    },
  ])
}
