import { testDestination } from '../activities/alert-delivery.ts'
import { fetchOrders } from '../activities/fetch.ts'
import type { ChannelDeps, Channels, TrialConnection } from '../activities/connection-call.ts'
import type { OpenedConnection } from '../activities/pull.ts'
import type { RawRecord, Registry } from '../core/connector.ts'
import { ChannelError, DomainError } from '../core/fault.ts'
import type { Mapping } from '../core/mapping.ts'
import { requestReadBack } from '../deliver/effects.ts'
import { renderStatementPdf } from '../kit/files/write-pdf.ts'
import { renderStatementSheets } from '../kit/files/write-sheets.ts'
import { renderTable } from '../kit/files/write-table.ts'
import type { ChannelAnswer, CheckInput, CheckReport, HubControl } from '../http/control.ts'
import type { IngestDeps } from '../normalize/ingest.ts'
import { mapRecord } from '../normalize/prepare.ts'
import { shownOrder } from '../normalize/written-down.ts'
import { stumblesAt, wordChoices } from '../normalize/word-choices.ts'
import { compareDocument, tryMapping } from '../normalize/try-mapping.ts'
import { takeOrders } from '../normalize/take-orders.ts'
import { openSecrets } from '../store/connection-secrets.ts'
import { loadConnection } from '../store/deliver/open-connection.ts'
import { connectionOfEffect, orderIdOf } from '../store/read/ids.ts'
import { decryptRecipient } from './decrypt-recipient.ts'
import { explainIn, valueIn, type Reading } from './explain.ts'
import { previewFile } from './files.ts'

/** What starts and wakes workflows; the API never talks to the workflow server itself. */
export interface Workflows {
  ensure(connectionId: string): Promise<void>
  wakePull(connectionId: string): Promise<void>
  wakePush(connectionIds: readonly string[]): Promise<void>
  startJob(jobId: string): Promise<void>
  cancelJob(jobId: string): Promise<void>
}

export interface ControlDeps extends IngestDeps {
  readonly registry: Registry
  readonly channels: Channels
  readonly workflows: Workflows
  readonly allowPrivate: ChannelDeps['allowPrivate']
}

const CALL_MS = 20_000
const SAMPLE_ORDERS = 5
const SAMPLE_DAYS = 7
const PREVIEW_ROWS = 50

const deadline = (): AbortSignal => AbortSignal.timeout(CALL_MS)

/** The parts of the API that talk to channels or outlive a request. */
export function createControl(deps: ControlDeps): HubControl {
  return {
    pullNow: (id) => deps.workflows.wakePull(id),
    connectionChanged: (id) => deps.workflows.ensure(id),
    pushSoon: (ids) => deps.workflows.wakePush(ids),
    startJob: (id) => deps.workflows.startJob(id),
    cancelJob: (id) => deps.workflows.cancelJob(id),
    checkConnection: (input) => checkConnection(deps, input),
    askChannel: (id, text) => askChannel(deps, id, text),
    takeOrders: async (id, text) => takeOrders(deps, await deps.channels.contextOf(id), text),
    wordChoices: async (id, groupId) => wordChoices(deps, await deps.channels.contextOf(id), groupId),
    stumblesAt: async (id, document) => stumblesAt(deps, await deps.channels.contextOf(id), document),
    compareDocument: async (id, asked) => compareDocument(deps, await deps.channels.contextOf(id), asked),
    tryMapping: async (id, { set, names }) => tryMapping(deps, await deps.channels.contextOf(id), set, names),
    fetchNow: (id, externalId) => fetchNow(deps, id, externalId),
    decryptRecipient: (id, sealed) => decryptRecipient(deps, id, sealed, deadline()),
    explainValue: async (id, input) => explainIn(await readingOf(deps, id), input),
    renderStatement: (format, statement) => (format === 'pdf' ? renderStatementPdf(statement) : renderStatementSheets(statement)),
    renderTable,
    valueNow: async (id, input) => valueIn(await readingOf(deps, id), input),
    testDestination: (id) => testDestination(deps, id),
    readBack: async (effectId) => {
      const id = Number(effectId)
      await requestReadBack({ pool: deps.pool, effectId: id, now: deps.now() })
      const connectionId = await connectionOfEffect(deps.pool, id)
      if (connectionId !== undefined) await deps.workflows.wakePush([connectionId])
    },
    previewFile: async ({ connectionId, name, bytes, fieldMap }) => {
      const stored = connectionId === undefined ? undefined : await loadConnection(deps.pool, connectionId)
      const context = {
        connectionId: connectionId ?? 'preview',
        timezone: stored?.timezone ?? 'UTC',
        currency: stored?.currency ?? 'CNY',
        config: { fieldMap: fieldMap ?? stored?.config['fieldMap'] },
      }
      return previewFile(bytes, name, context, PREVIEW_ROWS)
    },
  }
}

async function readingOf(deps: ControlDeps, connectionId: string): Promise<Reading> {
  const context = await deps.channels.contextOf(connectionId)
  const mapping = deps.mappings.get(context.channel)
  if (!mapping) throw new DomainError('channel-unknown', `This hub has no mapping for ${context.channel}.`)
  return { context, mapping }
}

/** Live test with settings that need not be stored: the connector's own steps, then a look at a few orders. */
async function checkConnection(deps: ControlDeps, input: CheckInput): Promise<CheckReport> {
  try {
    const opened = deps.channels.openTrial(await trialOf(deps, input), deadline())
    const steps = await opened.connector.check(opened.call)
    const ok = steps.every((step) => step.ok)
    return { ok, steps, sample: ok ? await sampleOrders(deps, opened) : [] }
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return { ok: false, steps: [], fault: error.fault, sample: [] }
  }
}

async function trialOf(deps: ControlDeps, input: CheckInput): Promise<TrialConnection> {
  const stored = input.connectionId === undefined ? undefined : await loadConnection(deps.pool, input.connectionId)
  const kept = stored ? openSecrets(deps.box, stored.id, stored.secrets) : {}
  return {
    connectionId: input.connectionId ?? 'trial',
    channel: input.channel,
    config: input.config,
    secrets: { ...kept, ...input.secrets },
    timezone: input.timezone,
    currency: input.currency,
  }
}

/** The newest few orders as they would be stored, masked. What cannot be read says why instead. */
async function sampleOrders(deps: ControlDeps, opened: OpenedConnection): Promise<readonly unknown[]> {
  const stream = opened.connector.manifest.capabilities.pullOrders?.streams.find((s) => s.mode === 'window')
  const mapping = deps.mappings.get(opened.context.channel)
  if (!stream || !mapping || !opened.connector.pullOrders) return []
  const now = deps.now()
  const window = { from: new Date(now.getTime() - SAMPLE_DAYS * 86_400_000).toISOString(), to: now.toISOString() }
  for await (const page of opened.connector.pullOrders(opened.call, { stream: stream.id, window })) {
    const orders = page.records.filter((record) => record.kind === 'order').slice(-SAMPLE_ORDERS)
    return orders.map((record) => preview(record, mapping, opened))
  }
  return []
}

function preview(record: RawRecord, mapping: Mapping, opened: OpenedConnection): unknown {
  const outcome = mapRecord(record, mapping, opened.context)
  if (outcome.kind === 'order') return { outcome: 'order', order: shownOrder(outcome.order) }
  return outcome.kind === 'held'
    ? { outcome: 'held', channel_order_no: record.externalId, reason: outcome.message }
    : { outcome: outcome.kind, channel_order_no: record.externalId }
}

/** Asks one channel live for what a person typed. */
async function askChannel(deps: ControlDeps, connectionId: string, text: string): Promise<ChannelAnswer> {
  try {
    const { connector, call, context } = await deps.channels.open(connectionId, deadline())
    const find = connector.findOrders ?? connector.fetchOrder
    if (!find) return { kind: 'not-asked', why: `${connector.manifest.title.en} cannot be asked for single orders.` }
    const records = connector.findOrders ? await connector.findOrders(call, text) : ((await connector.fetchOrder?.(call, [text])) ?? [])
    const [first] = records.filter((record) => record.kind === 'order')
    if (!first) return { kind: 'unknown-to-channel' }
    const mapping = deps.mappings.get(context.channel)
    const outcome = mapping && mapRecord(first, mapping, context)
    return { kind: 'found', externalId: first.externalId, channelOrderNo: outcome?.kind === 'order' ? outcome.order.channelOrderNo : null }
  } catch (error) {
    if (error instanceof ChannelError) return { kind: 'fault', fault: error.fault }
    if (error instanceof DomainError && error.code === 'connection-unknown') return { kind: 'not-asked', why: error.message }
    throw error
  }
}

async function fetchNow(deps: ControlDeps, connectionId: string, externalId: string): Promise<{ readonly orderId: number } | undefined> {
  const opened = await deps.channels.open(connectionId, deadline())
  const result = await fetchOrders(deps, opened, [externalId])
  if (result.found.length === 0) return undefined
  const orderId = await orderIdOf(deps.pool, connectionId, externalId)
  return orderId === undefined ? undefined : { orderId }
}
