import { standing } from '../store/raw/standing.ts'
import type { IncomingRaw, IngestDeps } from './ingest.ts'
import { sha256, type ConnectionContext } from './prepare.ts'
import { storable } from './storable.ts'

type Unsettled = (entity: string) => Buffer | undefined

/** Documents compared with what stands; those that differ are still to be mapped. */
export interface JudgedBatch {
  readonly seen: number
  /** Documents that stand already, byte for byte: they are counted, not written. */
  readonly unchanged: number
  /** Hash of the last document of each entity it is going to write. */
  readonly entities: ReadonlyMap<string, Buffer>
  readonly fresh: readonly Hashed[]
}

export interface JudgeOptions {
  readonly replay?: boolean
  /** Answers the hash of an entity in batches that are still to be written: for it a look at what stands comes too early. */
  readonly unsettled?: Unsettled
}

/** Leaves out what stands already. */
export async function judgeBatch(
  deps: IngestDeps,
  context: ConnectionContext,
  incoming: readonly IncomingRaw[],
  given: JudgeOptions = {},
): Promise<JudgedBatch> {
  const hashed = incoming.map(hashedRaw)
  const fresh = given.replay ? hashed : await withoutKnown(deps, context, hashed, given.unsettled)
  return {
    seen: incoming.length,
    unchanged: incoming.length - fresh.length,
    fresh,
    entities: new Map(fresh.map((item) => [entityOf(item), item.sha256])),
  }
}

/** A document that can be stored, with the hash of its bytes. */
export interface Hashed {
  readonly raw: IncomingRaw
  readonly sha256: Buffer
  /** Nothing of its entity stands, and nothing is about to. */
  readonly isNew?: boolean
}

export const hashedRaw = (raw: IncomingRaw): Hashed => ({ raw: storable(raw), sha256: sha256(raw.record.payload) })

export const entityOf = ({ raw: { record } }: Hashed): string => `${record.kind}/${record.externalId}`

/**
 * Drops re-reads of what stands already: the first mention of an entity is compared with its head, a later one with the
 * mention before it, so A → B → A stays three. Archived deliveries are never dropped, they need a disposition.
 */
async function withoutKnown(
  deps: IngestDeps,
  context: ConnectionContext,
  hashed: readonly Hashed[],
  unsettled: Unsettled | undefined,
): Promise<readonly Hashed[]> {
  const first = new Map<string, Hashed>()
  for (const item of hashed) {
    const entity = entityOf(item)
    if (item.raw.archivedRawId === undefined && !first.has(entity) && !unsettled?.(entity)) first.set(entity, item)
  }
  const known = await standing(
    deps.pool,
    context.connectionId,
    [...first.values()].map(({ raw, sha256 }) => ({
      kind: raw.record.kind,
      externalId: raw.record.externalId,
      sha256,
      authoritative: raw.authoritative,
    })),
  )
  const latest = new Map<string, Buffer>()
  const fresh: Hashed[] = []
  for (const item of hashed) {
    const entity = entityOf(item)
    const before = latest.get(entity) ?? unsettled?.(entity)
    latest.set(entity, item.sha256)
    if (item.raw.archivedRawId !== undefined) fresh.push(item)
    else if (before ? !before.equals(item.sha256) : known.get(entity) !== 'unchanged')
      fresh.push({ ...item, isNew: before === undefined && !known.has(entity) })
  }
  return fresh
}
