import type { OrderLine, Totals } from '../../src/core/order.ts'
import { explanation } from '../parts/explanation.ts'
import { requiredMoney } from '../parts/read.ts'
import { linesOf, servicesOf, type Line } from './lines.ts'
import { amount, CNY, fen } from '../parts/cny.ts'
import type { State } from './state.ts'

export interface Sums {
  readonly lines: readonly OrderLine[]
  readonly goods: readonly Line[]
  readonly totals: Totals
}

/**
 * Σ lines + postage = `payment`. Where it does not add up, amounts the channel documents apart may be part of what was
 * paid: services, the fee for cash on delivery, import duty, a reduction of the trade no line shows. The one set of them
 * that explains the gap to the fen is taken; nothing is ever filled in, so a gap without explanation holds the order.
 */
export function sumsOf(doc: unknown, state: State): Sums {
  const goods = linesOf(doc)
  const services = servicesOf(doc, goods.length)
  const net = sum(goods.map(({ line }) => line.net.minor))
  const post = fen(doc, '/post_fee')
  const total = requiredMoney(doc, '/payment', CNY)
  const unshared = fen(doc, '/discount_fee') - sum(goods.map(({ shared }) => shared))
  const taken = explanation(total.minor - net - post, {
    services: sum(services.map((line) => line.net.minor)),
    cod: fen(doc, '/buyer_cod_fee'),
    duties: fen(doc, '/order_tax_fee'),
    unshared: unshared > 0 ? -unshared : 0,
  })
  const lines = [...goods.map(({ line }) => line), ...(taken.has('services') ? services : [])]
  const deposit = state.step === 'FRONT_PAID_FINAL_NOPAID' || state.step === 'FRONT_PAID_FRONT_FORFEITED' ? fen(doc, '/step_paid_fee') : 0
  return {
    lines,
    goods,
    totals: {
      items: amount(sum(lines.map((line) => line.net.minor))),
      discount: amount(sum(lines.map((line) => line.discount.minor))),
      unallocatedDiscount: amount(taken.has('unshared') ? unshared : 0),
      shipping: amount(post),
      shippingDiscount: amount(0),
      fees: amount(taken.has('cod') ? fen(doc, '/buyer_cod_fee') : 0),
      duties: amount(taken.has('duties') ? fen(doc, '/order_tax_fee') : 0),
      tax: amount(0),
      rounding: amount(0),
      total,
      paid: amount(state.paid ? total.minor : state.payment === 'voided' ? 0 : deposit),
      refunded: amount(refundedOf(doc, state, total.minor)),
    },
  }
}

/**
 * What a trade gave back is only known at its end, as what was paid less what the seller received; until then the refund
 * documents say it.
 */
function refundedOf(doc: unknown, state: State, total: number): number {
  if (!state.paid) return 0
  const hasReceived = typeof doc === 'object' && doc !== null && 'received_payment' in doc
  if (state.closed && hasReceived) return Math.max(0, total - fen(doc, '/received_payment'))
  return state.status === 'TRADE_CLOSED' ? total : 0
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
