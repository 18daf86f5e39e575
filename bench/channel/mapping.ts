import type { Mapping } from '../../src/core/mapping.ts'
import type { ChannelShipment, Order, OrderLine, Party } from '../../src/core/order.ts'
import { moneyToDecimal, type Money } from '../../src/core/money.ts'
import { at, decimal, flag, list, money, optionalText, requiredMoney, requiredText, requiredUtcInstant, text } from '../../mappings/parts/read.ts'

/** The mapping of the measured channel; reads and checks what a mapping of Shopify's REST orders has to read and check. */
export const benchMapping: Mapping = {
  channel: 'bench',
  version: 1,
  map: ({ doc }) => ({ kind: 'order', order: toOrder(doc) }),
}

function toOrder(doc: unknown): Order {
  const currency = requiredText(doc, '/currency')
  const cancelledAt = optionalText(doc, '/cancelled_at')
  const shipped = text(doc, '/fulfillment_status') === 'fulfilled'
  const paid = text(doc, '/financial_status') === 'paid'
  const lines = list(doc, '/line_items').map(({ value }, i) =>
    toLine(value, { lineNo: i + 1, currency, shipped, cancelled: cancelledAt !== undefined }),
  )
  const total = requiredMoney(doc, '/total_price', currency)
  const nothing: Money = { minor: 0, currency }
  const sum = (amounts: readonly Money[]): Money => ({ minor: amounts.reduce((all, amount) => all + amount.minor, 0), currency })
  const placedAt = requiredUtcInstant(doc, '/created_at')
  const recipient = toParty(at(doc, '/shipping_address'), optionalText(doc, '/email'))
  const billTo = toParty(at(doc, '/billing_address'), optionalText(doc, '/email'))
  const buyer = optionalText(at(doc, '/customer'), '/id')
  return {
    channelOrderNo: requiredText(doc, '/id'),
    displayNo: requiredText(doc, '/name'),
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: `${text(doc, '/financial_status')}/${text(doc, '/fulfillment_status') || 'unfulfilled'}`,
    payment: paid ? 'paid' : 'pending',
    fulfilment: shipped ? 'shipped' : 'unallocated',
    afterSale: 'none',
    ...(cancelledAt === undefined ? {} : { cancelled: { at: cancelledAt } }),
    closed: text(doc, '/closed_at') !== '',
    placedAt,
    ...(paid ? { paidAt: requiredUtcInstant(doc, '/processed_at') } : {}),
    sourceUpdatedAt: requiredUtcInstant(doc, '/updated_at'),
    sourceTz: 'UTC',
    sourcePrecision: 's',
    currency,
    taxIncluded: flag(doc, '/taxes_included'),
    totals: {
      items: sum(lines.map((line) => line.net)),
      discount: sum(lines.map((line) => line.discount)),
      unallocatedDiscount: nothing,
      shipping: sum(list(doc, '/shipping_lines').map(({ value }) => money(value, '/price', currency))),
      shippingDiscount: nothing,
      fees: nothing,
      duties: nothing,
      tax: money(doc, '/total_tax', currency),
      rounding: nothing,
      total,
      paid: paid ? total : nothing,
      refunded: nothing,
    },
    lines,
    discounts: [],
    payments: [{ kind: 'capture', method: text(doc, '/payment_gateway_names/0') || 'unknown', amount: total, status: paid ? 'done' : 'pending' }],
    refunds: [],
    shipments: list(doc, '/fulfillments').map(({ value }) => toShipment(value)),
    piiMode: 'plain',
    ...(recipient ? { recipient } : {}),
    ...(billTo ? { billTo } : {}),
    ...(buyer === undefined ? {} : { buyerRef: buyer }),
    isCod: false,
    couponCodes: list(doc, '/discount_codes').map(({ value }) => text(value, '/code')),
    extra: { source: text(doc, '/source_name') },
  }
}

interface Place {
  readonly lineNo: number
  readonly currency: string
  readonly shipped: boolean
  readonly cancelled: boolean
}

function toLine(line: unknown, { lineNo, currency, shipped, cancelled }: Place): OrderLine {
  const quantity = decimal(line, '/quantity')
  const price = requiredMoney(line, '/price', currency)
  const discount = money(line, '/total_discount', currency)
  const gross: Money = { minor: price.minor * Number(quantity), currency }
  return {
    lineNo,
    channelLineNo: requiredText(line, '/id'),
    channelSku: text(line, '/sku'),
    channelProduct: text(line, '/product_id'),
    listingKey: `${text(line, '/product_id')}:${text(line, '/variant_id')}`,
    title: text(line, '/title'),
    options: text(line, '/variant_title'),
    quantity,
    cancelled: cancelled ? quantity : '0',
    shipped: shipped ? quantity : '0',
    unitPrice: moneyToDecimal(price),
    gross,
    discount,
    net: { minor: gross.minor - discount.minor, currency },
    tax: { minor: list(line, '/tax_lines').reduce((sum, { value }) => sum + money(value, '/price', currency).minor, 0), currency },
    role: 'single',
  }
}

const toShipment = (value: unknown): ChannelShipment => ({
  channelShipmentNo: requiredText(value, '/id'),
  carrier: text(value, '/tracking_company'),
  trackingNo: text(value, '/tracking_number'),
  state: 'shipped',
  at: requiredUtcInstant(value, '/created_at'),
  lines: [],
})

function toParty(address: unknown, email: string | undefined): Party | undefined {
  if (address === undefined) return undefined
  return {
    name: text(address, '/name'),
    phone: text(address, '/phone'),
    ...(email === undefined ? {} : { email }),
    country: text(address, '/country_code'),
    province: text(address, '/province'),
    city: text(address, '/city'),
    address: text(address, '/address1'),
    postcode: text(address, '/zip'),
  }
}
