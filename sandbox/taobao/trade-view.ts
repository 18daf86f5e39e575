import { personAt } from '../stage/people.ts'
import type { MarketLine, MarketOrder, MarketRefund, MarketShipment, MarketSku } from '../stage/market/model.ts'
import { goodsGross, lineNet, ownNet, paidOf, payable, refundedOf, skuCode } from '../stage/market/sums.ts'
import { int, stamp, yuan } from './wire.ts'
import { lineStatus, REFUND_STATUS, tradeStatus, tradeType, type TaobaoShop } from './words.ts'

type Doc = Readonly<Record<string, unknown>>

/** Only what was asked for; a parent stands for all of its children. */
export function pick(doc: Doc, fields: string): Doc {
  const wanted = new Set(fields.split(',').map((name) => name.trim().split('.')[0] ?? ''))
  return Object.fromEntries(Object.entries(doc).filter(([name, value]) => wanted.has(name) && value !== undefined))
}

const OAID_NEEDS = ['receiver_name', 'receiver_mobile', 'receiver_phone', 'receiver_address', 'created']

/** The recipient's id: differs by shop, app and calendar week, so it never stands for a person. */
function oaidOf(shop: TaobaoShop, trade: MarketOrder): string {
  const week = Math.floor(trade.createdAt / 604_800_000)
  return `1${Buffer.from(`${shop.settings.appKey}/${shop.settings.nick}/${week}/${trade.person}`).toString('base64url')}`
}

/** `full`: as the call for one trade shows it; lists lack notes and the names of reductions. */
export function tradeView(
  shop: TaobaoShop,
  trade: MarketOrder,
  request: { readonly fields: string; readonly full: boolean; readonly oaid: boolean },
): Doc {
  const named = new Set(request.fields.split(',').map((name) => name.trim()))
  const withOaid = OAID_NEEDS.every((name) => named.has(name)) && (!request.full || request.oaid)
  const off = trade.promotions.filter((each) => each.lineId === undefined).reduce((sum, each) => sum + each.minor, 0)
  const [only] = trade.lines.length === 1 ? trade.lines : []
  const doc = {
    tid: int(trade.id),
    type: tradeType(trade),
    status: tradeStatus(shop, trade),
    created: stamp(trade.createdAt),
    pay_time: time(trade.paidAt),
    modified: stamp(trade.modifiedAt),
    consign_time: time(trade.shippedAt),
    end_time: time(trade.closedAt ?? trade.finishedAt),
    payment: yuan(payable(trade)),
    total_fee: yuan(goodsGross(trade)),
    discount_fee: yuan(off),
    adjust_fee: yuan(only?.adjustMinor ?? 0),
    post_fee: yuan(trade.shippingMinor),
    buyer_cod_fee: yuan(trade.otherFeeMinor),
    received_payment: yuan(receivedOf(trade)),
    num: only?.quantity ?? 0,
    step_trade_status: trade.presale && (trade.presale.restPaid ? 'FRONT_PAID_FINAL_PAID' : 'FRONT_PAID_FINAL_NOPAID'),
    step_paid_fee: trade.presale && yuan(paidOf(trade)),
    shipping_type: trade.shippingMinor === 0 ? 'free' : 'express',
    seller_nick: shop.settings.nick,
    buyer_nick: `t**${trade.person % 10}`,
    buyer_open_uid: `AAH${(trade.person * 7919).toString(36)}sandbox`,
    ...(withOaid ? { oaid: oaidOf(shop, trade) } : {}),
    ...receiver(trade),
    ...(request.full ? {} : { has_buyer_message: trade.buyerNote !== '' }),
    seller_flag: trade.flag,
    orders: { order: trade.lines.map((line) => lineView(trade, line)) },
    ...(request.full ? more(trade) : {}),
  }
  return pick(doc, request.fields)
}

/** What lists never show, whatever they are asked. */
const more = (trade: MarketOrder): Doc => ({
  is_part_consign: trade.state === 'part-shipped',
  has_post_fee: trade.shippingMinor > 0,
  ...(trade.otherFeeMinor === 0 ? {} : { buyer_cod_fee: yuan(trade.otherFeeMinor), cod_status: 'NEW_CREATED' }),
  ...(trade.presale ? { send_time: stamp(trade.createdAt + 1_296_000_000) } : {}),
  ...(trade.buyerNote === '' ? {} : { buyer_message: trade.buyerNote }),
  ...(trade.sellerNote === '' ? {} : { seller_memo: trade.sellerNote }),
  ...(trade.promotions.length === 0
    ? {}
    : {
        promotion_details: {
          promotion_detail: trade.promotions.map((each) => ({
            id: int(each.lineId ?? trade.id),
            promotion_name: each.title,
            promotion_id: each.id,
            discount_fee: yuan(each.minor),
          })),
        },
      }),
})

/** After the end: what the buyer paid less what went back. Before it: what was confirmed, which here is nothing. */
const receivedOf = (trade: MarketOrder): number =>
  trade.paidAt !== undefined && (trade.state === 'finished' || trade.state === 'closed') ? payable(trade) - refundedOf(trade) : 0

const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : stamp(ms))

/** Names, numbers and streets are masked; province, city and district are not. */
/** What stands behind an id, for the trade it belongs to. */
export function openReceiver(shop: TaobaoShop, trade: MarketOrder, oaid: string): Doc {
  const person = personAt(trade.person)
  const { receiver_state, receiver_city, receiver_district, receiver_town } = receiver(trade)
  return {
    oaid,
    tid: trade.id,
    matched: oaid === oaidOf(shop, trade),
    name: `${person.lastName}${person.firstName}`,
    mobile: `188${String(10_000_000 + trade.person).slice(-8)}-${String(100 + (trade.person % 900))}`,
    phone: '',
    country: '中国',
    state: receiver_state,
    city: receiver_city,
    district: receiver_district,
    town: receiver_town,
    address_detail: person.line1,
    privacy_protection: true,
    secret_no_expire_time: stamp(shop.clock.now() + 30 * 86_400_000),
  }
}

function receiver(trade: MarketOrder): Doc {
  const person = personAt(trade.person)
  const inChina = person.country === 'CN'
  return {
    receiver_name: `${person.lastName.slice(0, 1)}**`,
    receiver_state: inChina ? '浙江省' : '上海',
    // Cities that are counties of their own stand in the district.
    receiver_city: trade.person % 9 === 4 ? '' : inChina ? '杭州市' : '上海市',
    receiver_district: inChina ? '余杭区' : '徐汇区',
    receiver_town: '',
    receiver_address: '文**路***',
    receiver_zip: '000000',
    receiver_mobile: '*******1234',
    receiver_phone: '',
  }
}

function lineView(trade: MarketOrder, line: MarketLine): Doc {
  const refund = trade.refunds.findLast((each) => each.lines.some((part) => part.line === line))
  const sent = trade.shipments.findLast((each) => each.state === 'sent' && each.lines.some((part) => part.line === line))
  return {
    oid: int(line.id),
    status: lineStatus(trade, line),
    refund_status: refund ? REFUND_STATUS[refund.state] : 'NO_REFUND',
    ...(refund ? { refund_id: int(refund.id) } : {}),
    title: line.item.title,
    num: line.quantity,
    price: yuan(line.priceMinor),
    total_fee: yuan(ownNet(line)),
    // The only line of a trade repeats what the trade says, postage and reductions of the trade included.
    payment: yuan(trade.lines.length === 1 ? payable(trade) : ownNet(line)),
    discount_fee: yuan(line.discountMinor),
    adjust_fee: yuan(line.adjustMinor),
    part_mjz_discount: yuan(line.sellerShareMinor),
    divide_order_fee: yuan(lineNet(line)),
    num_iid: int(line.item.id),
    ...(line.item.code === '' ? {} : { outer_iid: line.item.code }),
    ...(line.sku ? { sku_id: line.sku.id, outer_sku_id: line.sku.code, sku_properties_name: optionsOf(line.sku) } : {}),
    ...(sent
      ? { consign_time: stamp(sent.modifiedAt), logistics_company: sent.carrier.name, invoice_no: sent.tracking, shipping_type: 'express' }
      : {}),
  }
}

/** Ids and words of the options: "1627207:28340:颜色分类:黑色". */
export const propertiesOf = (sku: MarketSku): string =>
  sku.options.map(({ name, value }) => `1627207:2834${sku.id.slice(-1)}:${name}:${value}`).join(';')

const optionsOf = (sku: MarketSku): string => sku.options.map(({ name, value }) => `${name}:${value}`).join(';')

/** Every refund is of one line. */
export function refundView(refund: MarketRefund, fields: string): Doc {
  const { order: trade } = refund
  const line = refund.lines[0]?.line
  if (!line) return {}
  return pick(
    {
      refund_id: refund.id,
      tid: int(trade.id),
      oid: int(line.id),
      status: REFUND_STATUS[refund.state],
      order_status: lineStatus(trade, line),
      created: stamp(refund.createdAt),
      modified: stamp(refund.modifiedAt),
      refund_fee: yuan(refund.minor),
      payment: yuan(Math.max(0, lineNet(line) - refund.minor)),
      total_fee: yuan(lineNet(line)),
      num: line.quantity,
      has_good_return: refund.goodsBack,
      good_status: refund.goodsBack ? 'BUYER_RETURNED_GOODS' : 'BUYER_NOT_RECEIVED',
      reason: refund.reason,
      refund_phase: trade.state === 'finished' ? 'aftersale' : 'onsale',
      refund_version: refund.modifiedAt,
      title: line.item.title,
      outer_id: skuCode(line),
    },
    fields,
  )
}

/** A package of some lines is a split one. */
export function shippingView(shop: TaobaoShop, shipment: MarketShipment, fields: string): Doc {
  const isSplit = shipment.lines.length < shipment.order.lines.length
  return pick(
    {
      tid: int(shipment.order.id),
      order_code: shipment.id,
      out_sid: shipment.tracking,
      company_name: shipment.carrier.name,
      status: 'CREATED',
      type: 'express',
      seller_confirm: shipment.state === 'sent' ? 'yes' : 'no',
      created: stamp(shipment.createdAt),
      modified: stamp(shipment.modifiedAt),
      is_split: isSplit ? 1 : 0,
      sub_tids: isSplit ? { number: shipment.lines.map(({ line }) => int(line.id)) } : undefined,
      seller_nick: shop.settings.nick,
    },
    fields,
  )
}
