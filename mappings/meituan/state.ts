import type { ChannelShipment, FulfilmentStatus, Order, PaymentStatus } from '../../src/core/order.ts'
import { optionalText, requiredText } from '../parts/read.ts'
import { time } from '../parts/wechat.ts'
import { unmapped } from './read.ts'

export interface State {
  readonly status: string
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly closed: boolean
  readonly paidAt: string | undefined
  readonly cancelled: Order['cancelled']
  readonly shipments: readonly ChannelShipment[]
}

/** 1 placed, 2 shown to the shop, 4 accepted, 8 finished, 9 cancelled: the channel documents no others. */
const STATES: ReadonlySet<string> = new Set(['1', '2', '4', '8', '9'])
/** Where the rider is, by `logistics_status`: fetched, arrived. Everything before that is with the shop still. */
const DELIVERY: ReadonlyMap<string, FulfilmentStatus> = new Map([
  ['0', 'unallocated'],
  ['1', 'unallocated'],
  ['5', 'unallocated'],
  ['10', 'unallocated'],
  ['15', 'unallocated'],
  ['20', 'shipped'],
  ['40', 'delivered'],
  ['100', 'unallocated'],
])

export function readState(doc: unknown): State {
  const status = requiredText(doc, '/status')
  if (!STATES.has(status)) throw unmapped(status, '/status')
  const paidAt = time(doc, '/order_send_time') ?? (status === '2' || status === '4' || status === '8' ? time(doc, '/ctime') : undefined)
  const isCancelled = status === '9'
  const fulfilment = status === '8' ? 'delivered' : isCancelled ? 'unallocated' : deliveryOf(doc)
  const cancelledAt = time(doc, '/order_cancel_time')
  return {
    status,
    // What was paid of an order that is cancelled goes back by itself.
    payment: isCancelled ? (paidAt === undefined ? 'voided' : 'refunded') : paidAt === undefined ? 'pending' : 'paid',
    fulfilment,
    closed: status === '8' || isCancelled,
    paidAt,
    cancelled: isCancelled ? { ...(cancelledAt === undefined ? {} : { at: cancelledAt }) } : undefined,
    shipments: shipmentsOf(doc, fulfilment),
  }
}

function deliveryOf(doc: unknown): FulfilmentStatus {
  const word = optionalText(doc, '/logistics_status')
  if (word === undefined) return 'unallocated'
  const found = DELIVERY.get(word)
  if (found === undefined) throw unmapped(word, '/logistics_status')
  return found
}

/** The one delivery of the order, once a rider has it; the channel shows no number of it. */
function shipmentsOf(doc: unknown, fulfilment: FulfilmentStatus): readonly ChannelShipment[] {
  const at = time(doc, '/logistics_fetch_time')
  const word = optionalText(doc, '/logistics_status')
  if (word !== '20' && word !== '40') return []
  const carrier = optionalText(doc, '/logistics_name')
  return [
    {
      channelShipmentNo: 'delivery',
      ...(carrier === undefined ? {} : { carrier }),
      state: fulfilment === 'delivered' ? 'delivered' : 'shipped',
      ...(at === undefined ? {} : { at }),
      lines: [],
    },
  ]
}
