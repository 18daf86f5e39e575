import type { Cell, Columns } from '../copy.ts'
import { APPLIED, ARCHIVED, BODY, DOC, FACT, FAILURE, FRESH_LINE, FRESH_RAW, HOLD, LINE, ORDER, PARTY, REFUND, UNARCHIVED } from './staged-columns.ts'
import type { FailureRow, LineRow, OrderRow, PreparedRaw, RefundRow } from './rows.ts'

/** Takes the rows of one table. */
interface RowSink {
  push(cells: readonly Cell[]): unknown
}

/** Ids given before anything is written; a document that is no order has none of one. */
export interface GivenIds {
  readonly rawId: number
  readonly orderId?: number
}

/** A batch as the rows of its staging tables. */
export class StagedRows<Sink extends RowSink> {
  readonly raw: Sink
  readonly archived: Sink
  readonly freshRaw: Sink
  readonly body: Sink
  readonly doc: Sink
  readonly order: Sink
  readonly line: Sink
  readonly freshLine: Sink
  readonly fact: Sink
  readonly hold: Sink
  readonly party: Sink
  readonly refund: Sink
  readonly failure: Sink
  readonly applied: Sink

  constructor(sink: (table: string, columns: Columns) => Sink) {
    this.raw = sink('s_raw', UNARCHIVED)
    this.archived = sink('s_raw', ARCHIVED)
    this.freshRaw = sink('s_raw', FRESH_RAW)
    this.body = sink('s_body', BODY)
    this.doc = sink('s_doc', DOC)
    this.order = sink('s_order', ORDER)
    this.line = sink('s_line', LINE)
    this.freshLine = sink('s_line', FRESH_LINE)
    this.fact = sink('s_fact', FACT)
    this.hold = sink('s_hold', HOLD)
    this.party = sink('s_party', PARTY)
    this.refund = sink('s_refund', REFUND)
    this.failure = sink('s_failure', FAILURE)
    this.applied = sink('s_applied', APPLIED)
  }

  get all(): readonly Sink[] {
    const { raw, archived, freshRaw, body, doc, order, line, freshLine, fact, hold, party, refund, failure, applied } = this
    return [raw, archived, freshRaw, body, doc, order, line, freshLine, fact, hold, party, refund, failure, applied]
  }

  /** A document that is judged once it is staged. */
  add(raw: PreparedRaw, i: number): void {
    const { result, sealed } = raw
    if (raw.archivedRawId === undefined) this.raw.push(rawCells(raw, i))
    else this.archived.push([...rawCells(raw, i), raw.archivedRawId])
    if (sealed) this.body.push([i, sealed.keyId, sealed.rowKey, sealed.body])
    if (result.kind === 'order') {
      const { order } = result
      this.order.push(orderCells(order, i))
      for (const line of order.lines) this.line.push(lineCells(line, i))
      this.doc.push([i, order.doc])
      if (order.party) {
        const { sealed, phone4, phone, email } = order.party
        this.party.push([i, sealed.keyId, sealed.rowKey, sealed.body, phone4, phone, email])
      }
    }
    this.#addParts(result, i)
  }

  /** A document whose own rows are written straight. */
  addFresh(raw: PreparedRaw, i: number, { rawId, orderId }: GivenIds): void {
    const { result } = raw
    this.freshRaw.push([i, raw.connectionId, raw.kind, raw.externalId, raw.mapping, result.kind, rawId, orderId])
    if (result.kind === 'order') {
      const { order } = result
      this.applied.push([i, orderId, 1, raw.connectionId, 'created', order.sandbox, true])
      for (const line of order.lines) this.freshLine.push([...lineCells(line, i), orderId, order.reserves])
    }
    this.#addParts(result, i)
  }

  #addParts(result: PreparedRaw['result'], i: number): void {
    if (result.kind === 'refund') this.#addRefund(result.refund, i, true)
    if (result.kind === 'held') this.#addFailure(result.failure, i, 'raw')
    if (result.kind !== 'order') return
    const { order } = result
    for (const f of order.facts) this.fact.push([i, f.code, f.at, f.ref])
    for (const h of order.holds) {
      this.hold.push([i, h.code, h.detail, h.message])
      if (h.failure) this.#addFailure(h.failure, i, 'order')
    }
    for (const r of order.refunds) this.#addRefund(r, i, false)
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

/** What nobody has looked at waits while a rule finds a reason. */
export const approvalOf = (order: OrderRow): 'held' | 'approved' => (order.holds.length > 0 ? 'held' : 'approved')

/** Every line that needs goods has a SKU to reserve. */
export const isBound = (order: OrderRow): boolean => order.lines.every((line) => !line.needsGoods || line.sku !== undefined)

/** Why a document was not applied, as far as it says so itself. */
export const reasonOf = (result: PreparedRaw['result']): string | undefined =>
  result.kind === 'held' ? result.reason : result.kind === 'ignored' ? result.rule : undefined

/** As `ARRIVAL` names them. */
export const arrivalCells = (raw: PreparedRaw): Cell[] => [
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
]

const rawCells = (raw: PreparedRaw, i: number): Cell[] => [
  i,
  raw.archivedRawId !== undefined,
  ...arrivalCells(raw),
  raw.size,
  raw.mapping,
  raw.overridesVersion,
  raw.result.kind,
  reasonOf(raw.result),
]

/** As `STATE` names them. */
export const stateCells = (o: OrderRow): Cell[] => [
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
]

const orderCells = (o: OrderRow, i: number): Cell[] => [
  i,
  o.channel,
  o.channelOrderNo,
  o.displayNo,
  o.contentHash,
  o.sourceStatus,
  o.payment,
  o.fulfilment,
  o.afterSale,
  ...stateCells(o),
  isBound(o),
  o.party?.mark,
]

const lineCells = (l: LineRow, i: number): Cell[] => [
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
  l.place,
]
