import { orderLabel } from '../core/label.ts'
import { type Money, moneyToDecimal } from '../core/money.ts'
import { type OrderNode, orderNodes } from '../core/nodes.ts'
import type { OrderDetailRow } from '../store/read/order.ts'
import type { OrderSummaryRow } from '../store/read/orders.ts'
import type { OpenedParty, RawListRow } from '../store/read/raw.ts'

/** An amount as the API writes it. */
export const amount = (money: Money): { readonly amount: string; readonly currency: string } => ({
  amount: moneyToDecimal(money),
  currency: money.currency,
})

const labelOf = (row: OrderSummaryRow) =>
  orderLabel({
    payment: row.payment,
    fulfilment: row.fulfilment,
    cancelled: row.cancelled,
    cancelRequested: row.cancel_requested,
    closed: row.closed,
    isCod: row.is_cod,
    holds: row.holds,
    ...(row.effect !== null && { effect: row.effect }),
    ...(row.release !== null && { release: row.release }),
  })

/** One row of an order list. */
export function summaryView(row: OrderSummaryRow): Record<string, unknown> {
  return {
    id: row.id,
    connection_id: row.connection_id,
    channel: row.channel,
    channel_order_no: row.channel_order_no,
    external_id: row.external_id,
    display_no: row.display_no,
    label: labelOf(row),
    payment: row.payment,
    fulfilment: row.fulfilment,
    after_sale: row.after_sale,
    approval: row.approval,
    sync: row.sync,
    cancelled: row.cancelled,
    cancel_requested: row.cancel_requested,
    closed: row.closed,
    total: amount({ minor: row.total_minor, currency: row.currency }),
    line_count: row.line_count,
    unit_count: row.unit_count,
    placed_at: row.placed_at,
    ship_by: row.ship_by,
    updated_at: row.updated_at,
    version: row.version,
    holds: row.holds,
    recipient_masked: row.recipient,
    sandbox: row.sandbox,
  }
}

/** The page of one order. `pii` only when it was asked for with a purpose. */
export function detailView(row: OrderDetailRow, raw: readonly RawListRow[], pii: OpenedParty | undefined): Record<string, unknown> {
  return {
    ...summaryView(row),
    mapping: row.mapping,
    source_status: row.source_status,
    first_seen_at: row.first_seen_at,
    doc: row.doc,
    lines: linesView(row),
    refunds: row.refund_rows,
    shipments: row.shipment_rows,
    effects: row.effect_rows,
    holds_detail: row.hold_rows,
    facts: row.fact_rows,
    nodes: nodesOf(row),
    acks: row.ack_rows,
    versions: row.version_rows,
    raw: raw.map((event) => ({ ...event, stands: event.raw_id === row.raw_id })),
    ...(pii !== undefined && { pii }),
  }
}

/** The document's lines with what the hub knows of them beside it. */
function linesView(row: OrderDetailRow): readonly Record<string, unknown>[] {
  const lines = Array.isArray(row.doc['lines']) ? row.doc['lines'] : []
  const own = new Map(row.line_rows.map((line) => [line.line_no, line]))
  return lines.map((line: Record<string, unknown>) => ({ ...line, ...own.get(Number(line['line_no'])) }))
}

function nodesOf(row: OrderDetailRow): readonly OrderNode[] {
  const facts = new Map<string, string>()
  for (const fact of row.fact_rows) if (!facts.has(fact.code)) facts.set(fact.code, fact.at)
  const writeback = writebackOf(row.effect_rows)
  return orderNodes({
    facts,
    payment: row.payment,
    fulfilment: row.fulfilment,
    isCod: row.is_cod,
    cancelled: row.cancelled,
    holds: row.holds,
    allocated: row.allocated,
    ...(writeback !== undefined && { writeback }),
    ...(row.release !== null && { release: row.release }),
  })
}

/** The worst word among the shipment effects: one package in doubt puts the station in doubt. */
function writebackOf(effects: OrderDetailRow['effect_rows']): 'pending' | 'done' | 'refused' | 'unknown' | undefined {
  const states = effects.filter((effect) => effect['kind'] === 'shipment').map((effect) => effect['state'])
  if (states.includes('unknown')) return 'unknown'
  if (states.includes('refused')) return 'refused'
  if (states.includes('pending') || states.includes('sending')) return 'pending'
  return states.includes('done') ? 'done' : undefined
}
