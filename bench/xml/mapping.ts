import type { Mapping } from '../../src/core/mapping.ts'
import type { Money } from '../../src/core/money.ts'
import { moneyToDecimal } from '../../src/core/money.ts'
import type { Order, OrderLine, Party } from '../../src/core/order.ts'
import { decimal, list, optionalText, requiredMoney, requiredText, requiredUtcInstant, text } from '../../mappings/parts/read.ts'

const CURRENCY = 'USD'
const NOTHING: Money = { minor: 0, currency: CURRENCY }

/** The mapping of the measured XML orders; reads and checks what a mapping of eBay's orders has to read and check. */
export const xmlMapping: Mapping = { channel: 'bench-xml', version: 1, map: ({ doc }) => ({ kind: 'order', order: toOrder(doc) }) }

/** Every child is an array, and text stands under "_" where an element has attributes or the parser was told to keep it apart. */
const value = (name: string): string => `/${name.split('/').join('/0/')}/0/_`

function toOrder(doc: unknown): Order {
  const lines = list(doc, '/Order/TransactionArray/0/Transaction').map(({ value: line }, at) => toLine(line, at + 1))
  const total = requiredMoney(doc, `/Order${value('Total')}`, CURRENCY)
  const paidAt = requiredUtcInstant(doc, `/Order${value('PaidTime')}`)
  return {
    channelOrderNo: requiredText(doc, `/Order${value('OrderID')}`),
    type: 'normal',
    fulfilmentBy: 'merchant',
    sourceStatus: requiredText(doc, `/Order${value('OrderStatus')}`),
    payment: 'paid',
    fulfilment: 'unallocated',
    afterSale: 'none',
    closed: false,
    placedAt: requiredUtcInstant(doc, `/Order${value('CreatedTime')}`),
    paidAt,
    sourceUpdatedAt: requiredUtcInstant(doc, `/Order${value('CheckoutStatus/LastModifiedTime')}`),
    sourceTz: 'UTC',
    sourcePrecision: 'ms',
    currency: CURRENCY,
    taxIncluded: false,
    totals: {
      ...{
        items: { minor: lines.reduce((sum, line) => sum + line.net.minor, 0), currency: CURRENCY },
        discount: NOTHING,
        unallocatedDiscount: NOTHING,
      },
      ...{ shipping: requiredMoney(doc, `/Order${value('ShippingServiceSelected/ShippingServiceCost')}`, CURRENCY), shippingDiscount: NOTHING },
      ...{ fees: NOTHING, duties: NOTHING, tax: requiredMoney(doc, `/Order${value('ShippingDetails/SalesTax/SalesTaxAmount')}`, CURRENCY) },
      ...{ rounding: NOTHING, total, paid: requiredMoney(doc, `/Order${value('AmountPaid')}`, CURRENCY), refunded: NOTHING },
    },
    lines,
    discounts: [],
    payments: [{ kind: 'capture', method: text(doc, `/Order${value('CheckoutStatus/PaymentMethod')}`), amount: total, status: 'done' }],
    refunds: [],
    shipments: [],
    piiMode: 'plain',
    recipient: toParty(doc),
    buyerRef: text(doc, `/Order${value('BuyerUserID')}`),
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
    ...{ lineNo, channelLineNo: requiredText(line, value('OrderLineItemID')), channelSku: text(line, value('Variation/SKU')), channelProduct: item },
    ...{ listingKey: `${item}:${text(line, value('Variation/SKU'))}`, title: text(line, value('Item/Title')) },
    ...{ options: text(line, value('Variation/VariationTitle')), quantity, cancelled: '0', shipped: '0' },
    ...{ unitPrice: moneyToDecimal(price), gross, discount: NOTHING, net: gross },
    tax: requiredMoney(line, value('Taxes/TotalTaxAmount'), CURRENCY),
    role: 'single',
  }
}

function toParty(doc: unknown): Party {
  const of = (name: string): string => text(doc, `/Order${value(`ShippingAddress/${name}`)}`)
  const email = optionalText(doc, `/Order/TransactionArray/0/Transaction/0${value('Buyer/Email')}`)
  return {
    ...{ name: of('Name'), phone: of('Phone'), country: of('Country'), province: of('StateOrProvince'), city: of('CityName') },
    ...{ address: of('Street1'), postcode: of('PostalCode'), ...(email !== undefined && { email }) },
  }
}
