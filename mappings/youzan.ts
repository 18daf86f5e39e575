import type { Mapped, Mapping, RawDocument } from '../src/core/mapping.ts'
import type { Order, Payment } from '../src/core/order.ts'
import { amount, CNY, requiredTime } from './parts/cny.ts'
import { placeAt } from './parts/places.ts'
import { at, flag, list, optionalText, requiredText, text } from './parts/read.ts'
import { discountsOf } from './youzan/discounts.ts'
import { linesOf } from './youzan/lines.ts'
import { ORDER, time } from './youzan/read.ts'
import { pickupOf, recipientOf } from './youzan/recipient.ts'
import { refundOf } from './youzan/refund.ts'
import { readState, type State } from './youzan/state.ts'
import { totalsOf } from './youzan/totals.ts'

const INFO = `${ORDER}/order_info`

/** An order as `youzan.trade.get` or the list shows it, or a refund of `youzan.trade.refund.get` → canonical. Prices hold their tax. */
export const youzan: Mapping = {
  channel: 'youzan',
  version: 1,
  map: (raw) => (raw.kind === 'refund' ? { kind: 'refund', refund: refundOf(raw) } : mapOrder(raw)),
  places: { of: placeAt(`${ORDER}/order_info/node_kdt_id`, `${ORDER}/order_info/shop_name`) },
}

function mapOrder({ doc }: RawDocument): Mapped {
  const goods = linesOf(doc)
  const state = readState(doc, goods)
  const totals = totalsOf(doc, { goods, state })
  const paidAt = time(doc, `${INFO}/pay_time`)
  const shipBy = shipByOf(doc)
  const discounts = discountsOf(doc, goods)
  const buyerNote = noteOf(doc)
  const sellerNote = optionalText(doc, `${ORDER}/remark_info/trade_memo`)
  const order: Order = {
    channelOrderNo: requiredText(doc, `${INFO}/tid`),
    type: typeOf(doc),
    fulfilmentBy: fulfilmentBy(doc),
    sourceStatus: state.status,
    payment: state.payment,
    fulfilment: state.fulfilment,
    afterSale: state.afterSale,
    ...(state.cancelled === undefined ? {} : { cancelled: state.cancelled }),
    ...(state.cancelRequest === undefined ? {} : { cancelRequest: state.cancelRequest }),
    closed: state.closed,
    placedAt: requiredTime(doc, `${INFO}/created`),
    ...(paidAt === undefined ? {} : { paidAt }),
    ...(shipBy === undefined ? {} : { shipBy }),
    sourceUpdatedAt: time(doc, `${INFO}/update_time`) ?? requiredTime(doc, `${INFO}/created`),
    sourceTz: 'Asia/Shanghai',
    sourcePrecision: 's',
    currency: CNY,
    taxIncluded: true,
    totals,
    lines: goods.map(({ line }) => line),
    discounts,
    payments: paymentsOf(doc, state, totals.total.minor),
    refunds: [],
    shipments: state.shipments,
    ...recipientOf(doc),
    ...(buyerNote === undefined ? {} : { buyerNote }),
    ...(sellerNote === undefined ? {} : { sellerNote }),
    isCod: state.isCod,
    couponCodes: discounts.flatMap((discount) => (discount.kind === 'coupon' && discount.code !== undefined ? [discount.code] : [])),
    extra: extraOf(doc, state),
  }
  return { kind: 'order', order }
}

/** Kinds of orders that steer what is done with them (`order_info.type`); all others are goods to be sent. */
const TYPES: ReadonlyMap<string, Order['type']> = new Map([
  ['1', 'gift'],
  ['61', 'pos'],
  ['89', 'sample'],
  ['100', 'b2b'],
])

/** A sale at a till comes before everything; an order placed online and fetched in a branch is a pickup. */
function typeOf(doc: unknown): Order['type'] {
  if (flag(doc, `${ORDER}/source_info/is_offline_order`) || flag(doc, `${INFO}/order_tags/is_offline_order`)) return 'pos'
  const known = TYPES.get(text(doc, `${INFO}/type`))
  if (known === 'pos' || text(doc, `${INFO}/express_type`) !== '1') return known ?? (isPresale(doc) ? 'presale' : 'normal')
  return 'pickup'
}

const isPresale = (doc: unknown): boolean =>
  flag(doc, `${INFO}/order_tags/is_down_payment_pre`) || list(doc, `${ORDER}/orders`).some(({ value }) => text(value, '/is_pre_sale') === '1')

/** Lines a supplier of the shop sends himself (`item_type` 10). */
function fulfilmentBy(doc: unknown): Order['fulfilmentBy'] {
  const lines = list(doc, `${ORDER}/orders`)
  const bySupplier = lines.filter(({ value }) => text(value, '/item_type') === '10').length
  return bySupplier === 0 ? 'merchant' : bySupplier === lines.length ? 'supplier' : 'mixed'
}

/** Presales name the day their goods will leave, in seconds; the first one counts. */
function shipByOf(doc: unknown): string | undefined {
  const days = list(doc, `${ORDER}/orders`).flatMap(({ value }) => {
    const seconds = Number(text(value, '/expect_delivery_time'))
    return Number.isSafeInteger(seconds) && seconds > 0 && seconds < 1e11 ? [seconds] : []
  })
  return days.length === 0 ? undefined : `${new Date(Math.min(...days) * 1000).toISOString().slice(0, 19)}Z`
}

/** What the buyer wrote to the order and to each of its lines. */
function noteOf(doc: unknown): string | undefined {
  const lines = list(doc, `${ORDER}/orders`).map(({ value }) => optionalText(value, '/buyer_messages'))
  const said = [optionalText(doc, `${ORDER}/remark_info/buyer_message`), ...lines].filter(
    (each) => each !== undefined && !/^[[{]\s*[\]}]$/.test(each),
  )
  return said.length === 0 ? undefined : said.join('\n')
}

/** Gift and stored-value cards pay a part (`deduction_pay`, in fen); the rest came by the way of `pay_type_str`. */
function paymentsOf(doc: unknown, state: State, total: number): readonly Payment[] {
  if (total === 0) return []
  const paidAt = time(doc, `${INFO}/pay_time`)
  const status = state.paid ? 'done' : state.payment === 'voided' ? 'failed' : 'pending'
  const common = { status, ...(paidAt === undefined ? {} : { at: paidAt }) } as const
  const method = optionalText(doc, `${INFO}/pay_type_str`) ?? `type ${text(doc, `${INFO}/pay_type`)}`
  const id = optionalText(doc, `${ORDER}/pay_info/outer_transactions/0`) ?? optionalText(doc, `${ORDER}/pay_info/transaction/0`)
  const kind = state.isCod ? 'cod' : state.payment === 'authorised' ? 'authorisation' : 'capture'
  if (!state.paid && state.depositMinor > 0) return [{ kind: 'capture', method, amount: amount(state.depositMinor), status: 'done' }]
  const cards = Math.min(total, Number(text(doc, `${ORDER}/pay_info/deduction_pay`)) || 0)
  const byCard: readonly Payment[] = cards > 0 ? [{ kind: 'gift_card', method: 'stored value', amount: amount(cards), ...common }] : []
  const rest: Payment = { ...(id === undefined ? {} : { id }), kind, method, amount: amount(total - cards), ...common }
  return total > cards ? [rest, ...byCard] : byCard
}

/** Where the order was sold and is handed out, in the channel's words: which branch (`node`), which outlet (`offline`), by which door. */
function extraOf(doc: unknown, state: State): Order['extra'] {
  const own = (name: string): string | undefined => optionalText(doc, `${INFO}/${name}`)
  const real = (value: string | undefined): string | undefined => (value === '0' ? undefined : value)
  const named = {
    locationId: real(own('node_kdt_id')),
    locationName: own('shop_name'),
    locationNo: own('shop_display_no'),
    outletId: real(own('offline_id')),
    headOfficeId: real(own('root_kdt_id')),
    orderType: real(own('type')),
    delivery: DELIVERIES.get(text(doc, `${INFO}/express_type`)),
    orderMark: optionalText(doc, `${ORDER}/source_info/order_mark`),
    platform: optionalText(doc, `${ORDER}/source_info/source/platform`),
    activity: optionalText(doc, `${ORDER}/source_info/biz_source`),
    star: real(optionalText(doc, `${ORDER}/remark_info/star`)),
    // Paid, but a group still has to come about or somebody has to accept it.
    heldByChannel: state.payment === 'authorised' ? state.status : undefined,
    giftParts:
      at(doc, `${ORDER}/child_info/child_orders`) === undefined ? undefined : real(String(list(doc, `${ORDER}/child_info/child_orders`).length)),
    ...pickupOf(doc),
  }
  return Object.fromEntries(Object.entries(named).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])))
}

const DELIVERIES: ReadonlyMap<string, string> = new Map([
  ['1', 'pickup'],
  ['2', 'city'],
  ['9', 'none'],
])
