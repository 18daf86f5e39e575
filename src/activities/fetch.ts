import type { RawRecord } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { ingest, type IngestDeps, type IngestResult } from '../normalize/ingest.ts'
import { doneFetches, dueFetches, postponeFetches } from '../store/deliver/fetch-queue.ts'
import type { OpenedConnection } from './pull.ts'

/** Reads orders from the channel now and stores them. `found` are the channel's ids among those asked for. */
export async function fetchOrders(
  deps: IngestDeps,
  opened: OpenedConnection,
  ids: readonly string[],
): Promise<IngestResult & { readonly found: readonly string[]; readonly readStartedAt: Date }> {
  const { connector, call, context } = opened
  if (!connector.fetchOrder)
    throw new ChannelError({ kind: 'misconfigured', code: 'no-fetch', message: `${context.channel} cannot be asked for single orders.` })
  const readStartedAt = deps.now()
  const records = await connector.fetchOrder(call, ids)
  const result = await store(deps, opened, records, readStartedAt)
  return { ...result, found: records.flatMap((record) => (record.kind === 'order' ? [record.externalId] : [])), readStartedAt }
}

const store = (deps: IngestDeps, opened: OpenedConnection, records: readonly RawRecord[], readStartedAt: Date): Promise<IngestResult> => {
  const at = readStartedAt.toISOString()
  return ingest(
    deps,
    opened.context,
    records.map((record) => ({ record, source: 'fetch', receivedAt: at, readStartedAt: at, authoritative: true })),
  )
}

/**
 * Reads what the fetch queue asks for, one batch of the channel's size. Orders the channel no longer knows leave the
 * queue; a fault postpones the batch and surfaces.
 */
export async function drainFetchQueue(deps: IngestDeps, opened: OpenedConnection): Promise<{ readonly read: number; readonly more: boolean }> {
  const { connectionId } = opened.context
  const limit = opened.connector.manifest.capabilities.fetchOrder?.maxBatch ?? 100
  const wanted = await dueFetches(deps.pool, connectionId, limit, deps.now())
  if (wanted.length === 0) return { read: 0, more: false }
  const ids = [...new Set(wanted.flatMap((row) => row.order_external_id ?? []))].sort()
  const readStartedAt = deps.now()
  try {
    if (ids.length > 0 && opened.connector.fetchOrder) await fetchOrders(deps, opened, ids)
  } catch (error) {
    if (error instanceof ChannelError) await postponeFetches(deps.pool, connectionId, wanted, error.fault, deps.now())
    throw error
  }
  await doneFetches(deps.pool, connectionId, wanted, readStartedAt)
  return { read: ids.length, more: wanted.length === limit }
}
