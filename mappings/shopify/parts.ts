import { MappingError } from '../../src/core/fault.ts'
import { sumMoney, type Money } from '../../src/core/money.ts'
import type { ChannelShipment, Payment, Refund } from '../../src/core/order.ts'
import { flag, list, optionalText, requiredText, requiredUtcInstant, text, utcInstant } from '../parts/read.ts'
import { idOf } from './ids.ts'
import { isRemoval } from './lines.ts'
import { requiredShopMoney, shopMoney } from './money.ts'

const KINDS: Readonly<Record<string, Payment['kind'] | 'skip'>> = {
  SALE: 'capture',
  CAPTURE: 'capture',
  AUTHORIZATION: 'authorisation',
  EMV_AUTHORIZATION: 'authorisation',
  REFUND: 'refund',
  VOID: 'void',
  // Coins given back at a till, and what Shopify proposes to refund: no payments of their own.
  CHANGE: 'skip',
  SUGGESTED_REFUND: 'skip',
}
const PAYMENT_STATES: Readonly<Record<string, Payment['status']>> = {
  SUCCESS: 'done',
  PENDING: 'pending',
  AWAITING_RESPONSE: 'pending',
  UNKNOWN: 'pending',
  FAILURE: 'failed',
  ERROR: 'failed',
}

function known<T>(meanings: Readonly<Record<string, T>>, word: string, given: { readonly code: string; readonly pointer: string }): T {
  const meaning = Object.hasOwn(meanings, word) ? meanings[word] : undefined
  if (meaning === undefined)
    throw new MappingError(given.code, `"${word.slice(0, 40)}" is not known.`, given.pointer, { known: Object.keys(meanings) })
  return meaning
}

/** Transactions as payments; a gift card that was paid with is told apart from cards. */
export const paymentsOf = (doc: unknown, currency: string): readonly Payment[] =>
  list(doc, '/transactions').flatMap(({ value, pointer }): readonly Payment[] => {
    const kind = known(KINDS, requiredText(value, '/kind'), { code: 'payment-kind-unmapped', pointer: `${pointer}/kind` })
    if (kind === 'skip') return []
    const gateway = optionalText(value, '/gateway') ?? 'unknown'
    const at = utcInstant(value, '/processedAt') ?? utcInstant(value, '/createdAt')
    return [
      {
        id: idOf(requiredText(value, '/id')),
        kind: kind === 'capture' && gateway === 'gift_card' ? 'gift_card' : kind,
        method: gateway,
        amount: requiredShopMoney(value, '/amountSet', currency),
        ...(at === undefined ? {} : { at }),
        status: known(PAYMENT_STATES, requiredText(value, '/status'), { code: 'payment-status-unmapped', pointer: `${pointer}/status` }),
      },
    ]
  })

/** Refunds; units edited out of an unpaid order are none (see the lines). */
export const refundsOf = (doc: unknown, given: { readonly order: string; readonly currency: string }): readonly Refund[] =>
  list(doc, '/refunds')
    .filter(({ value }) => !isRemoval(value))
    .map(({ value }) => refundOf(value, { ...given, included: flag(doc, '/taxesIncluded') }))

function refundOf(refund: unknown, given: { readonly order: string; readonly currency: string; readonly included: boolean }): Refund {
  const { currency, included } = given
  const withTax = (doc: unknown, net: string, tax: string): Money => ({
    minor: shopMoney(doc, net, currency).minor + (included ? 0 : shopMoney(doc, tax, currency).minor),
    currency,
  })
  const shipping = sumMoney(
    list(refund, '/refundShippingLines/nodes').map(({ value }) => withTax(value, '/subtotalAmountSet', '/taxAmountSet')),
    currency,
  )
  const lines = list(refund, '/refundLineItems/nodes').map(({ value }) => {
    const sku = optionalText(value, '/lineItem/sku')
    const title = optionalText(value, '/lineItem/title')
    return {
      channelLineNo: idOf(requiredText(value, '/lineItem/id')),
      ...(sku === undefined ? {} : { channelSku: sku }),
      ...(title === undefined ? {} : { title }),
      quantity: requiredText(value, '/quantity'),
      amount: withTax(value, '/subtotalSet', '/totalTaxSet'),
    }
  })
  const at = utcInstant(refund, '/createdAt') ?? requiredUtcInstant(refund, '/processedAt')
  const note = optionalText(refund, '/note') ?? reasonOf(refund)
  return {
    channelRefundNo: idOf(requiredText(refund, '/id')),
    channelOrderNo: given.order,
    kind: kindOf(refund),
    state: refundState(refund),
    amount: requiredShopMoney(refund, '/totalRefundedSet', currency),
    ...(shipping.minor === 0 ? {} : { shipping }),
    ...(note === undefined ? {} : { reason: note }),
    at,
    sourceUpdatedAt: utcInstant(refund, '/updatedAt') ?? at,
    lines,
  }
}

const reasonOf = (refund: unknown): string | undefined => {
  const [first] = list(refund, '/orderAdjustments/nodes')
  return first && optionalText(first.value, '/reason')?.toLowerCase()
}

function kindOf(refund: unknown): Refund['kind'] {
  const restocks = list(refund, '/refundLineItems/nodes').map(({ value }) => text(value, '/restockType'))
  if (restocks.length === 0) return list(refund, '/refundShippingLines/nodes').length > 0 ? 'refund' : 'adjustment'
  if (restocks.every((type) => type === 'CANCEL')) return 'cancellation'
  return text(refund, '/return/id') !== '' || restocks.some((type) => type === 'RETURN') ? 'return' : 'refund'
}

/** By its transactions: none at all is a refund by other means, which the seller calls done. */
function refundState(refund: unknown): Refund['state'] {
  const states = list(refund, '/transactions/nodes').map(({ value, pointer }) =>
    known(PAYMENT_STATES, requiredText(value, '/status'), { code: 'refund-status-unmapped', pointer: `${pointer}/status` }),
  )
  if (states.length === 0 || states.some((state) => state === 'done')) return 'done'
  return states.some((state) => state === 'pending') ? 'approved' : 'rejected'
}

const SHIPMENTS: Readonly<Record<string, ChannelShipment['state']>> = {
  SUCCESS: 'shipped',
  OPEN: 'pending',
  PENDING: 'pending',
  CANCELLED: 'cancelled',
  ERROR: 'cancelled',
  FAILURE: 'cancelled',
}

export const shipmentsOf = (doc: unknown): readonly ChannelShipment[] =>
  list(doc, '/fulfillments').map(({ value, pointer }) => {
    const state = known(SHIPMENTS, requiredText(value, '/status'), { code: 'shipment-status-unmapped', pointer: `${pointer}/status` })
    const [info] = list(value, '/trackingInfo')
    const carrier = info && optionalText(info.value, '/company')
    const trackingNo = info && optionalText(info.value, '/number')
    const delivered = state === 'shipped' && text(value, '/displayStatus') === 'DELIVERED'
    return {
      channelShipmentNo: idOf(requiredText(value, '/id')),
      ...(carrier === undefined ? {} : { carrier }),
      ...(trackingNo === undefined ? {} : { trackingNo }),
      state: delivered ? 'delivered' : state,
      at: (delivered ? utcInstant(value, '/deliveredAt') : undefined) ?? requiredUtcInstant(value, '/updatedAt'),
      lines: list(value, '/fulfillmentLineItems/nodes').map((part) => ({
        channelLineNo: idOf(requiredText(part.value, '/lineItem/id')),
        quantity: text(part.value, '/quantity') || '0',
      })),
    }
  })
