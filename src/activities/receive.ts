import type pg from 'pg'
import { DomainError } from '../core/fault.ts'
import { prepareBatch, writeShares, type IngestDeps, type Share } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import type { Arrival } from '../intake/receive-hook.ts'
import type { PreparedRaw } from '../store/apply/rows.ts'
import { SMALL_BATCH } from '../store/apply/small-batch.ts'
import { noteInboxAttempt, readInbox, type InboxRow } from '../store/raw/inbox.ts'
import { disposeRaw } from '../store/raw/dispose.ts'
import { Offered, type Arrived } from './offered.ts'
import { readDeliveries, type ReadDeps } from './read-deliveries.ts'

export interface ReceiveDeps extends IngestDeps, ReadDeps {
  readonly contextOf: (connectionId: string) => Promise<ConnectionContext>
  readonly log: { warn(message: string, fields: Readonly<Record<string, unknown>>): void }
  /** The webhook door of this very process, where it has one: resolves when nobody waits at it, false when some still do after `ms`. */
  readonly doorQuiet?: (ms: number) => Promise<boolean>
}

/** At most this many deliveries in one transaction: a larger batch holds the feed too long for the others. */
const BATCH = 500
/** What waits after a moment's pause is done soonest in small steps; twice as many when one did not suffice, because larger ones cost less a delivery. */
const FIRST_BATCH = SMALL_BATCH
/** While deliveries crowd at the door they go first: a channel waits seconds for its answer at most, and the inbox keeps. */
const GIVE_WAY_MS = 250
/** A crowd that stays is no burst: after this long with a full inbox both go on side by side, or the inbox would only grow. */
const PATIENCE_MS = 3000
const BATCH_BESIDE_CROWD = SMALL_BATCH
const FULL_LOOK_MS = 10_000
/** What other processes took in is looked for at this pace by one that is fed by its own door. */
const LOOK_MS = 250
/** A commit of the door that takes longer keeps nobody else waiting: its deliveries are found in the inbox. */
const COMMIT_MS = 1000
/** So many connections are prepared side by side. */
const LANES = 6

/**
 * Drains every shard it may lock; returns how many documents it settled. Safe beside any number of other drains: what
 * waits in several shards, of several connections, goes into one transaction: it costs more than the few documents of one of them.
 */
export class InboxDrain {
  readonly #deps: ReceiveDeps
  readonly #floors = new Map<number, number>()
  /** Connections that failed alone since the last full look: they are kept out of the common transaction. */
  readonly #failing = new Set<string>()
  #lastFullLook = 0
  #caughtUpAt = 0
  #limit = FIRST_BATCH
  readonly #offered = new Offered()
  /** When the inbox was last looked into; -Infinity: it has to be. */
  #lookedAt = -Infinity
  /** The inbox held more than the last look took. */
  #behind = false
  /** Highest id per shard that was settled without a look into the inbox: the next one begins above, if nothing below is left. */
  #settledUnread = new Map<number, number>()
  #more = false
  /** Whose deliveries came last, when they were few: the next ones are likely theirs. */
  #likely: readonly string[] = []

  constructor(deps: ReceiveDeps) {
    this.#deps = deps
  }

  /** Takes over what the door of this process is committing, so that it is prepared meanwhile and not read back. */
  offer(arrival: Arrival): void {
    if (!this.#offered.add(arrival)) this.#lookedAt = -Infinity
  }

  /** There is more to do at once; else it is enough to wait for word. */
  get more(): boolean {
    return this.#more || this.#offered.size > 0 || this.#lookedAt === -Infinity
  }

  async pass(): Promise<number> {
    const now = this.#deps.now().getTime()
    if (now - this.#lastFullLook > FULL_LOOK_MS) {
      this.#floors.clear() // low ids that committed late
      this.#settledUnread.clear()
      this.#failing.clear()
      this.#likely = []
      this.#lastFullLook = now
    }
    const quiet = now - this.#caughtUpAt > PATIENCE_MS || ((await this.#deps.doorQuiet?.(GIVE_WAY_MS)) ?? true)
    const limit = quiet ? this.#limit : BATCH_BESIDE_CROWD
    const looks = this.#offered.size === 0 || this.#behind || performance.now() - this.#lookedAt >= 2 * LOOK_MS
    const { taken, settled } = looks ? await this.#fromInbox(limit) : await this.#fromDoor(this.#offered.take(limit))
    if (taken < limit) this.#caughtUpAt = now
    this.#limit = taken < limit ? FIRST_BATCH : Math.min(BATCH, limit * 2)
    this.#more = looks ? settled > 0 : performance.now() - this.#lookedAt >= LOOK_MS
    return settled
  }

  /** What stands in the inbox. */
  async #fromInbox(limit: number): Promise<Passed> {
    const below = this.#settledUnread
    this.#settledUnread = new Map()
    this.#lookedAt = performance.now()
    this.#offered.leaveToInbox()
    const [rows, contexts] = await Promise.all([readInbox(this.#deps.pool, this.#floors, limit), this.#likelyContexts()])
    this.#behind = rows.length >= limit
    const settled = await this.#settle(await this.#prepareAll(this.#grouped(rows), contexts))
    return this.#note(rows, settled, this.#floors, this.#behind ? [] : below)
  }

  /** What the door of this process takes in: prepared while it is committed, written once it is. Whatever does not go well is left to the inbox. */
  async #fromDoor(arrived: Arrived): Promise<Passed> {
    const groups = this.#grouped(arrived.rows)
    const contexts = await this.#likelyContexts()
    const ready = await this.#prepareAll(groups, contexts)
    const ids = await arrived.numbered(COMMIT_MS)
    if (!ids) {
      this.#lookedAt = -Infinity
      return { taken: arrived.rows.length, settled: 0 }
    }
    const withId = (row: InboxRow): InboxRow => ({ ...row, rawId: ids.get(row.rawId) ?? row.rawId })
    const numbered: Settling[] = []
    for (const one of ready) {
      const rows = one.rows.map(withId)
      // What is settled besides documents knows its ids already: it is read again, with the right ones.
      const again = one.others && (await this.#prepareAll(this.#grouped(rows), contexts))
      numbered.push(...(again ?? [{ ...one, rows, ...(one.share && { share: numberedShare(one.share, ids) }) }]))
    }
    const settled = await this.#settle(numbered)
    const passed = this.#note(arrived.rows.map(withId), settled, this.#settledUnread, [])
    if (passed.settled < passed.taken) this.#lookedAt = -Infinity
    return passed
  }

  #grouped(rows: readonly InboxRow[]): ReadonlyMap<string, readonly InboxRow[]> {
    const groups = byConnection(rows)
    if (groups.size > 0) this.#likely = groups.size > LANES ? [] : [...groups.keys()]
    return groups
  }

  /** Remembers where the next look into each shard begins: above what was settled, where nothing is left below. */
  #note(
    rows: readonly InboxRow[],
    settled: ReadonlySet<string>,
    floors: Map<number, number>,
    besides: Iterable<readonly [shard: number, id: number]>,
  ): Passed {
    const left = new Set(rows.flatMap((row) => (settled.has(row.connectionId) ? [] : [row.shard])))
    for (const [shard, id] of [...besides, ...rows.map((row) => [row.shard, row.rawId] as const)])
      if (!left.has(shard)) floors.set(shard, Math.max(floors.get(shard) ?? 0, id))
    return { taken: rows.length, settled: rows.filter((row) => settled.has(row.connectionId)).length }
  }

  /** Looked up while the inbox is read or the door commits: one wait less. What cannot be looked up is tried again in its turn. */
  async #likelyContexts(): Promise<ReadonlyMap<string, Context>> {
    const found = new Map<string, Context>()
    const look = async (id: string): Promise<unknown> => found.set(id, await contextOrGone(this.#deps, id))
    await Promise.allSettled(this.#likely.map(look))
    return found
  }

  /** A few connections at a time: while one is prepared, others wait for the database. */
  async #prepareAll(groups: ReadonlyMap<string, readonly InboxRow[]>, contexts: ReadonlyMap<string, Context>): Promise<readonly Settling[]> {
    const waiting = groups.entries()
    const ready: Settling[] = []
    const lane = async (): Promise<void> => {
      for (const [connectionId, group] of waiting) {
        const one = await this.#guarded(connectionId, group, () => prepareConnection(this.#deps, connectionId, group, contexts.get(connectionId)))
        if (one) ready.push(one)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
    return ready
  }

  /** All of them in one transaction; when that fails, each alone, so that one connection never stops the others (I10). Answers whose deliveries are settled. */
  async #settle(all: readonly Settling[]): Promise<ReadonlySet<string>> {
    const settled = new Set<string>()
    const write = async (some: readonly Settling[]): Promise<void> => {
      if (await settleTogether(this.#deps, some)) for (const { connectionId } of some) settled.add(connectionId)
    }
    const together = all.filter(({ connectionId }) => !this.#failing.has(connectionId))
    const apart = all.filter(({ connectionId }) => this.#failing.has(connectionId))
    let alone = [...together, ...apart]
    if (together.length > 1) {
      try {
        await write(together)
        alone = apart
      } catch {
        // Who fails alone as well is noted below.
      }
    }
    for (const one of alone) {
      const tried = await this.#guarded(one.connectionId, one.rows, async () => {
        await write([one])
        return true
      })
      if (!tried) this.#failing.add(one.connectionId)
    }
    return settled
  }

  /** What fails is tried again later. */
  async #guarded<T>(connectionId: string, rows: readonly InboxRow[], work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      await noteInboxAttempt(
        this.#deps.pool,
        rows.map((row) => row.rawId),
      )
      this.#deps.log.warn('A batch of deliveries could not be applied and will be tried again.', {
        connectionId,
        count: rows.length,
        error: error instanceof Error ? error.name : 'unknown',
      })
      return undefined
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

/** How many deliveries a pass took up, and how many of them it settled. */
interface Passed {
  readonly taken: number
  readonly settled: number
}

/** Deliveries of one connection, ready to be written. */
interface Settling {
  readonly connectionId: string
  readonly rows: readonly InboxRow[]
  /** Undefined when the connection was removed meanwhile. */
  readonly share?: Share
  readonly others?: ((client: pg.PoolClient) => Promise<void>) | undefined
}

async function prepareConnection(deps: ReceiveDeps, connectionId: string, rows: readonly InboxRow[], known: Context | undefined): Promise<Settling> {
  const context = known ?? (await contextOrGone(deps, connectionId))
  if (context === 'gone') return { connectionId, rows, others: (client) => ignoreOfRemoved(client, connectionId, rows) }
  const { incoming, others } = await readDeliveries(deps, context, rows)
  return { connectionId, rows, share: { context, batch: await prepareBatch(deps, context, incoming) }, others }
}

const numberedShare = ({ context, batch }: Share, ids: ReadonlyMap<number, number>): Share => ({
  context,
  batch: { ...batch, rounds: batch.rounds.map((round) => round.map((raw) => numberedRaw(raw, ids))) },
})

function numberedRaw(raw: PreparedRaw, ids: ReadonlyMap<number, number>): PreparedRaw {
  const id = raw.archivedRawId === undefined ? undefined : ids.get(raw.archivedRawId)
  return id === undefined ? raw : { ...raw, archivedRawId: id }
}

/** One transaction for all of them. False when somebody else drains one of their shards, or took one of them. */
async function settleTogether(deps: ReceiveDeps, all: readonly Settling[]): Promise<boolean> {
  const rows = all.flatMap((one) => one.rows)
  const shards = [...new Set(rows.map((row) => row.shard))].toSorted((a, b) => a - b)
  const rawIds = rows.map((row) => row.rawId)
  const others = all.flatMap((one) => one.others ?? [])
  const result = await writeShares(
    deps,
    all.flatMap((one) => one.share ?? []),
    {
      inbox: { shards, waiting: rawIds, rawIds },
      ...(others.length > 0 && {
        alongside: async (client) => {
          for (const other of others) await other(client)
        },
      }),
    },
  )
  return result.locked
}

type Context = ConnectionContext | 'gone'

async function contextOrGone(deps: ReceiveDeps, connectionId: string): Promise<Context> {
  try {
    return await deps.contextOf(connectionId)
  } catch (error) {
    if (error instanceof DomainError && error.code === 'connection-unknown') return 'gone'
    throw error
  }
}

/** Deliveries that were taken before their connection was removed: nobody works on them any more, and the ledger says so. */
const ignoreOfRemoved = (client: pg.PoolClient, connectionId: string, rows: readonly InboxRow[]): Promise<void> =>
  disposeRaw(
    client,
    rows.map((row) => ({ rawId: row.rawId, connectionId, disposition: 'ignored', reason: 'connection-removed' })),
  )
