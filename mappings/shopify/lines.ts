import { MappingError } from '../../src/core/fault.ts'
import { sumMoney, type Money } from '../../src/core/money.ts'
import type { OrderLine } from '../../src/core/order.ts'
import { decimal, flag, list, optionalText, requiredText, text } from '../parts/read.ts'
import { unitPrice } from '../parts/unit-price.ts'
import { idOf } from './ids.ts'
import { requiredShopMoney, shopMoney } from './money.ts'

/** What became of a line's units, by line id. */
export interface Progress {
  readonly shipped: ReadonlyMap<string, number>
  /** Units taken out by editing the order, with their worth: Shopify writes them down as a refund without money. */
  readonly removed: ReadonlyMap<string, { readonly quantity: number; readonly net: string[]; readonly tax: string[] }>
  /** Units given back before or after they were sent. */
  readonly refunded: ReadonlyMap<string, number>
  readonly isCancelled: boolean
}

export function progressOf(doc: unknown): Progress {
  const shipped = new Map<string, number>()
  const removed = new Map<string, { quantity: number; net: string[]; tax: string[] }>()
  const refunded = new Map<string, number>()
  const known = Number(text(doc, '/fulfillmentsCount/count') || '0')
  const fulfillments = list(doc, '/fulfillments')
  if (fulfillments.length < known)
    throw new MappingError('fulfilments-cut', `Only ${fulfillments.length} of ${known} fulfilments came with the order.`, '/fulfillments')
  for (const { value } of fulfillments) {
    if (!LIVE.has(text(value, '/status'))) continue
    for (const part of list(value, '/fulfillmentLineItems/nodes'))
      add(shipped, idOf(text(part.value, '/lineItem/id')), Number(text(part.value, '/quantity') || '0'))
  }
  for (const { value } of list(doc, '/refunds')) {
    const withoutMoney = isRemoval(value)
    for (const { value: part } of list(value, '/refundLineItems/nodes')) {
      const id = idOf(text(part, '/lineItem/id'))
      const quantity = Number(text(part, '/quantity') || '0')
      if (!withoutMoney) {
        add(refunded, id, quantity)
        continue
      }
      const before = removed.get(id) ?? { quantity: 0, net: [], tax: [] }
      const [net, tax] = [text(part, '/subtotalSet/shopMoney/amount'), text(part, '/totalTaxSet/shopMoney/amount')]
      removed.set(id, { quantity: before.quantity + quantity, net: [...before.net, net], tax: [...before.tax, tax] })
    }
  }
  return { shipped, removed, refunded, isCancelled: text(doc, '/cancelledAt') !== '' }
}

const LIVE: ReadonlySet<string> = new Set(['SUCCESS', 'OPEN', 'PENDING'])
const add = (map: Map<string, number>, id: string, quantity: number): void => void map.set(id, (map.get(id) ?? 0) + quantity)

/** Lines without any money: no transaction, no adjustment, nothing given back. */
export const isRemoval = (refund: unknown): boolean =>
  list(refund, '/refundLineItems/nodes').length > 0 &&
  list(refund, '/transactions/nodes').length === 0 &&
  list(refund, '/orderAdjustments/nodes').length === 0 &&
  Number(text(refund, '/totalRefundedSet/shopMoney/amount') || '0') === 0

/** A line's money with the units that were edited out taken off. */
interface Worth {
  readonly quantity: number
  readonly gross: Money
  readonly net: Money
  readonly tax: Money
}

/** Lines as they were ordered, without what was edited out of them; a line edited down to nothing is left out. */
export function linesOf(doc: unknown, given: { readonly currency: string; readonly progress: Progress }): readonly OrderLine[] {
  const lines: OrderLine[] = []
  for (const { value } of list(doc, '/lineItems/nodes')) {
    const worth = worthOf(value, given)
    if (worth.quantity > 0) lines.push(lineOf(value, { ...given, worth, lineNo: lines.length + 1 }))
  }
  return lines
}

export function worthOf(line: unknown, { currency, progress }: { readonly currency: string; readonly progress: Progress }): Worth {
  const quantity = Number(decimal(line, '/quantity'))
  const gross = requiredShopMoney(line, '/originalTotalSet', currency)
  const discount = sumMoney(
    list(line, '/discountAllocations').map((one) => shopMoney(one.value, '/allocatedAmountSet', currency)),
    currency,
  )
  const tax = sumMoney(
    list(line, '/taxLines').map((one) => shopMoney(one.value, '/priceSet', currency)),
    currency,
  )
  const net = { minor: gross.minor - discount.minor, currency }
  const removed = progress.removed.get(idOf(text(line, '/id')))
  if (!removed) return { quantity, gross, net, tax }
  const off = (amounts: readonly string[]): number =>
    sumMoney(
      amounts.map((amount) => shopMoney({ shopMoney: { amount, currencyCode: currency } }, '', currency)),
      currency,
    ).minor
  const price = requiredShopMoney(line, '/originalUnitPriceSet', currency)
  return {
    quantity: quantity - removed.quantity,
    gross: { minor: gross.minor - price.minor * removed.quantity, currency },
    net: { minor: net.minor - off(removed.net), currency },
    tax: { minor: tax.minor - off(removed.tax), currency },
  }
}

function lineOf(
  line: unknown,
  given: { readonly currency: string; readonly progress: Progress; readonly worth: Worth; readonly lineNo: number },
): OrderLine {
  const { progress, worth, currency } = given
  const id = idOf(requiredText(line, '/id'))
  const shipped = Math.min(progress.shipped.get(id) ?? 0, worth.quantity)
  const givenBack = progress.isCancelled ? worth.quantity : (progress.refunded.get(id) ?? 0)
  const product = optionalText(line, '/product/id')
  const variant = optionalText(line, '/variant/id')
  const options = optionalText(line, '/variantTitle')
  const barcode = optionalText(line, '/variant/barcode')
  const goods = flag(line, '/requiresShipping') && !flag(line, '/isGiftCard')
  return {
    lineNo: given.lineNo,
    channelLineNo: id,
    channelSku: text(line, '/sku'),
    ...(product === undefined ? {} : { channelProduct: idOf(product) }),
    ...(product === undefined || variant === undefined ? {} : { listingKey: `${idOf(product)}:${idOf(variant)}` }),
    ...(barcode === undefined ? {} : { barcode }),
    title: requiredText(line, '/title'),
    ...(options === undefined || options === 'Default Title' ? {} : { options }),
    quantity: String(worth.quantity),
    // Units given back after they were sent stay sent.
    cancelled: String(Math.max(Math.min(givenBack, worth.quantity - shipped), 0)),
    shipped: String(shipped),
    unitPrice: unitPrice(text(line, '/originalUnitPriceSet/shopMoney/amount') || '0', '1'),
    gross: worth.gross,
    discount: { minor: worth.gross.minor - worth.net.minor, currency },
    net: worth.net,
    tax: worth.tax,
    role: isTip(line) ? 'fee' : goods ? 'single' : 'service',
  }
}

/** A tip shows as a line without product, SKU and shipping. */
export const isTip = (line: unknown): boolean =>
  text(line, '/title').toLowerCase() === 'tip' && text(line, '/product/id') === '' && text(line, '/sku') === '' && !flag(line, '/requiresShipping')
