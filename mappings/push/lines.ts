import Big from 'big.js'
import { MappingError } from '../../src/core/fault.ts'
import { allocate, exponentOf, moneyFromDecimal, sumMoney, type Money } from '../../src/core/money.ts'
import type { Discount, OrderLine } from '../../src/core/order.ts'
import type { SimpleLine, SimpleOrder } from '../../src/core/simple-order.ts'

/** An amount in whole minor units; more decimals than the currency carries are refused at their place. */
export function exact(text: string | undefined, currency: string, pointer: string): Money {
  try {
    return moneyFromDecimal(text ?? '0', currency)
  } catch (error) {
    if (error instanceof MappingError) throw new MappingError(error.code, error.message, pointer, { cause: error })
    throw error
  }
}

/** Quantity × price, half-up in minor units; where both price and amount are sent they have to agree. */
function grossOf(line: SimpleLine, currency: string, pointer: string): Money {
  const product =
    line.unit_price === undefined
      ? undefined
      : moneyFromDecimal(new Big(line.unit_price).times(line.quantity).round(exponentOf(currency), Big.roundHalfUp).toFixed(), currency)
  if (line.total === undefined) return product ?? { minor: 0, currency }
  const said = exact(line.total, currency, `${pointer}/total`)
  if (product !== undefined && product.minor !== said.minor)
    throw new MappingError('line-sum', 'The total of the line is not its quantity times its unit price.', `${pointer}/total`)
  return said
}

function ownDiscount(line: SimpleLine, gross: Money, pointer: string): Money {
  const discount = exact(line.discount, gross.currency, `${pointer}/discount`)
  if (discount.minor > gross.minor) throw new MappingError('discount-too-large', 'The discount is more than the line costs.', `${pointer}/discount`)
  return discount
}

/** Reductions of single lines, and those of the whole order shared over its lines by what they still cost. */
export function discountsOf(sent: SimpleOrder, currency: string): readonly Discount[] {
  const left = sent.lines.map((line, i) => {
    const gross = grossOf(line, currency, `/lines/${i}`)
    return { own: ownDiscount(line, gross, `/lines/${i}`), gross }
  })
  const rest = left.map(({ gross, own }) => gross.minor - own.minor)
  const lines = left.flatMap(({ own }, i) => (own.minor === 0 ? [] : [discount('line', own, [{ lineNo: i + 1, amount: own }], undefined)]))
  const whole = (sent.discounts ?? []).flatMap((one, at) => {
    const amount = exact(one.amount, currency, `/discounts/${at}/amount`)
    if (amount.minor === 0) return []
    if (amount.minor > rest.reduce((sum, each) => sum + each, 0))
      throw new MappingError('discount-too-large', 'The discounts are more than the goods cost.', `/discounts/${at}/amount`)
    const shares = allocate(amount, rest)
    shares.forEach((share, i) => (rest[i] = (rest[i] ?? 0) - share.minor))
    const allocations = shares.map((share, i) => ({ lineNo: i + 1, amount: share }))
    return [discount('order', amount, allocations, one)]
  })
  return [...lines, ...whole]
}

const discount = (
  scope: Discount['scope'],
  amount: Money,
  allocations: Discount['allocations'],
  said: { readonly code?: string | undefined; readonly title?: string | undefined } | undefined,
): Discount => ({
  scope,
  funder: 'seller',
  kind: said?.code === undefined ? 'manual' : 'coupon',
  ...(said?.code !== undefined && { code: said.code }),
  ...(said?.title !== undefined && { title: said.title }),
  amount,
  allocations,
})

/** Canonical lines, each less its share of every discount. */
export function linesOf(sent: SimpleOrder, discounts: readonly Discount[], currency: string): readonly OrderLine[] {
  const gone = sent.fulfilment === 'shipped' || sent.fulfilment === 'delivered'
  const cancelled = sent.status === 'cancelled'
  return sent.lines.map((line, i) => {
    const gross = grossOf(line, currency, `/lines/${i}`)
    const off = sumMoney(
      discounts.flatMap(({ allocations }) => allocations.flatMap((share) => (share.lineNo === i + 1 ? [share.amount] : []))),
      currency,
    )
    const { quantity } = line
    return {
      lineNo: i + 1,
      channelLineNo: line.id ?? String(i + 1),
      channelSku: line.sku ?? '',
      ...(line.sku !== undefined && { listingKey: line.sku }),
      ...(line.barcode !== undefined && { barcode: line.barcode }),
      title: line.name ?? line.sku ?? line.barcode ?? '',
      ...(line.options !== undefined && { options: line.options }),
      quantity,
      cancelled: cancelled ? quantity : '0',
      shipped: gone && !cancelled ? quantity : '0',
      unitPrice: line.unit_price === undefined ? new Big(line.total ?? '0').div(quantity).round(6).toFixed() : new Big(line.unit_price).toFixed(),
      gross,
      discount: off,
      net: { minor: gross.minor - off.minor, currency },
      tax: exact(line.tax, currency, `/lines/${i}/tax`),
      role: line.role ?? 'single',
    }
  })
}
