import { hash } from 'node:crypto'
import type { RawRecord } from '../core/connector.ts'
import { ChannelError, MappingError } from '../core/fault.ts'
import { mappingName, type MapContext, type Mapping } from '../core/mapping.ts'
import type { Order, OrderLine, Refund } from '../core/order.ts'
import type { AppliedRule, Overrides } from '../core/overrides.ts'
import { parseJson } from '../kit/json.ts'
import type { FailureRow, HoldRow, LineRow, OrderRow, PartyRow, PreparedRaw, PreparedResult, RefundRow } from '../store/apply/rows.ts'
import { partyAad, type SealedDocument, type SecretBox } from '../store/envelope.ts'
import type { SkuIndex } from '../store/apply/resolve-skus.ts'
import type { Room } from '../store/room.ts'
import { checkOrder, needsGoods, reservesGoods } from './check.ts'
import { channelFacts } from './facts.ts'
import { failureRow } from './failure.ts'
import { phoneDigits } from './mask.ts'
import { mapWithRules, wordAt } from './overrides.ts'
import { locationOf, placeOrder, type PlacedOrder } from './places.ts'
import { hasNoUsableId } from './storable.ts'
import { renderRefund } from './render.ts'
import { writtenDown } from './written-down.ts'

/** What the hub knows of a connection when it maps its documents. */
export interface ConnectionContext extends MapContext {
  readonly channel: string
  readonly sandbox: boolean
  /** What people decided about its documents; absent where nobody ever did. */
  readonly overrides?: Overrides
}

/** One raw document as read. It goes without the parsed document, which nobody needs once it is mapped. */
export type ReadRaw = Omit<PreparedRaw, 'connectionId' | 'mapping' | 'overridesVersion' | 'result'>

export interface MappedRaw {
  readonly raw: ReadRaw
  readonly outcome:
    | { readonly kind: 'order'; readonly order: Order; readonly applied?: readonly AppliedRule[]; readonly placed?: PlacedOrder }
    | { readonly kind: 'refund'; readonly refund: Refund }
    | { readonly kind: 'ignored'; readonly rule: string }
    | { readonly kind: 'held'; readonly code: string; readonly message: string; readonly subject?: string }
}

type MappedOrder = Extract<MappedRaw['outcome'], { kind: 'order' }>

/** Runs the mapping; whatever it throws becomes a held document, never a stopped batch (I10). */
export function mapRaw(raw: ReadRaw, doc: unknown, mapping: Mapping, context: MapContext & Pick<ConnectionContext, 'overrides'>): MappedRaw {
  if (hasNoUsableId(raw))
    return { raw, outcome: { kind: 'held', code: 'id-too-long', message: 'The id of this document is longer than any channel writes.' } }
  try {
    const {
      mapped,
      applied,
      doc: read,
    } = mapWithRules(
      mapping,
      { kind: raw.kind, externalId: raw.externalId, doc, ...(raw.parentId !== undefined && { parentId: raw.parentId }) },
      context,
      context.overrides,
    )
    if (mapped.kind === 'ignore') return { raw, outcome: { kind: 'ignored', rule: mapped.rule } }
    if (mapped.kind === 'refund') return { raw, outcome: mapped }
    const placed = placeOrder(mapping, mapped.order, read, context)
    return {
      raw,
      outcome: applied.length > 0 || placed !== undefined ? { ...mapped, ...(applied.length > 0 && { applied }), ...(placed && { placed }) } : mapped,
    }
  } catch (error) {
    if (error instanceof MappingError) {
      return {
        raw,
        outcome: {
          kind: 'held',
          code: error.code,
          message: error.pointer ? `${error.message} (at ${error.pointer})` : error.message,
          ...subjectOf(error, doc),
        },
      }
    }
    if (error instanceof ChannelError) return { raw, outcome: { kind: 'held', code: error.fault.code ?? 'unreadable', message: error.message } }
    return {
      raw,
      outcome: { kind: 'held', code: 'mapping-crashed', message: `The mapping failed: ${error instanceof Error ? error.name : 'unknown error'}.` },
    }
  }
}

/** Maps a record that is only looked at: previews and live questions. Nothing of it is stored. */
export const mapRecord = (record: RawRecord, mapping: Mapping, context: MapContext): MappedRaw['outcome'] =>
  mapRaw({ ...UNSTORED, kind: record.kind, externalId: record.externalId }, record.doc ?? parseJson(record.payload), mapping, context).outcome

const UNSTORED = {
  source: 'manual',
  receivedAt: '',
  sourceTime: '',
  authoritative: true,
  readStartedAt: '',
  sha256: Buffer.alloc(0),
  size: 0,
} as const

/** The value a fix has to map, for unmapped codes. */
const subjectOf = (error: MappingError, doc: unknown): { subject?: string } => {
  const word = error.code.endsWith('-unmapped') ? wordAt(doc, error) : undefined
  return word === undefined ? {} : { subject: word.slice(0, 100) }
}

export interface PrepareDeps {
  readonly mapping: Mapping
  readonly context: ConnectionContext
  readonly box: SecretBox
  readonly seal: (document: string | Uint8Array, aad: string) => SealedDocument
  readonly skus: SkuIndex
  /** Of the batch the rows belong to. */
  readonly room: Room
  readonly overridesVersion: number
}

/** Mapped document → rows, ready for one batch. Pure apart from sealing. */
export function prepareRaw({ raw, outcome }: MappedRaw, deps: PrepareDeps): PreparedRaw {
  const prepared: Draft<PreparedRaw> = {
    connectionId: deps.context.connectionId,
    kind: raw.kind,
    externalId: raw.externalId,
    source: raw.source,
    receivedAt: raw.receivedAt,
    sourceTime: raw.sourceTime,
    authoritative: raw.authoritative,
    readStartedAt: raw.readStartedAt,
    sha256: raw.sha256,
    size: raw.size,
    mapping: mappingName(deps.mapping),
    overridesVersion: deps.overridesVersion,
    result: prepareResult(raw, outcome, deps),
  }
  if (raw.parentId !== undefined) prepared.parentId = raw.parentId
  if (raw.meta !== undefined) prepared.meta = raw.meta
  if (raw.sealed !== undefined) prepared.sealed = raw.sealed
  if (raw.isNew !== undefined) prepared.isNew = raw.isNew
  if (raw.archivedRawId !== undefined) prepared.archivedRawId = raw.archivedRawId
  return prepared
}

function prepareResult(raw: ReadRaw, outcome: MappedRaw['outcome'], deps: PrepareDeps): PreparedResult {
  switch (outcome.kind) {
    case 'ignored':
      return outcome
    case 'held':
      return {
        kind: 'held',
        reason: `${outcome.code}: ${outcome.message}`.slice(0, 500),
        failure: failureOf(deps, outcome.code, outcome.message, outcome.subject),
      }
    case 'refund':
      return { kind: 'refund', refund: refundRow(outcome.refund, raw, deps) }
    case 'order':
      return { kind: 'order', order: orderRow(outcome, raw, deps) }
  }
}

const failureOf = (deps: PrepareDeps, code: string, message: string, subject?: string): FailureRow =>
  failureRow({
    connectionId: deps.context.connectionId,
    channel: deps.context.channel,
    operation: 'normalise',
    faultKind: 'held',
    code,
    message,
    ...(subject !== undefined && { subject }),
  })

/** By way of text, which is cheaper than a buffer made for each hash. */
export const sha256 = (text: string): Buffer => Buffer.from(hash('sha256', text, 'hex'), 'hex')

type Draft<Row> = { -readonly [Name in keyof Row]: Row[Name] }

/** Absent members are left out one by one: spreading an object for each of them is far dearer. */
function orderRow({ order, applied, placed }: MappedOrder, raw: ReadRaw, deps: PrepareDeps): OrderRow {
  const bound = new Map<number, string>()
  const ignored = new Set<number>()
  for (const line of order.lines) {
    const hit = deps.skus.find(line)
    if (hit.sku !== undefined) bound.set(line.lineNo, hit.sku)
    if (hit.ignored) ignored.add(line.lineNo)
  }
  const reserves = reservesGoods(order)
  const state = `${order.payment}|${order.fulfilment}|${order.afterSale}|${reserves}|${order.closed}`
  const written = writtenDown(order, { skus: bound, applied, placed }, state, deps.room)
  const row: Draft<OrderRow> = {
    channel: deps.context.channel,
    channelOrderNo: order.channelOrderNo,
    doc: written.doc,
    contentHash: written.hash,
    sourceStatus: order.sourceStatus,
    payment: order.payment,
    fulfilment: order.fulfilment,
    afterSale: order.afterSale,
    cancelled: order.cancelled !== undefined,
    cancelRequested: order.cancelRequest !== undefined,
    closed: order.closed,
    reserves,
    currency: order.currency,
    totalMinor: order.totals.total.minor,
    paidMinor: order.totals.paid.minor,
    refundedMinor: order.totals.refunded.minor,
    unitCount: unitCount(order),
    placedAt: order.placedAt,
    sandbox: deps.context.sandbox,
    lines: order.lines.map((line) => lineRow(line, bound.get(line.lineNo), !ignored.has(line.lineNo), placed && locationOf(placed, line.lineNo))),
    facts: channelFacts(order),
    holds: reserves ? [...orderHolds(order, bound, ignored, deps), ...placeHolds(placed, deps)] : checkedHolds(order, deps),
    refunds: order.refunds.map((refund) => refundRow(refund, raw, deps)),
  }
  if (order.displayNo !== undefined) row.displayNo = order.displayNo
  if (order.paidAt) row.paidAt = order.paidAt
  if (order.shipBy) row.shipBy = order.shipBy
  if (written.party) row.party = partyRow(order, written.party, deps)
  return row
}

function lineRow(line: OrderLine, sku: string | undefined, counts: boolean, place: string | undefined): LineRow {
  const row: Draft<LineRow> = {
    lineNo: line.lineNo,
    channelLineNo: line.channelLineNo,
    channelSku: line.channelSku,
    title: line.title,
    quantity: line.quantity,
    cancelled: line.cancelled,
    shipped: line.shipped,
    netMinor: line.net.minor,
    needsGoods: counts && needsGoods(line),
  }
  if (line.listingKey !== undefined) row.listingKey = line.listingKey
  if (line.barcode !== undefined) row.barcode = line.barcode
  if (sku !== undefined) row.sku = sku
  if (place !== undefined) row.place = place
  return row
}

/** Pieces that move goods, net of cancellations. Decimal-safe for whole pieces; weighed goods are rounded at 1e-6 by numeric(…). */
const unitCount = (order: Order): string =>
  String(Math.round(order.lines.filter(needsGoods).reduce((sum, line) => sum + Number(line.quantity) - Number(line.cancelled), 0) * 1e6) / 1e6)

const checkedHolds = (order: Order, deps: PrepareDeps): HoldRow[] =>
  checkOrder(order).map(({ failure, ...hold }) => (failure ? { ...hold, failure: failureOf(deps, hold.code, hold.message) } : hold))

/** Of an order that still needs goods: also what nobody has bound yet. */
function orderHolds(order: Order, bound: ReadonlyMap<number, string>, ignored: ReadonlySet<number>, deps: PrepareDeps): OrderRow['holds'] {
  const holds = checkedHolds(order, deps)
  const unbound = new Map<string, string>()
  for (const line of order.lines) {
    if (needsGoods(line) && !bound.has(line.lineNo) && !ignored.has(line.lineNo))
      unbound.set(line.channelSku || line.listingKey || line.title, line.title)
  }
  for (const [sku] of unbound) {
    const message = `"${sku}" is not bound to a SKU. Bind it, then replay; the order is kept whole.`
    holds.push({ code: 'sku-unbound', detail: sku, message, failure: failureOf(deps, 'sku-unbound', message, sku) })
  }
  return holds
}

/** Its goods would come from anywhere otherwise: a place the channel names is never taken for another. */
function placeHolds(placed: PlacedOrder | undefined, deps: PrepareDeps): OrderRow['holds'] {
  return (placed?.unbound ?? []).map(({ id, name }) => {
    const subject = id.slice(0, 100)
    const said = name === undefined || name === id ? `"${subject}"` : `"${name.slice(0, 100)}" (${subject})`
    const message = `${said} is a place of the channel that is bound to none of ours. Choose which, then replay.`
    return { code: 'location-unmapped', detail: subject, message, failure: failureOf(deps, 'location-unmapped', message, subject) }
  })
}

function partyRow(order: Order, text: Buffer, deps: PrepareDeps): PartyRow {
  const phone = order.recipient?.phone && order.piiMode === 'plain' ? phoneDigits(order.recipient.phone) : ''
  const email = (order.recipient?.email ?? order.billTo?.email)?.trim().toLowerCase()
  const found: Draft<Pick<PartyRow, 'phone4' | 'phone' | 'email'>> = {}
  if (phone.length >= 4) {
    found.phone4 = deps.box.index('phone4', phone.slice(-4))
    found.phone = deps.box.index('phone', phone)
  }
  if (email) found.email = deps.box.index('email', email)
  const aad = partyAad(deps.context.connectionId, order.channelOrderNo)
  return { sealed: deps.seal(text, aad), mark: deps.box.mark(text, aad, [found.phone4, found.phone, found.email]), ...found }
}

function refundRow(refund: Refund, raw: ReadRaw, deps: PrepareDeps): RefundRow {
  const doc = JSON.stringify(renderRefund(refund))
  const orderExternalId = raw.kind === 'refund' ? raw.parentId : raw.externalId
  return {
    channelRefundNo: refund.channelRefundNo,
    ...(refund.channelOrderNo !== undefined && { channelOrderNo: refund.channelOrderNo }),
    ...(orderExternalId !== undefined && { orderExternalId }),
    kind: refund.kind,
    state: refund.state,
    currency: refund.amount.currency,
    amountMinor: refund.amount.minor,
    sourceTime: refund.sourceUpdatedAt,
    contentHash: sha256(doc),
    doc,
    at: refund.at,
    sandbox: deps.context.sandbox,
  }
}
