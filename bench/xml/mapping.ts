import type { Mapping } from '../../src/core/mapping.ts'
import type { Money } from '../../src/core/money.ts'
import { moneyToDecimal } from '../../src/core/money.ts'
import type { Order, OrderLine, Party } from '../../src/core/order.ts'
import { at, decimal, list, optionalText, requiredMoney, requiredText, requiredUtcInstant, text } from '../../mappings/parts/read.ts'

const CURRENCY = 'USD'
const NOTHING: Money = { minor: 0, currency: CURRENCY }

/** The mapping of the measured XML orders; reads and checks what a mapping of eBay's orders has to read and check. */
export const xmlMapping: Mapping = { channel: 'bench-xml', version: 1, map: ({ doc }) => ({ kind: 'order', order: toOrder(doc) }) }

/** Every child is an array, and text stands under "_" where an element has attributes or the parser was told to keep it apart. */
const value = (name: string): string => {
  const known = pointers.get(name)
  if (known !== undefined) return known
  const pointer = `/${name.split('/').join('/0/')}/0/_`
  pointers.set(name, pointer)
  return pointer
}
const pointers = new Map<string, string>()

function toOrder(root: unknown): Order {
  const doc = at(root, '/Order')
  const lines = list(doc, '/TransactionArray/0/Transaction').map(({ value: line }, i) => toLine(line, i + 1))
  const total = requiredMoney(doc, value('Total'), CURRENCY)
  const paidAt = requiredUtcInstant(doc, value('PaidTime'))
  return {
    channelOrderNo: requiredText(doc, value('OrderID')),
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: requiredText(doc, value('OrderStatus')),
    payment: 'paid',
    fulfilment: 'unallocated',
    afterSale: 'none',
    closed: false,
    placedAt: requiredUtcInstant(doc, value('CreatedTime')),
    paidAt,
    sourceUpdatedAt: requiredUtcInstant(doc, value('CheckoutStatus/LastModifiedTime')),
    sourceTz: 'UTC',
    sourcePrecision: 'ms',
    currency: CURRENCY,
    taxIncluded: false,
    totals: {
      items: { minor: lines.reduce((sum, line) => sum + line.net.minor, 0), currency: CURRENCY },
      discount: NOTHING,
      unallocatedDiscount: NOTHING,
      shipping: requiredMoney(doc, value('ShippingServiceSelected/ShippingServiceCost'), CURRENCY),
      shippingDiscount: NOTHING,
      fees: NOTHING,
      duties: NOTHING,
      tax: requiredMoney(doc, value('ShippingDetails/SalesTax/SalesTaxAmount'), CURRENCY),
      rounding: NOTHING,
      total,
      paid: requiredMoney(doc, value('AmountPaid'), CURRENCY),
      refunded: NOTHING,
    },
    lines,
    discounts: [],
    payments: [{ kind: 'capture', method: text(doc, value('CheckoutStatus/PaymentMethod')), amount: total, status: 'done' }],
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    recipient: toParty(doc),
    buyerRef: text(doc, value('BuyerUserID')),
    isCod: false,
    couponCodes: [],
    extra: {},
  }
}

function toLine(line: unknown, lineNo: number): OrderLine {
  const quantity = decimal(line, value('QuantityPurchased'))
  const price = requiredMoney(line, value('TransactionPrice'), CURRENCY)
  const gross: Money = { minor: price.minor * Number(quantity), currency: CURRENCY }
  const item = requiredText(line, value('Item/ItemID'))
  return {
    lineNo,
    channelLineNo: requiredText(line, value('OrderLineItemID')),
    channelSku: text(line, value('Variation/SKU')),
    channelProduct: item,
    listingKey: `${item}:${text(line, value('Variation/SKU'))}`,
    title: text(line, value('Item/Title')),
    options: text(line, value('Variation/VariationTitle')),
    quantity,
    cancelled: '0',
    shipped: '0',
    unitPrice: moneyToDecimal(price),
    gross,
    discount: NOTHING,
    net: gross,
    tax: requiredMoney(line, value('Taxes/TotalTaxAmount'), CURRENCY),
    role: 'single',
  }
}

function toParty(doc: unknown): Party {
  const address = at(doc, '/ShippingAddress/0')
  const of = (name: string): string => text(address, value(name))
  const email = optionalText(doc, '/TransactionArray/0/Transaction/0/Buyer/0/Email/0/_')
  return {
    name: of('Name'),
    phone: of('Phone'),
    country: of('Country'),
    province: of('StateOrProvince'),
    city: of('CityName'),
    address: of('Street1'),
    postcode: of('PostalCode'),
    ...(email !== undefined && { email }),
  }
}
