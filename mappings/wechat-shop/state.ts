import type { AfterSaleStatus, ChannelShipment, FulfilmentStatus, Order } from '../../src/core/order.ts'
import { time } from '../parts/wechat.ts'
import { list, optionalText, requiredText, text } from '../parts/read.ts'
import { DELIVERY, lineKey, units, unmapped } from './read.ts'

/** What one status says about our axes. */
interface Meaning {
  /** Undefined: only the time of payment tells. */
  readonly paid: boolean | undefined
  /** Paid, and not to be sent yet: a gift nobody has taken, a group that is not complete. */
  readonly held?: true
  readonly fulfilment: FulfilmentStatus
  readonly cancelled?: true
  readonly closed: boolean
}

/** The numbers the documentation lists (OrderStatus). Any other holds the order. */
const STATUSES: ReadonlyMap<string, Meaning> = new Map([
  ['10', { paid: false, fulfilment: 'unallocated', closed: false }],
  ['12', { paid: true, held: true, fulfilment: 'unallocated', closed: false }],
  ['13', { paid: true, held: true, fulfilment: 'unallocated', closed: false }],
  ['20', { paid: true, fulfilment: 'unallocated', closed: false }],
  ['21', { paid: true, fulfilment: 'partial', closed: false }],
  ['30', { paid: true, fulfilment: 'shipped', closed: false }],
  ['100', { paid: true, fulfilment: 'delivered', closed: true }],
  ['190', { paid: undefined, fulfilment: 'unallocated', cancelled: true, closed: true }],
  ['200', { paid: true, fulfilment: 'unallocated', cancelled: true, closed: true }],
  ['250', { paid: undefined, fulfilment: 'unallocated', cancelled: true, closed: true }],
])

export interface State {
  readonly status: string
  readonly paid: boolean
  readonly held: boolean
  readonly isCancelled: boolean
  readonly closed: boolean
  readonly payment: Order['payment']
  readonly fulfilment: FulfilmentStatus
  readonly afterSale: AfterSaleStatus
  readonly cancelRequest: Order['cancelRequest']
  readonly shipments: readonly ChannelShipment[]
}

/** @throws MappingError `status-unmapped` for any number the documentation does not list */
export function readState(doc: unknown): State {
  const status = requiredText(doc, '/status')
  const meaning = STATUSES.get(status)
  if (!meaning) throw unmapped(status, '/status')
  const paid = meaning.paid ?? time(doc, '/order_detail/pay_info/pay_time') !== undefined
  const isCancelled = meaning.cancelled === true
  const asked = units(doc, '/aftersale_detail/on_aftersale_order_cnt') > 0
  const refunds = list(doc, '/aftersale_detail/aftersale_order_list').flatMap(({ value }) => optionalText(value, '/aftersale_order_id') ?? [])
  const last = refunds.at(-1)
  const shipments = shipmentsOf(doc, status)
  return {
    status,
    paid,
    held: meaning.held === true,
    isCancelled,
    closed: meaning.closed,
    payment: paymentOf(meaning, paid),
    fulfilment: meaning.fulfilment,
    afterSale: asked ? 'requested' : refunds.length > 0 ? 'closed' : 'none',
    cancelRequest: asked && shipments.length === 0 && !meaning.closed ? { ...(last === undefined ? {} : { id: last }) } : undefined,
    shipments,
  }
}

function paymentOf(meaning: Meaning, paid: boolean): Order['payment'] {
  if (!paid) return meaning.cancelled ? 'voided' : 'pending'
  if (meaning.cancelled) return 'refunded'
  return meaning.held ? 'authorised' : 'paid'
}

/** Packages with their pieces; what has arrived is known for the whole order only. */
function shipmentsOf(doc: unknown, status: string): readonly ChannelShipment[] {
  return list(doc, `${DELIVERY}/delivery_product_info`).map(({ value }, i): ChannelShipment => {
    const [carrier, trackingNo] = [optionalText(value, '/delivery_name') ?? optionalText(value, '/delivery_id'), optionalText(value, '/waybill_id')]
    const at = time(value, '/delivery_time')
    return {
      channelShipmentNo: trackingNo ?? `package ${i + 1}`,
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: status === '100' ? 'delivered' : 'shipped',
      ...(at === undefined ? {} : { at }),
      lines: list(value, '/product_infos').map(({ value: piece }) => ({
        channelLineNo: lineKey(piece),
        quantity: text(piece, '/product_cnt').trim() || '0',
      })),
    }
  })
}
