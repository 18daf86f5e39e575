import type { CheckStep, OpenedRecipient, SealedRecipient } from '../core/connector.ts'
import type { Fault } from '../core/fault.ts'
import type { Statement } from '../core/ledger-statement.ts'
import type { MappingSet } from '../core/overrides.ts'
import type { ComparedDocument } from '../normalize/compare-mappings.ts'
import type { FailingDocument } from '../store/overrides/write-version.ts'
import type { WordChoices } from '../normalize/word-choices.ts'
import type { Explained, ExplainInput } from '../normalize/explain-order.ts'
import type { CanonicalValue } from '../normalize/explain-values.ts'
import type { TakenOrder } from '../normalize/take-orders.ts'

/** What "test connection" found. Nothing was stored. */
export interface CheckReport {
  readonly ok: boolean
  readonly steps: readonly CheckStep[]
  readonly fault?: Fault & { readonly field?: string }
  /** Up to five orders as the hub would keep them, personal data masked. */
  readonly sample: readonly unknown[]
}

export interface CheckInput {
  readonly channel: string
  readonly config: Readonly<Record<string, unknown>>
  readonly secrets: Readonly<Record<string, unknown>>
  readonly timezone: string
  readonly currency: string
  /** An existing connection whose stored secrets fill what was not sent. */
  readonly connectionId?: string
}

/** A channel's live word on one id somebody typed. */
export type ChannelAnswer =
  | { readonly kind: 'found'; readonly externalId: string; readonly channelOrderNo: string | null }
  | { readonly kind: 'unknown-to-channel' }
  | { readonly kind: 'fault'; readonly fault: Fault }
  | { readonly kind: 'not-asked'; readonly why: string }

/** Jobs are rows of `jobs`; starting one hands its id on, the work reads the rest from Postgres. */
export type JobKind = 'backfill' | 'replay' | 'import' | 'export' | 'sandbox-remove' | 'listings' | 'ledger' | 'mapping'

/** Everything the API sets off but does not do itself: it talks to channels or runs for longer than a request. */
export interface HubControl {
  /** Wakes the connection's poll now. */
  pullNow(connectionId: string): Promise<void>
  /** Something about the connection changed (created, settings, state, armed): workflows are started, told or ended. */
  connectionChanged(connectionId: string): Promise<void>
  /** Outbound work may be waiting (stock set, shipment made, effect retried, outbound started). */
  pushSoon(connectionIds: readonly string[]): Promise<void>
  startJob(jobId: string, kind: JobKind): Promise<void>
  /** Asks a running job to end after its present batch. */
  cancelJob(jobId: string, kind: JobKind): Promise<void>
  checkConnection(input: CheckInput): Promise<CheckReport>
  /** Asks the channel live for what a person typed (number or id). Never throws for the channel's faults. */
  askChannel(connectionId: string, text: string): Promise<ChannelAnswer>
  /** Reads one order from the channel and stores it; its hub id, or undefined when the channel does not know it or it was held or ignored. */
  fetchNow(connectionId: string, externalId: string): Promise<{ readonly orderId: number } | undefined>
  /** Takes the orders of one request body into a connection of the push channel. @throws DomainError `connection-unknown` */
  takeOrders(connectionId: string, text: string): Promise<readonly TakenOrder[]>
  /**
   * Has the channel open one recipient; nothing is stored.
   * @throws DomainError `recipient-not-sealed` where the channel seals none; `decrypt-quota-spent` (details.retry_after_seconds); ChannelError
   */
  decryptRecipient(connectionId: string, sealed: SealedRecipient): Promise<OpenedRecipient>
  /** What the word the documents of a failure group wait for could mean. */
  wordChoices(connectionId: string, groupId: number): Promise<WordChoices | undefined>
  /** Where a value of a document comes from, by the mapping and the settings in force; without `explained` they make none there. */
  explainValue(connectionId: string, input: ExplainRequest): Promise<{ readonly explained?: Explained; readonly mapping: string }>
  /** What the mapping in force reads in a document at a path. */
  valueNow(connectionId: string, input: ValueRequest): Promise<CanonicalValue | undefined>
  /** Where the mapping stumbles over a document, as a JSON pointer. */
  stumblesAt(connectionId: string, document: { readonly entity: string; readonly text: string }): Promise<string | undefined>
  /** One past document read by the version in force and by another set; undefined where there is no such document. */
  compareDocument(connectionId: string, asked: MappingTrial & { readonly entity: string }): Promise<ComparedDocument | undefined>
  /** Which recent documents a set would newly fail. */
  tryMapping(connectionId: string, asked: MappingTrial): Promise<{ readonly tried: number; readonly failing: readonly FailingDocument[] }>
  /** A statement as a file. */
  renderStatement(format: 'xlsx' | 'pdf', statement: Statement): Promise<Buffer>
  /** Rows as a file; no cell of it is run by a spreadsheet. */
  renderTable(format: 'csv' | 'xlsx', columns: readonly string[], rows: readonly (readonly string[])[]): Promise<Buffer>
  /** Sends a test message to a destination of alerts; what the other side said. Undefined when there is no such destination. */
  testDestination(id: string): Promise<{ readonly ok: boolean; readonly answer: string } | undefined>
  /** Settles one unknown effect by asking the channel what happened. */
  readBack(effectId: string): Promise<void>
  /** First rows of a file through a field map, nothing stored. */
  previewFile(input: FilePreviewInput): Promise<unknown>
}

export interface MappingTrial {
  readonly set: MappingSet
  /** Settings that steer this channel's mapping. */
  readonly names: readonly string[]
}

export interface FilePreviewInput {
  readonly connectionId?: string
  readonly name: string
  readonly bytes: Uint8Array
  readonly fieldMap: unknown
}

export type ExplainRequest = Omit<ExplainInput, 'key'> & { readonly rawId: string }
export type ValueRequest = Pick<ExplainInput, 'kind' | 'externalId' | 'text' | 'path'>
