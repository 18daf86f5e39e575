import type pg from 'pg'
import type { DeliveryContent, Registry } from '../core/connector.ts'
import { ChannelError, DomainError } from '../core/fault.ts'
import type { IncomingRaw, IngestDeps } from '../normalize/ingest.ts'
import type { ConnectionContext } from '../normalize/prepare.ts'
import { openFailures } from '../store/deliver/open-failure.ts'
import { rawAad } from '../store/envelope.ts'
import { noteRequests } from '../store/privacy/requests.ts'
import { disposeRaw, requestFetch } from '../store/raw/dispose.ts'
import type { InboxRow } from '../store/raw/inbox.ts'

export interface ReadDeps extends Pick<IngestDeps, 'keys'> {
  readonly registry: Registry
}

/** What deliveries of one connection hold: documents, notices that ask for a fetch, and what is settled without either. */
interface Deliveries {
  readonly incoming: readonly IncomingRaw[]
  /** Settles the rest in the transaction that writes the documents; undefined when there is none. */
  readonly others: ((client: pg.PoolClient) => Promise<void>) | undefined
}

interface Read {
  readonly incoming: IncomingRaw[]
  readonly fetch: { readonly kind: string; readonly externalId: string; readonly rawId: number }[]
  readonly bare: { readonly rawId: number; readonly reason: string; readonly disposition: 'applied' | 'ignored' }[]
  readonly unreadable: { readonly row: InboxRow; readonly message: string }[]
  readonly privacy: Parameters<typeof noteRequests>[2][number][]
}

/** Opens and sorts deliveries of one connection. */
export async function readDeliveries(deps: ReadDeps, context: ConnectionContext, rows: readonly InboxRow[]): Promise<Deliveries> {
  const read: Read = { incoming: [], fetch: [], bare: [], unreadable: [], privacy: [] }
  for (const row of rows) await readRow(deps, context, row, read)
  const more = read.fetch.length + read.bare.length + read.unreadable.length > 0
  return { incoming: read.incoming, others: more ? (client) => disposeOthers(client, context, read) : undefined }
}

/** What a batch brought besides documents of its own. */
async function disposeOthers(client: pg.PoolClient, context: ConnectionContext, { fetch, bare, unreadable, privacy }: Read): Promise<void> {
  const { connectionId } = context
  await requestFetch(client, connectionId, fetch, 'notice')
  await noteRequests(client, connectionId, privacy)
  await disposeRaw(
    client,
    bare.map((one) => ({ ...one, connectionId })),
  )
  for (const bad of unreadable) await holdUnreadable(client, context, bad.row, bad.message)
}

/** Opens one delivery and sorts it: a document, a notice that asks for a fetch, or something we cannot read. */
async function readRow(deps: ReadDeps, context: ConnectionContext, row: InboxRow, into: Read): Promise<void> {
  const read = await openRow(deps, context, row)
  if ('unreadable' in read) {
    into.unreadable.push({ row, message: read.unreadable })
    return
  }
  const { text, content } = read
  const { rawId, externalId: delivery, receivedAt } = row
  if (content.privacy) into.privacy.push({ notice: content.privacy, rawId, delivery, receivedAt })
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
  deps: ReadDeps,
  context: ConnectionContext,
  row: InboxRow,
): Promise<{ readonly text: string; readonly content: DeliveryContent } | { readonly unreadable: string }> {
  let text: string
  try {
    text = row.text ?? (await deps.keys.open(row, rawAad(row.connectionId, row.kind, row.externalId)))
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
  if (content.privacy) return { disposition: 'applied', reason: 'privacy request' }
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
