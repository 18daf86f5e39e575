import { MappingError } from '../src/core/fault.ts'
import type { Mapped, Mapping } from '../src/core/mapping.ts'
import type { ChannelShipment, Discount, Order, Party, Payment } from '../src/core/order.ts'
import { amount, CNY } from './parts/cny.ts'
import { fen, requiredFen, requiredTime, time } from './parts/fen-ms.ts'
import { list, optionalText, requiredText } from './parts/read.ts'
import { linesOf, type Line } from './xiaohongshu/lines.ts'
import { refundOf } from './xiaohongshu/refund.ts'
import { isSplit, readState, type State } from './xiaohongshu/state.ts'

/** An order of `order.getOrderDetail` or an after-sale of `afterSale.getAfterSaleInfo` → canonical. Prices hold their tax. */
export const xiaohongshu: Mapping = {
  channel: 'xiaohongshu',
  version: 1,
  map: (raw) => (raw.kind === 'refund' ? refundOf(raw) : mapOrder(raw.doc)),
}

function mapOrder(doc: unknown): Mapped {
  const state = readState(doc)
  const lines = linesOf(doc, state)
  const totals = totalsOf(doc, lines, state)
  const [paidAt, shipBy] = [time(doc, '/paidTime'), time(doc, '/promiseLastDeliveryTime')]
  const [buyerNote, sellerNote, buyer] = [optionalText(doc, '/customerRemark'), optionalText(doc, '/sellerRemark'), optionalText(doc, '/userId')]
  return {
    kind: 'order',
    order: {
      channelOrderNo: requiredText(doc, '/orderId'),
      type: ['2', '3', '4'].includes(optionalText(doc, '/orderType') ?? '') ? 'presale' : 'normal',
      fulfilmentBy: 'merchant',
      sourceStatus: state.status,
      payment: state.payment,
      fulfilment: state.fulfilment,
      afterSale: state.afterSale,
      ...(state.failed && !state.sent ? { cancelled: state.paid ? { reason: 'refunded' } : {} } : {}),
      ...(state.cancelRequest ? { cancelRequest: {} } : {}),
      closed: state.closed,
      placedAt: requiredTime(doc, '/createdTime'),
      ...(paidAt === undefined ? {} : { paidAt }),
      ...(shipBy === undefined ? {} : { shipBy }),
      sourceUpdatedAt: requiredTime(doc, '/updateTime'),
      sourceTz: 'Asia/Shanghai',
      sourcePrecision: 'ms',
      currency: CNY,
      taxIncluded: true,
      totals,
      lines: lines.map(({ line }) => line),
      discounts: discountsOf(lines),
      payments: paymentsOf(doc, state, totals.total.minor),
      refunds: [],
      shipments: shipmentsOf(doc, state),
      // Names, numbers and streets come by another call for who has its permission; the order holds what asks for them.
      piiMode: 'token',
      ...recipientOf(doc),
      ...(buyer === undefined ? {} : { buyerRef: buyer }),
      ...(buyerNote === undefined ? {} : { buyerNote }),
      ...(sellerNote === undefined ? {} : { sellerNote }),
      isCod: false,
      couponCodes: [],
      extra: extraOf(doc),
    },
  }
}

const sum = (amounts: readonly number[]): number => amounts.reduce((all, one) => all + one, 0)

/** What was paid is the goods and the postage; import tax comes on top where it does. A total that these do not explain holds the order. */
function totalsOf(doc: unknown, lines: readonly Line[], state: State): Order['totals'] {
  const items = sum(lines.map(({ line }) => line.net.minor))
  const shipping = fen(doc, '/totalShippingFree')
  const total = requiredFen(doc, '/totalPayAmount')
  const duties = sum(list(doc, '/skuList').map(({ value }) => fen(value, '/totalTaxAmount')))
  const rest = total - items - shipping
  if (rest !== 0 && rest !== duties)
    throw new MappingError('total-mismatch', 'Goods, postage and tax do not explain what was paid for this order.', '/totalPayAmount')
  return {
    items: amount(items),
    discount: amount(sum(lines.map(({ line }) => line.discount.minor))),
    unallocatedDiscount: amount(0),
    shipping: amount(shipping),
    shippingDiscount: amount(0),
    fees: amount(0),
    duties: amount(rest),
    tax: amount(0),
    rounding: amount(0),
    total: amount(total),
    paid: amount(state.paid ? total : 0),
    // After it has left, the postage is spent. Single refunds are documents of their own.
    refunded: amount(state.failed && state.paid ? (state.sent ? total - shipping : total) : 0),
  }
}

/** Each line says what the seller and what the platform gave. */
function discountsOf(lines: readonly Line[]): readonly Discount[] {
  return lines.flatMap(({ line: { lineNo }, bySeller, byPlatform }) =>
    (
      [
        ['seller', bySeller],
        ['channel', byPlatform],
      ] as const
    ).flatMap(([funder, minor]): readonly Discount[] =>
      minor === 0 ? [] : [{ scope: 'line', funder, kind: 'other', amount: amount(minor), allocations: [{ lineNo, amount: amount(minor) }] }],
    ),
  )
}

const METHODS: ReadonlyMap<string, string> = new Map([
  ['1', 'alipay'],
  ['2', 'wechat'],
  ['3', 'apple'],
  ['4', 'apple-pay'],
  ['5', 'huabei'],
  ['7', 'alipay'],
  ['8', 'unionpay'],
])

function paymentsOf(doc: unknown, state: State, total: number): readonly Payment[] {
  const at = time(doc, '/paidTime')
  if (total === 0) return []
  return [
    {
      kind: 'capture',
      method: METHODS.get(optionalText(doc, '/paymentType') ?? '') ?? 'xiaohongshu',
      amount: amount(total),
      ...(at === undefined ? {} : { at }),
      status: state.paid ? 'done' : state.failed ? 'failed' : 'pending',
    },
  ]
}

/** Of an order that left in parts each with its SKUs; else the one number of the order, with everything. */
function shipmentsOf(doc: unknown, state: State): readonly ChannelShipment[] {
  const at = time(doc, '/deliveryTime')
  const lines = list(doc, '/skuList').map(({ value }) => ({
    sku: requiredText(value, '/skuId'),
    quantity: requiredText(value, '/skuQuantity'),
  }))
  const packages = isSplit(doc)
    ? list(doc, '/simpleDeliveryOrderList').map(({ value }) => ({ value, skus: list(value, '/skuIdList').map((each) => String(each.value)) }))
    : [{ value: doc, skus: lines.map(({ sku }) => sku) }]
  return packages.flatMap(({ value, skus }): readonly ChannelShipment[] => {
    const trackingNo = optionalText(value, '/expressTrackingNo')
    if (trackingNo === undefined) return []
    const carrier = optionalText(value, '/expressCompanyCode')
    return [
      {
        channelShipmentNo: optionalText(value, '/deliveryOrderIndex') ?? trackingNo,
        ...(carrier === undefined ? {} : { carrier }),
        trackingNo,
        state: state.fulfilment === 'delivered' ? 'delivered' : 'shipped',
        ...(at === undefined ? {} : { at }),
        lines: lines.filter(({ sku }) => skus.includes(sku)).map(({ sku, quantity }) => ({ channelLineNo: sku, quantity })),
      },
    ]
  })
}

function recipientOf(doc: unknown): Pick<Order, 'recipient'> {
  const of = (name: string): string | undefined => optionalText(doc, name)
  const province = of('/receiverProvinceName')
  const values: Record<string, string | undefined> = {
    country: province === undefined ? undefined : 'CN',
    province,
    city: of('/receiverCityName'),
    district: of('/receiverDistrictName'),
    channelId: of('/openAddressId'),
  }
  const recipient: Party = Object.fromEntries(Object.entries(values).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])))
  return Object.keys(recipient).length === 0 ? {} : { recipient }
}

function extraOf(doc: unknown): Order['extra'] {
  const own = (pointer: string): string | undefined => {
    const value = optionalText(doc, pointer)
    return value === '0' ? undefined : value
  }
  const tags = list(doc, '/orderTagList').map(({ value }) => String(value))
  const named = {
    originalOrderId: own('/originalOrderId'),
    logistics: own('/logistics'),
    whcode: own('/whcode'),
    merchantReceives: own('/merchantActualReceiveAmount'),
    changedPrice: own('/totalChangePriceAmount'),
    payChannelDiscount: own('/outPromotionAmount'),
    deposit: own('/totalDepositAmount'),
    tags: tags.length === 0 ? undefined : tags.join(','),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}
