import { personAt } from '../stage/people.ts'
import type { TopLine, TopRefund, TopShipping, TopTrade } from './model.ts'
import { CLOSED, leftOf } from './operations.ts'
import { lineNet, paymentOf, type TaobaoShop } from './shop.ts'
import { int, stamp, yuan } from './wire.ts'

type Doc = Readonly<Record<string, unknown>>

/** Only what was asked for; a parent stands for all of its children. */
export function pick(doc: Doc, fields: string): Doc {
  const wanted = new Set(fields.split(',').map((name) => name.trim().split('.')[0] ?? ''))
  return Object.fromEntries(Object.entries(doc).filter(([name, value]) => wanted.has(name) && value !== undefined))
}

const OAID_NEEDS = ['receiver_name', 'receiver_mobile', 'receiver_phone', 'receiver_address', 'created']

/** The recipient's id: differs by shop, app and calendar week, so it never stands for a person. */
function oaidOf(shop: TaobaoShop, trade: TopTrade): string {
  const week = Math.floor(trade.createdAt / 604_800_000)
  return `1${Buffer.from(`${shop.settings.appKey}/${shop.settings.nick}/${week}/${trade.person}`).toString('base64url')}`
}

/** `full`: as the call for one trade shows it; lists lack notes and the names of reductions. */
export function tradeView(
  shop: TaobaoShop,
  trade: TopTrade,
  request: { readonly fields: string; readonly full: boolean; readonly oaid: boolean },
): Doc {
  const named = new Set(request.fields.split(',').map((name) => name.trim()))
  const withOaid = OAID_NEEDS.every((name) => named.has(name)) && (!request.full || request.oaid)
  const off = trade.promotions.filter((each) => each.oid === undefined).reduce((sum, each) => sum + each.minor, 0)
  const [only] = trade.lines.length === 1 ? trade.lines : []
  const doc = {
    tid: int(trade.tid),
    type: trade.type,
    status: trade.status,
    created: stamp(trade.createdAt),
    pay_time: trade.payAt === undefined ? undefined : stamp(trade.payAt),
    modified: stamp(trade.modifiedAt),
    consign_time: trade.consignedAt === undefined ? undefined : stamp(trade.consignedAt),
    end_time: trade.endAt === undefined ? undefined : stamp(trade.endAt),
    payment: yuan(paymentOf(trade)),
    total_fee: yuan(trade.lines.reduce((sum, line) => sum + line.priceMinor * line.num, 0)),
    discount_fee: yuan(off),
    adjust_fee: yuan(only?.adjustMinor ?? 0),
    post_fee: yuan(trade.postMinor),
    buyer_cod_fee: yuan(trade.codFeeMinor),
    received_payment: yuan(receivedOf(shop, trade)),
    num: only?.num ?? 0,
    step_trade_status: trade.step?.status,
    step_paid_fee: trade.step && yuan(stepPaid(trade)),
    shipping_type: trade.postMinor === 0 ? 'free' : 'express',
    seller_nick: shop.settings.nick,
    buyer_nick: `t**${trade.person % 10}`,
    buyer_open_uid: `AAH${(trade.person * 7919).toString(36)}sandbox`,
    ...(withOaid ? { oaid: oaidOf(shop, trade) } : {}),
    ...receiver(trade),
    ...(request.full ? {} : { has_buyer_message: trade.buyerMessage !== '' }),
    seller_flag: trade.sellerFlag,
    orders: { order: trade.lines.map((line) => lineView(trade, line)) },
    ...(request.full ? more(trade) : {}),
  }
  return pick(doc, request.fields)
}

/** What lists never show, whatever they are asked. */
const more = (trade: TopTrade): Doc => ({
  is_part_consign: trade.status === 'SELLER_CONSIGNED_PART',
  has_post_fee: trade.postMinor > 0,
  ...(trade.codFeeMinor === 0 ? {} : { buyer_cod_fee: yuan(trade.codFeeMinor), cod_status: 'NEW_CREATED' }),
  ...(trade.step ? { send_time: stamp(trade.createdAt + 1_296_000_000) } : {}),
  ...(trade.buyerMessage === '' ? {} : { buyer_message: trade.buyerMessage }),
  ...(trade.sellerMemo === '' ? {} : { seller_memo: trade.sellerMemo }),
  ...(trade.promotions.length === 0
    ? {}
    : {
        promotion_details: {
          promotion_detail: trade.promotions.map((each) => ({
            id: int(each.oid ?? trade.tid),
            promotion_name: each.name,
            promotion_id: each.id,
            discount_fee: yuan(each.minor),
          })),
        },
      }),
})

/** After the end: what the buyer paid less what went back. Before it: what was confirmed, which here is nothing. */
function receivedOf(shop: TaobaoShop, trade: TopTrade): number {
  if (trade.payAt === undefined || (trade.status !== 'TRADE_FINISHED' && trade.status !== 'TRADE_CLOSED')) return 0
  const back = [...shop.refunds.values()].filter((refund) => refund.trade === trade && refund.status === 'SUCCESS')
  return paymentOf(trade) - back.reduce((sum, refund) => sum + refund.minor, 0)
}

function stepPaid(trade: TopTrade): number {
  if (trade.step?.status === 'FRONT_PAID_FINAL_PAID') return paymentOf(trade)
  return trade.step?.status === 'FRONT_PAID_FINAL_NOPAID' ? trade.step.depositMinor : 0
}

/** Names, numbers and streets are masked; province, city and district are not. */
function receiver(trade: TopTrade): Doc {
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

function lineView(trade: TopTrade, line: TopLine): Doc {
  const own = line.priceMinor * line.num + line.adjustMinor - line.discountMinor
  return {
    oid: int(line.oid),
    status: line.status,
    refund_status: line.refundStatus,
    ...(line.refundId === '' ? {} : { refund_id: int(line.refundId) }),
    title: line.item.title,
    num: line.num,
    price: yuan(line.priceMinor),
    total_fee: yuan(own),
    // The only line of a trade repeats what the trade says, postage and reductions of the trade included.
    payment: yuan(trade.lines.length === 1 ? paymentOf(trade) : own),
    discount_fee: yuan(line.discountMinor),
    adjust_fee: yuan(line.adjustMinor),
    part_mjz_discount: yuan(line.partMinor),
    divide_order_fee: yuan(lineNet(line)),
    num_iid: int(line.item.numIid),
    ...(line.item.outerId === '' ? {} : { outer_iid: line.item.outerId }),
    ...(line.sku ? { sku_id: line.sku.skuId, outer_sku_id: line.sku.outerId, sku_properties_name: optionsOf(line.sku.properties) } : {}),
    ...(line.consignedAt === undefined
      ? {}
      : { consign_time: stamp(line.consignedAt), logistics_company: line.company, invoice_no: line.invoice, shipping_type: 'express' }),
  }
}

/** "1627207:28341:颜色:黑色" → "颜色:黑色" */
const optionsOf = (properties: string): string =>
  properties
    .split(';')
    .map((each) => each.split(':').slice(2).join(':'))
    .join(';')

export function refundView(refund: TopRefund, fields: string): Doc {
  const { line, trade } = refund
  return pick(
    {
      refund_id: refund.refundId,
      tid: int(trade.tid),
      oid: int(line.oid),
      status: refund.status,
      order_status: line.status,
      created: stamp(refund.createdAt),
      modified: stamp(refund.modifiedAt),
      refund_fee: yuan(refund.minor),
      payment: yuan(Math.max(0, lineNet(line) - refund.minor)),
      total_fee: yuan(lineNet(line)),
      num: line.num,
      has_good_return: refund.goodsBack,
      good_status: refund.goodsBack ? 'BUYER_RETURNED_GOODS' : 'BUYER_NOT_RECEIVED',
      reason: refund.reason,
      refund_phase: trade.endAt !== undefined && !CLOSED.has(trade.status) ? 'aftersale' : 'onsale',
      refund_version: refund.modifiedAt,
      title: line.item.title,
      outer_id: line.sku?.outerId ?? line.item.outerId,
    },
    fields,
  )
}

export function shippingView(shop: TaobaoShop, shipping: TopShipping, fields: string): Doc {
  return pick(
    {
      tid: int(shipping.tid),
      order_code: shipping.orderCode,
      out_sid: shipping.outSid,
      company_name: shipping.company,
      status: shipping.status,
      type: 'express',
      seller_confirm: shipping.confirmed ? 'yes' : 'no',
      created: stamp(shipping.createdAt),
      modified: stamp(shipping.modifiedAt),
      is_split: shipping.split ? 1 : 0,
      sub_tids: shipping.split ? { number: shipping.lines.map((line) => int(line.oid)) } : undefined,
      seller_nick: shop.settings.nick,
    },
    fields,
  )
}

export const refundable = (shop: TaobaoShop, trade: TopTrade): readonly TopLine[] => trade.lines.filter((line) => leftOf(shop, line) > 0)
