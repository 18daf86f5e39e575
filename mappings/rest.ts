import { parseDocumentMap } from '../src/core/document-map.ts'
import { DomainError, MappingError } from '../src/core/fault.ts'
import type { MapContext, Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order } from '../src/core/order.ts'
import { matches, picks } from '../src/core/pick.ts'
import { mapFileDocument } from './field-map.ts'
import { extraPlace } from './parts/places.ts'
import { refundOf, withRefunds } from './rest/refunds.ts'
import { rowsOf, textsAt } from './rest/rows.ts'
import { stateOf } from './rest/state.ts'

/** JSON documents → canonical, by the mapping in the connection's settings: a field map whose columns are pointers, and a table of status words. */
export const rest: Mapping = {
  channel: 'rest',
  version: 1,
  map: (raw, context) => {
    const read = readingOf(context)
    if (raw.kind === 'refund') return { kind: 'refund', refund: refundOf(raw, read.map, read.fields.timezone ?? context.timezone) }
    return mapOrder(raw, context, read)
  },
  places: extraPlace,
}

/** Until then nothing has left the counter. */
const DONE: ReadonlySet<string> = new Set(['shipped', 'delivered', 'completed'])

type Reading = ReturnType<typeof parseDocumentMap>

function mapOrder({ doc, externalId }: RawDocument, context: MapContext, { map, fields }: Reading): Mapped {
  const status = (textsAt(doc, map.status)[0] ?? '').trim()
  if (status === '') throw new MappingError('value-missing', 'The order has no status.', map.status)
  const meaning = Object.hasOwn(map.statuses, status) ? map.statuses[status] : undefined
  if (meaning === undefined)
    throw new MappingError(
      'status-unmapped',
      `"${status.slice(0, 80)}" is not in the table of statuses. Say what it means in the settings.`,
      map.status,
    )
  if (meaning === 'ignore') return { kind: 'ignore', rule: 'status', reason: `Orders in "${status}" are left out by the settings of the connection.` }
  const paidAt = fields.order.paidAt
  const paid = paidAt !== undefined && 'columns' in paidAt && paidAt.columns.some((column) => (textsAt(doc, column)[0] ?? '') !== '')
  const state = stateOf(doc, meaning, { map, paid })
  const byStatus = {
    sourceStatus: status,
    payment: state.payment,
    fulfilment: state.fulfilment,
    cancelled: state.cancelled ? 'yes' : '',
    closed: state.closed ? 'yes' : '',
  }
  const mapped = mapFileDocument(rowsOf(doc, { map, fields, byStatus }), externalId, fields, context)
  if (mapped.kind === 'ignore' && mapped.rule.startsWith('collected:') && !DONE.has(meaning))
    return { kind: 'ignore', rule: 'pickup-not-yet', reason: `A sale that hands over an order placed elsewhere, ${status.slice(0, 80)}.` }
  if (mapped.kind !== 'order') return mapped
  // A number that is the id says nothing more.
  const { displayNo, ...others } = mapped.order
  const order: Order = {
    ...others,
    ...(displayNo === undefined || displayNo === externalId ? {} : { displayNo }),
    isCod: state.isCod,
    couponCodes: others.couponCodes.flatMap((codes) => codes.split(', ')),
    ...(state.cancelled ? { cancelled: { at: mapped.order.sourceUpdatedAt } } : {}),
    ...(meaning === 'cancel_requested' ? { cancelRequest: { at: mapped.order.sourceUpdatedAt } } : {}),
    lines: withListings(mapped.order.lines, doc, map),
  }
  return { kind: 'order', order: withRefunds(order, doc, map) }
}

/** Lines under the key their listing has on this connection. */
function withListings(lines: Order['lines'], doc: unknown, map: Reading['map']): Order['lines'] {
  const pointers = map.listingKey
  if (!pointers) return lines
  const kept = picks(doc, `${map.lines}/*`).filter((line) => !(map.skipLine && matches(line, map.skipLine)))
  return lines.map((line) => {
    const key = pointers.flatMap((pointer) => textsAt(kept[line.lineNo - 1], pointer)).filter((part) => part !== '' && part !== '0')
    return key.length === 0 ? line : { ...line, listingKey: key.join(':') }
  })
}

/** Settings objects are never changed in place, so one reading serves every document mapped with them. */
const known = new WeakMap<MapContext['config'], Reading>()

function readingOf(context: MapContext): Reading {
  const found = known.get(context.config)
  if (found) return found
  try {
    const made = parseDocumentMap(context.config['mapping'])
    known.set(context.config, made)
    return made
  } catch (error) {
    if (error instanceof DomainError) throw new MappingError(error.code, error.message, undefined, { cause: error })
    throw error
  }
}
