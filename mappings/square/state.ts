import { MappingError } from '../../src/core/fault.ts'
import type { Money } from '../../src/core/money.ts'
import type { FulfilmentStatus, Order, PaymentStatus } from '../../src/core/order.ts'
import { at, list, requiredText, text } from '../parts/read.ts'
import { amount, amounts } from './money.ts'

export interface State {
  readonly type: Order['type']
  readonly payment: PaymentStatus
  readonly fulfilment: FulfilmentStatus
  readonly cancelled: boolean
  readonly closed: boolean
  readonly source: string
  /** Sold over the counter: paid and taken along. */
  readonly handedOver: boolean
}

const STATES: ReadonlySet<string> = new Set(['OPEN', 'COMPLETED', 'CANCELED'])
const TYPES: ReadonlySet<string> = new Set(['SHIPMENT', 'PICKUP', 'DELIVERY'])
const PROGRESS: ReadonlySet<string> = new Set(['PROPOSED', 'RESERVED', 'PREPARED', 'COMPLETED', 'CANCELED', 'FAILED'])

/** A word Square's documents do not name holds the order; it is never guessed. */
function known(words: ReadonlySet<string>, doc: unknown, pointer: string): string {
  const word = requiredText(doc, pointer)
  if (!words.has(word))
    throw new MappingError('status-unmapped', `"${word.slice(0, 80)}" is not a known status of Square.`, pointer, { known: [...words] })
  return word
}

/** Money that has gone back, or is sure to. */
export const REFUNDED: ReadonlySet<string> = new Set(['APPROVED', 'COMPLETED'])

export function refundedOf(doc: unknown, currency: string): Money {
  const back = list(doc, '/refunds').filter(({ value }) => REFUNDED.has(text(value, '/status')))
  return { minor: back.reduce((sum, { value }) => sum + amount(value, '/amount_money', currency).minor, 0), currency }
}

/** What tenders cover, tips and all. A completed order is paid by Square's word, be it by goods that came back. */
export function paidOf(doc: unknown, currency: string, total: Money): Money {
  const tendered = amounts(doc, '/tenders', { of: '/amount_money', currency }).minor
  if (text(doc, '/state') === 'COMPLETED') return { minor: Math.max(tendered, total.minor), currency }
  if (at(doc, '/tenders') !== undefined || at(doc, '/net_amount_due_money') === undefined) return { minor: tendered, currency }
  return { minor: total.minor - amount(doc, '/net_amount_due_money', currency).minor, currency }
}

export function stateOf(doc: unknown, given: { readonly total: Money; readonly currency: string }): State {
  const { total, currency } = given
  const state = known(STATES, doc, '/state')
  const fulfilments = list(doc, '/fulfillments').map(({ value }) => ({
    type: known(TYPES, value, '/type'),
    state: known(PROGRESS, value, '/state'),
  }))
  const live = fulfilments.filter((each) => each.state !== 'CANCELED')
  const isCanceled = state === 'CANCELED' || (fulfilments.length > 0 && live.length === 0)
  const overTheCounter = fulfilments.length === 0
  const [paid, refunded] = [paidOf(doc, currency, total).minor, refundedOf(doc, currency).minor]
  return {
    type: overTheCounter ? 'pos' : fulfilments.every((each) => each.type === 'PICKUP') ? 'pickup' : 'normal',
    payment: paymentOf({ paid, refunded, total: total.minor, isCanceled: state === 'CANCELED' }),
    fulfilment: overTheCounter ? (state === 'COMPLETED' ? 'delivered' : 'unallocated') : fulfilmentOf(live),
    cancelled: isCanceled,
    closed: state !== 'OPEN',
    source: [state, ...new Set(fulfilments.map((each) => each.state))].join(' '),
    handedOver: overTheCounter && state === 'COMPLETED',
  }
}

function paymentOf(given: { readonly paid: number; readonly refunded: number; readonly total: number; readonly isCanceled: boolean }): PaymentStatus {
  const { paid, refunded, total } = given
  if (refunded > 0) return refunded >= total ? 'refunded' : 'partially_refunded'
  if (given.isCanceled && paid === 0) return 'voided'
  if (paid >= total) return 'paid'
  return paid > 0 ? 'partially_paid' : 'pending'
}

/** What is picked up has arrived; what is sent is on its way. */
function fulfilmentOf(live: readonly { readonly type: string; readonly state: string }[]): FulfilmentStatus {
  const done = live.filter((each) => each.state === 'COMPLETED')
  if (live.length === 0) return 'unallocated'
  if (done.length === live.length) return live.every((each) => each.type === 'SHIPMENT') ? 'shipped' : 'delivered'
  if (done.length > 0) return 'partial'
  if (live.some((each) => each.state === 'FAILED')) return 'failed'
  return live.every((each) => each.state === 'PREPARED') ? 'released' : live.every((each) => each.state === 'PROPOSED') ? 'unallocated' : 'allocated'
}
