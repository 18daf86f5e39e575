import type pg from 'pg'
import type { RawRecord } from '../core/connector.ts'
import { mappingName, type Mapping } from '../core/mapping.ts'
import type { OrderLine } from '../core/order.ts'
import { parseJson } from '../kit/json.ts'
import { applyBatch, type ApplyOptions, type ApplyResult } from '../store/apply/apply-batch.ts'
import { resolveSkus } from '../store/apply/resolve-skus.ts'
import type { PreparedRaw, RawSource } from '../store/apply/rows.ts'
import { isDataError } from '../store/db.ts'
import { rawAad, type DataKeys, type SecretBox } from '../store/envelope.ts'
import { Room } from '../store/room.ts'
import type { DriftSentinel } from './drift/drift-sentinel.ts'
import { failureRow } from './failure.ts'
import { inParts } from './in-parts.ts'
import { entityOf, hashedRaw, judgeBatch, type Hashed, type JudgedBatch, type JudgeOptions } from './judge.ts'
import { sourceTimeOf } from './storable.ts'
import { mapRaw, prepareRaw, type ConnectionContext, type ReadRaw } from './prepare.ts'

export interface IngestDeps {
  readonly pool: pg.Pool
  readonly box: SecretBox
  readonly keys: DataKeys
  readonly mappings: ReadonlyMap<string, Mapping>
  readonly now: () => Date
  /** Is shown new documents, for what is new in them. */
  readonly drift?: DriftSentinel | undefined
}

/** A document as a connector handed it over, with how it came. */
export interface IncomingRaw {
  readonly record: RawRecord
  readonly source: RawSource
  readonly receivedAt: string
  readonly readStartedAt: string
  readonly authoritative: boolean
  /** Stored before (a webhook delivery): its bytes are not archived again. */
  readonly archivedRawId?: number
  readonly meta?: Readonly<Record<string, string>>
}

/** `alongside` is told how many documents of the whole call were not archived because they stand already. */
export type IngestOptions = ApplyOptions

export interface IngestResult extends ApplyResult {
  readonly seen: number
}

const ZERO: IngestResult = {
  locked: true,
  seen: 0,
  created: 0,
  changed: 0,
  unchanged: 0,
  held: 0,
  ignored: 0,
  superseded: 0,
  unstored: 0,
  movedStock: false,
}

/** Documents judged, mapped and rendered, ready to be written. */
export interface PreparedBatch extends Omit<JudgedBatch, 'fresh'> {
  /** Each names an entity at most once; they are written in this order. */
  readonly rounds: readonly (readonly PreparedRaw[])[]
  /** Where their bytes lie. */
  readonly rooms: readonly Room[]
}

export const EMPTY_BATCH: PreparedBatch = { seen: 0, unchanged: 0, rounds: [], rooms: [], entities: new Map() }

/** Documents of one connection → canonical, in as few transactions as possible. */
export async function ingest(
  deps: IngestDeps,
  context: ConnectionContext,
  incoming: readonly IncomingRaw[],
  given: IngestOptions = {},
): Promise<IngestResult> {
  const replay = given.mode === 'replay'
  // What is read again is not what the channel sends now.
  return writeBatch(deps, context, await prepareBatch(replay ? { ...deps, drift: undefined } : deps, context, incoming, { replay }), given)
}

/** Everything else that can be done before the transaction: mapping, checking, sealing. With `takeDocs` each parsed document is let go as soon as it is mapped. */
export async function prepareJudged(
  deps: IngestDeps,
  context: ConnectionContext,
  { fresh, ...judged }: JudgedBatch,
  takeDocs = false,
): Promise<PreparedBatch> {
  const rounds: (readonly PreparedRaw[])[] = []
  const room = new Room()
  for (const round of splitRounds(fresh)) rounds.push(await prepareRound(deps, context, round, room, takeDocs))
  return { ...judged, rounds, rooms: [room] }
}

/** Both at once. */
export async function prepareBatch(
  deps: IngestDeps,
  context: ConnectionContext,
  incoming: readonly IncomingRaw[],
  { takeDocs, ...given }: JudgeOptions & { readonly takeDocs?: boolean } = {},
): Promise<PreparedBatch> {
  return prepareJudged(deps, context, await judgeBatch(deps, context, incoming, given), takeDocs)
}

/** Two batches as one, the second after the first where they name the same entity. */
export function joinBatches(a: PreparedBatch, b: PreparedBatch): PreparedBatch {
  if (a.rounds.length === 0 && a.seen === 0) return b
  const apart = [...b.entities.keys()].some((entity) => a.entities.has(entity)) || a.rounds.length > 1 || b.rounds.length > 1
  return {
    seen: a.seen + b.seen,
    unchanged: a.unchanged + b.unchanged,
    rounds: apart ? [...a.rounds, ...b.rounds] : [[...a.rounds.flat(), ...b.rounds.flat()]].filter((round) => round.length > 0),
    rooms: [...a.rooms, ...b.rooms],
    entities: new Map([...a.entities, ...b.entities]),
  }
}

/** What one connection brought. */
export interface Share {
  readonly context: ConnectionContext
  readonly batch: PreparedBatch
}

/** Writes what was prepared. `alongside` (the cursor, the inbox rows) commits with the last of it, so nothing is acknowledged before it is stored (I1). */
export const writeBatch = (deps: IngestDeps, context: ConnectionContext, batch: PreparedBatch, given: IngestOptions = {}): Promise<IngestResult> =>
  writeShares(deps, [{ context, batch }], given)

/** The same for several connections at once: a transaction costs more than the few documents of one of them. */
export async function writeShares(deps: IngestDeps, shares: readonly Share[], given: IngestOptions = {}): Promise<IngestResult> {
  const channels = new Map(shares.map(({ context }) => [context.connectionId, context.channel]))
  const rounds = abreast(shares.map(({ batch }) => batch.rounds))
  const unchanged = shares.reduce((sum, { batch }) => sum + batch.unchanged, 0)
  const rest = besideTheLast(given)
  let total: IngestResult = { ...ZERO, seen: shares.reduce((sum, { batch }) => sum + batch.seen, 0), unchanged }
  const options = (): ApplyOptions => addUnstored(given, unchanged + total.unstored)
  if (rounds.length === 0) return add(total, await applyBatch(deps.pool, [], options()))
  for (const [i, round] of rounds.entries()) {
    const result = await applySafely(deps, channels, round, i === rounds.length - 1 ? options() : rest)
    total = add(total, result)
    if (!result.locked) return total
  }
  // Committed: nobody reads their bytes any more.
  for (const { batch } of shares) for (const room of batch.rooms) room.giveBack()
  return total
}

/** An entity belongs to one connection: the first rounds of all are one round, and so are the second ones. */
function abreast(shares: readonly (readonly (readonly PreparedRaw[])[])[]): readonly (readonly PreparedRaw[])[] {
  const [only, ...more] = shares
  if (only && more.length === 0) return only
  const length = Math.max(0, ...shares.map((rounds) => rounds.length))
  return Array.from({ length }, (_, i) => shares.flatMap((rounds) => rounds[i] ?? []))
}

/** A batch may name an entity once; later mentions of it go to a later round, in order of arrival. */
function splitRounds(hashed: readonly Hashed[]): readonly (readonly Hashed[])[] {
  const rounds: { seen: Set<string>; items: Hashed[] }[] = []
  for (const item of hashed) {
    const key = entityOf(item)
    let round = rounds.find((r) => !r.seen.has(key))
    if (!round) {
      round = { seen: new Set(), items: [] }
      rounds.push(round)
    }
    round.seen.add(key)
    round.items.push(item)
  }
  return rounds.map((round) => round.items)
}

async function prepareRound(
  deps: IngestDeps,
  context: ConnectionContext,
  round: readonly Hashed[],
  room: Room,
  takeDocs = false,
): Promise<readonly PreparedRaw[]> {
  const mapping = deps.mappings.get(context.channel)
  if (!mapping) throw new Error(`No mapping is registered for channel ${context.channel}.`)
  const seal = await deps.keys.sealer(context.connectionId, deps.now(), room)
  const mapped = await inParts(round, (hashed) => {
    const { raw } = hashed
    const doc = raw.record.doc ?? parseSafely(raw.record.payload)
    const done = mapRaw(readRaw(hashed, context, seal), doc, mapping, context)
    deps.drift?.look(context, mapping, doc, done)
    if (takeDocs) raw.record.doc = undefined
    return done
  })
  const lines: OrderLine[] = []
  for (const { outcome } of mapped) if (outcome.kind === 'order') lines.push(...outcome.order.lines)
  const skus = await resolveSkus(deps.pool, context.connectionId, lines)
  return inParts(mapped, (one) =>
    prepareRaw(one, { mapping, context, box: deps.box, seal, skus, room, overridesVersion: context.overrides?.version ?? 0 }),
  )
}

function readRaw({ raw, sha256, isNew }: Hashed, context: ConnectionContext, seal: Awaited<ReturnType<DataKeys['sealer']>>): ReadRaw {
  const { record } = raw
  return {
    kind: record.kind,
    externalId: record.externalId,
    ...(record.parentId !== undefined && { parentId: record.parentId }),
    source: raw.source,
    receivedAt: raw.receivedAt,
    sourceTime: sourceTimeOf(record.sourceTime, raw.receivedAt),
    authoritative: raw.authoritative,
    readStartedAt: raw.readStartedAt,
    sha256,
    size: Buffer.byteLength(record.payload),
    ...(raw.meta && { meta: raw.meta }),
    ...(isNew === true && { isNew }),
    ...(raw.archivedRawId !== undefined
      ? { archivedRawId: raw.archivedRawId }
      : { sealed: seal(record.payload, rawAad(context.connectionId, record.kind, record.externalId)) }),
  }
}

/** Maps and renders documents without writing anything: dry runs and previews. */
export async function prepareIncoming(
  deps: IngestDeps,
  context: ConnectionContext,
  incoming: readonly IncomingRaw[],
): Promise<readonly PreparedRaw[]> {
  return prepareRound({ ...deps, drift: undefined }, context, incoming.map(hashedRaw), new Room())
}

/** An unreadable document is mapped as undefined and held by its mapping's first read, not thrown here. */
function parseSafely(payload: string): unknown {
  try {
    return parseJson(payload)
  } catch {
    return undefined
  }
}

/** One poisoned row must not sink its batch: on a data error the batch is halved until the culprit stands alone, then held (I10). */
async function applySafely(
  deps: IngestDeps,
  channels: ReadonlyMap<string, string>,
  batch: readonly PreparedRaw[],
  options: ApplyOptions,
): Promise<ApplyResult> {
  try {
    return await applyBatch(deps.pool, batch, options)
  } catch (error) {
    if (!isDataError(error)) throw error
    if (batch.length === 1)
      return applyBatch(
        deps.pool,
        batch.map((raw) => heldByDatabase(raw, channels.get(raw.connectionId) ?? '')),
        options,
      )
    const middle = Math.ceil(batch.length / 2)
    const first = await applySafely(deps, channels, batch.slice(0, middle), besideTheLast(options))
    if (!first.locked) return first // `alongside` stands for the whole batch: it must not commit without the first half
    return add(first, await applySafely(deps, channels, batch.slice(middle), addUnstored(options, first.unstored)))
  }
}

/** What commits with the last transaction of a call stays out of those before it. */
function besideTheLast({ alongside: _alongside, inbox, ...options }: ApplyOptions): ApplyOptions {
  return inbox ? { ...options, inbox: { ...inbox, rawIds: [] } } : options
}

/** The page's count covers what earlier transactions of the same read left out. */
function addUnstored(options: ApplyOptions, before: number): ApplyOptions {
  const { alongside } = options
  return alongside ? { ...options, alongside: (client, unstored) => alongside(client, before + unstored) } : options
}

function heldByDatabase(raw: PreparedRaw, channel: string): PreparedRaw {
  const message = 'The store refused a value of this document.'
  return {
    ...raw,
    result: {
      kind: 'held',
      reason: `value-refused: ${message}`,
      failure: failureRow({
        connectionId: raw.connectionId,
        channel,
        operation: 'normalise',
        faultKind: 'held',
        code: 'value-refused',
        message,
      }),
    },
  }
}

function add<T extends ApplyResult>(a: T, b: ApplyResult): T {
  return {
    ...a,
    locked: a.locked && b.locked,
    created: a.created + b.created,
    changed: a.changed + b.changed,
    unchanged: a.unchanged + b.unchanged,
    held: a.held + b.held,
    ignored: a.ignored + b.ignored,
    superseded: a.superseded + b.superseded,
    unstored: a.unstored + b.unstored,
    movedStock: a.movedStock || b.movedStock,
  }
}

/** Name of the mapping in force for a channel, e.g. `woocommerce@1`. */
export const mappingInForce = (deps: IngestDeps, channel: string): string | undefined => {
  const mapping = deps.mappings.get(channel)
  return mapping && mappingName(mapping)
}
