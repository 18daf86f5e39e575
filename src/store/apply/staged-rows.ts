import type { BinaryCell, Cell } from '../copy.ts'
import type { FailureRow, PreparedRaw, RefundRow } from './rows.ts'

/** Columns of the staging tables, in the order in which rows name them. */
export const RAW = [
  'i',
  'archived',
  'connection_id',
  'kind',
  'external_id',
  'parent_id',
  'source',
  'received_at',
  'source_time',
  'authoritative',
  'read_started_at',
  'sha256',
  'meta',
  'size',
  'mapping',
  'overrides_version',
  'result',
  'reason',
]
export const ORDER = [
  'i',
  'channel',
  'channel_order_no',
  'display_no',
  'content_hash',
  'source_status',
  'payment',
  'fulfilment',
  'after_sale',
  'cancelled',
  'cancel_requested',
  'closed',
  'reserves',
  'currency',
  'total_minor',
  'paid_minor',
  'refunded_minor',
  'line_count',
  'unit_count',
  'placed_at',
  'paid_at',
  'ship_by',
  'sandbox',
  'bound',
]
export const LINE = [
  'i',
  'line_no',
  'channel_line_no',
  'listing_key',
  'channel_sku',
  'barcode',
  'sku',
  'title',
  'quantity',
  'cancelled',
  'shipped',
  'net_minor',
  'needs_goods',
]
export const REFUND = [
  'i',
  'detailed',
  'channel_refund_no',
  'channel_order_no',
  'order_external_id',
  'kind',
  'state',
  'currency',
  'amount_minor',
  'source_time',
  'content_hash',
  'doc',
  'at',
  'sandbox',
]
export const FAILURE = [
  'i',
  'subject_kind',
  'signature',
  'connection_id',
  'channel',
  'operation',
  'fault_kind',
  'code',
  'message',
  'sample',
  'subject',
]

export const ARCHIVED = [...RAW, 'raw_id']
export const BODY = ['i', 'key_id', 'row_key', 'body']
export const DOC = ['i', 'doc']
export const FACT = ['i', 'code', 'at', 'ref']
export const HOLD = ['i', 'code', 'detail', 'message']
export const PARTY = ['i', 'key_id', 'row_key', 'body', 'phone4', 'phone', 'email']

/** A batch as the rows of its staging tables. */
export class StagedRows {
  readonly raw: Cell[][] = []
  readonly archived: Cell[][] = []
  readonly body: BinaryCell[][] = []
  readonly docBytes: BinaryCell[][] = []
  readonly order: Cell[][] = []
  readonly line: Cell[][] = []
  readonly fact: Cell[][] = []
  readonly hold: Cell[][] = []
  readonly party: BinaryCell[][] = []
  readonly refund: Cell[][] = []
  readonly failure: Cell[][] = []

  /** The documents as text, for what is sent as JSON. */
  get doc(): readonly (readonly BinaryCell[])[] {
    return this.docBytes.map(([i, doc]) => [i, String(doc)])
  }

  add(raw: PreparedRaw, i: number): void {
    const { result } = raw
    const reason = result.kind === 'held' ? result.reason : result.kind === 'ignored' ? result.rule : undefined
    const row = [
      i,
      raw.archivedRawId !== undefined,
      raw.connectionId,
      raw.kind,
      raw.externalId,
      raw.parentId,
      raw.source,
      raw.receivedAt,
      raw.sourceTime,
      raw.authoritative,
      raw.readStartedAt,
      raw.sha256,
      raw.meta && JSON.stringify(raw.meta),
      raw.size,
      raw.mapping,
      raw.overridesVersion,
      result.kind,
      reason,
    ]
    if (raw.archivedRawId === undefined) this.raw.push(row)
    else this.archived.push([...row, raw.archivedRawId])
    if (raw.sealed) this.body.push([i, raw.sealed.keyId, raw.sealed.rowKey, raw.sealed.body])
    if (result.kind === 'order') this.#addOrder(result.order, i)
    if (result.kind === 'refund') this.#addRefund(result.refund, i, true)
    if (result.kind === 'held') this.#addFailure(result.failure, i, 'raw')
  }

  #addOrder(o: Extract<PreparedRaw['result'], { kind: 'order' }>['order'], i: number): void {
    this.order.push([
      i,
      o.channel,
      o.channelOrderNo,
      o.displayNo,
      o.contentHash,
      o.sourceStatus,
      o.payment,
      o.fulfilment,
      o.afterSale,
      o.cancelled,
      o.cancelRequested,
      o.closed,
      o.reserves,
      o.currency,
      o.totalMinor,
      o.paidMinor,
      o.refundedMinor,
      o.lines.length,
      o.unitCount,
      o.placedAt,
      o.paidAt,
      o.shipBy,
      o.sandbox,
      o.lines.every((line) => !line.needsGoods || line.sku !== undefined),
    ])
    this.docBytes.push([i, o.doc])
    for (const l of o.lines) {
      this.line.push([
        i,
        l.lineNo,
        l.channelLineNo,
        l.listingKey,
        l.channelSku,
        l.barcode,
        l.sku,
        l.title,
        l.quantity,
        l.cancelled,
        l.shipped,
        l.netMinor,
        l.needsGoods,
      ])
    }
    for (const f of o.facts) this.fact.push([i, f.code, f.at, f.ref])
    for (const h of o.holds) {
      this.hold.push([i, h.code, h.detail, h.message])
      if (h.failure) this.#addFailure(h.failure, i, 'order')
    }
    if (o.party) this.party.push([i, o.party.sealed.keyId, o.party.sealed.rowKey, o.party.sealed.body, o.party.phone4, o.party.phone, o.party.email])
    for (const r of o.refunds) this.#addRefund(r, i, false)
  }

  #addRefund(r: RefundRow, i: number, detailed: boolean): void {
    this.refund.push([
      i,
      detailed,
      r.channelRefundNo,
      r.channelOrderNo,
      r.orderExternalId,
      r.kind,
      r.state,
      r.currency,
      r.amountMinor,
      r.sourceTime,
      r.contentHash,
      r.doc,
      r.at,
      r.sandbox,
    ])
  }

  #addFailure(f: FailureRow, i: number, subjectKind: 'raw' | 'order'): void {
    this.failure.push([i, subjectKind, f.signature, f.connectionId, f.channel, f.operation, f.faultKind, f.code, f.message, f.sample, f.subject])
  }
}
