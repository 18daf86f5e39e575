import Big from 'big.js'
import { MappingError } from '../../src/core/fault.ts'
import { exponentOf, moneyFromDecimal } from '../../src/core/money.ts'
import type { Money } from '../../src/core/money.ts'
import type { LinePath, OrderPath } from '../../src/core/field-map.ts'
import { shown } from './convert.ts'
import type { DocumentReader } from './rows.ts'

/** One row with its amounts: exact as written, and in whole minor units. Signs are as in the file. */
export interface LineAmounts {
  readonly row: number
  readonly quantity: Big
  readonly unitPrice: Big
  readonly exact: Big // quantity × price, or the amount the file gives, before discount
  readonly gross: Big // `exact` rounded half-up to minor units
  readonly discount: Big // ≥ 0
  readonly tax: Big
}

const DECIMAL = /^[+-]?\d+(?:\.\d+)?$/

function big(text: string, what: string, pointer: string): Big {
  if (!DECIMAL.test(text))
    throw new MappingError('number-unreadable', `${what}: ${shown(text)} is not a decimal number. Add a "digits" or "decimal" converter.`, pointer)
  return Big(text.replace(/^\+/, ''))
}

/** Half-up (away from zero) to the currency's minor unit. */
export const rounded = (amount: Big, currency: string): Big => amount.round(exponentOf(currency), Big.roundHalfUp)

/** An amount that is already whole in minor units. */
export const money = (amount: Big, currency: string): Money => moneyFromDecimal(amount.toFixed(Math.max(exponentOf(currency), 0)), currency)

/** Amounts of one row; undefined when the row has no line at all (neither quantity nor SKU nor title). */
export function lineAmounts(reader: DocumentReader, row: number): LineAmounts | undefined {
  const optional = (path: LinePath): Big | undefined => {
    const text = reader.line(path, row)
    return text === '' ? undefined : big(text, path, reader.pointer(path, row))
  }
  const quantity = optional('quantity')
  if (quantity === undefined) {
    if (reader.line('channelSku', row) === '' && reader.line('title', row) === '') return undefined
    throw new MappingError('quantity-missing', 'The row has no quantity.', reader.pointer('quantity', row))
  }
  const unitPrice = optional('unitPrice')
  const discount = (optional('discount') ?? Big(0)).abs()
  const net = optional('net')
  const exact = optional('gross') ?? (net !== undefined && unitPrice === undefined ? net.plus(discount) : unitPrice?.times(quantity))
  if (exact === undefined) throw new MappingError('price-missing', 'The row has neither a price nor an amount.', reader.pointer('unitPrice', row))
  const gross = rounded(exact, reader.currency)
  if (net !== undefined && !rounded(net, reader.currency).eq(gross.minus(discount))) {
    throw new MappingError(
      'line-sum',
      `The row's net amount ${net.toFixed()} is not ${gross.toFixed()} less ${discount.toFixed()}.`,
      reader.pointer('net', row),
    )
  }
  const price = unitPrice ?? (quantity.eq(0) ? Big(0) : exact.div(quantity).round(6, Big.roundHalfUp))
  return {
    row,
    quantity,
    unitPrice: price,
    exact,
    gross,
    discount: rounded(discount, reader.currency),
    tax: rounded(optional('tax') ?? Big(0), reader.currency),
  }
}

/** Amounts of all rows that carry a line. */
export function documentLines(reader: DocumentReader): readonly LineAmounts[] {
  const lines: LineAmounts[] = []
  for (let row = 0; row < reader.rows; row++) {
    const line = lineAmounts(reader, row)
    if (line !== undefined) lines.push(line)
  }
  return lines
}

/** An order-level amount, 0 when the file has none. */
export function orderAmount(reader: DocumentReader, path: OrderPath): Big {
  const text = reader.order(path)
  return text === '' ? Big(0) : rounded(big(text, path, ''), reader.currency)
}

export const sum = (amounts: readonly Big[]): Big => amounts.reduce((total, amount) => total.plus(amount), Big(0))
