import type { MarketLine, MarketOrder, MarketRefund } from '../stage/market/model.ts'
import { statusOf } from '../stage/market/shop.ts'
import { discountOf, grossOf, lineNet, paidOf, payable, refundedOf, total } from '../stage/market/sums.ts'
import { fulfilmentsOf } from './fulfilment-views.ts'
import { iso } from './wire.ts'
import { idLike, moneyOf, REFUND_STATUS, taxInside, variationName, type Doc, type SquareShop } from './words.ts'

/** A sale at the till is paid and taken along at once. */
const isTill = (order: MarketOrder): boolean => order.kind === 'pos'
const TAX = 'vat'

export function orderView(shop: SquareShop, order: MarketOrder): Doc {
  const money = moneyOf(shop)
  const due = payable(order) - paidOf(order)
  const tip = isTill(order) ? order.otherFeeMinor : 0
  const [tax, discount] = [total(order.lines.map((line) => taxInside(lineNet(line)))), discountOf(order)]
  const charges = payable(order) - total(order.lines.map(lineNet)) - tip
  const end = order.closedAt ?? order.finishedAt ?? (order.state === 'shipped' ? order.shippedAt : undefined)
  const back = refundedOf(order)
  return {
    id: order.id,
    location_id: shop.settings.locationId,
    source: { name: isTill(order) ? 'Point of Sale' : 'Square Online' },
    customer_id: idLike('customer', order.person, 26),
    line_items: order.lines.map((line) => lineView(shop, order, line)),
    taxes: [{ uid: TAX, name: 'VAT', percentage: '20', type: 'INCLUSIVE', scope: 'ORDER', applied_money: money(tax) }],
    discounts: discountsOf(shop, order),
    ...(charges === 0 ? {} : { service_charges: chargesOf(shop, order) }),
    ...(isTill(order) ? {} : { fulfillments: fulfilmentsOf(shop, order) }),
    ...(order.refunds.length === 0 ? {} : { refunds: order.refunds.map((refund) => refundOf(shop, refund)) }),
    ...(order.paidAt === undefined ? {} : { tenders: [tenderOf(shop, order, tip)] }),
    net_amounts: {
      total_money: money(payable(order) - back),
      tax_money: money(tax),
      discount_money: money(discount),
      tip_money: money(tip),
      service_charge_money: money(charges),
    },
    ...(order.sellerNote === '' ? {} : { ticket_name: order.sellerNote.slice(0, 30) }),
    created_at: iso(order.createdAt),
    updated_at: iso(order.modifiedAt),
    ...(end === undefined ? {} : { closed_at: iso(end) }),
    state: statusOf(shop.rules, order),
    version: shop.versions.get(order.id) ?? 1,
    total_money: money(payable(order)),
    total_tax_money: money(tax),
    total_discount_money: money(discount),
    total_tip_money: money(tip),
    total_service_charge_money: money(charges),
    net_amount_due_money: money(due),
  }
}

/** What was taken off one line: by its own promotion, by the seller's hand, and its shares of what was taken off everything. */
function cutsOf(order: MarketOrder, line: MarketLine): readonly { readonly uid: string; readonly minor: number }[] {
  const own = order.promotions.find((each) => each.lineId === line.id)
  const whole = (funder: string): string => order.promotions.find((each) => each.lineId === undefined && each.funder === funder)?.id ?? funder
  const all = [
    { uid: own?.id ?? '', minor: line.discountMinor },
    { uid: whole('seller'), minor: line.sellerShareMinor },
    { uid: whole('channel'), minor: line.channelShareMinor },
    { uid: `manual-${line.id}`, minor: Math.max(0, -line.adjustMinor) },
  ]
  return all.filter((each) => each.minor !== 0)
}

function lineView(shop: SquareShop, order: MarketOrder, line: MarketLine): Doc {
  const money = moneyOf(shop)
  const raised = Math.max(0, line.adjustMinor)
  return {
    uid: line.id,
    name: line.item.title,
    quantity: String(line.quantity),
    catalog_object_id: line.sku?.id ?? line.item.id,
    catalog_version: 1,
    variation_name: variationName(line.sku),
    item_type: 'ITEM',
    base_price_money: money(line.priceMinor),
    variation_total_price_money: money(grossOf(line)),
    ...(raised === 0
      ? {}
      : { modifiers: [{ uid: `raised-${line.id}`, name: 'Extra', base_price_money: money(raised), total_price_money: money(raised) }] }),
    gross_sales_money: money(grossOf(line) + raised),
    total_tax_money: money(taxInside(lineNet(line))),
    total_discount_money: money(total(cutsOf(order, line).map((cut) => cut.minor))),
    total_money: money(lineNet(line)),
    total_service_charge_money: money(0),
    applied_taxes: [{ uid: `tax-${line.id}`, tax_uid: TAX, applied_money: money(taxInside(lineNet(line))) }],
    applied_discounts: cutsOf(order, line).map((cut, i) => ({ uid: `cut-${i}-${line.id}`, discount_uid: cut.uid, applied_money: money(cut.minor) })),
  }
}

function discountsOf(shop: SquareShop, order: MarketOrder): readonly Doc[] {
  const money = moneyOf(shop)
  const fixed = (uid: string, name: string, minor: number, scope: string): Doc => ({
    uid,
    name,
    type: 'FIXED_AMOUNT',
    amount_money: money(minor),
    applied_money: money(minor),
    scope,
  })
  return [
    ...order.promotions.map((each) => fixed(each.id, each.title, each.minor, each.lineId === undefined ? 'ORDER' : 'LINE_ITEM')),
    ...order.lines.filter((line) => line.adjustMinor < 0).map((line) => fixed(`manual-${line.id}`, 'Price change', -line.adjustMinor, 'LINE_ITEM')),
  ]
}

function chargesOf(shop: SquareShop, order: MarketOrder): readonly Doc[] {
  const money = moneyOf(shop)
  const charge = (name: string, minor: number): readonly Doc[] =>
    minor === 0
      ? []
      : [
          {
            uid: idLike(name, order.id, 22),
            name,
            amount_money: money(minor),
            applied_money: money(minor),
            total_money: money(minor),
            total_tax_money: money(0),
            calculation_phase: 'TOTAL_PHASE',
            taxable: false,
            type: 'CUSTOM',
          },
        ]
  return [...charge('Shipping', order.shippingMinor), ...(isTill(order) ? [] : charge('Handling', order.otherFeeMinor))]
}

function tenderOf(shop: SquareShop, order: MarketOrder, tip: number): Doc {
  const money = moneyOf(shop)
  const isCash = isTill(order) && order.seq % 3 === 0
  const [all, note] = [payable(order), Math.ceil(payable(order) / 1000) * 1000]
  return {
    id: idLike('tender', order.id),
    location_id: shop.settings.locationId,
    transaction_id: order.id,
    created_at: iso(order.paidAt ?? order.createdAt),
    amount_money: money(all),
    ...(tip === 0 ? {} : { tip_money: money(tip) }),
    type: isCash ? 'CASH' : 'CARD',
    ...(isCash
      ? { cash_details: { buyer_tendered_money: money(note), change_back_money: money(note - all) } }
      : { card_details: { status: 'CAPTURED', entry_method: isTill(order) ? 'EMV' : 'KEYED' } }),
    payment_id: idLike('payment', order.id),
  }
}

const refundOf = (shop: SquareShop, refund: MarketRefund): Doc => ({
  id: idLike('refund', refund.id),
  location_id: shop.settings.locationId,
  transaction_id: refund.order.id,
  tender_id: idLike('tender', refund.order.id),
  created_at: iso(refund.createdAt),
  reason: refund.reason,
  amount_money: moneyOf(shop)(refund.minor),
  status: REFUND_STATUS[refund.state],
})

/** As the list of refunds shows it; its order is the return. */
export const paymentRefundView = (shop: SquareShop, refund: MarketRefund): Doc => ({
  id: `${idLike('payment', refund.order.id)}_${idLike('refund', refund.id)}`,
  status: refund.state === 'done' ? 'COMPLETED' : REFUND_STATUS[refund.state],
  location_id: shop.settings.locationId,
  amount_money: moneyOf(shop)(refund.minor),
  payment_id: idLike('payment', refund.order.id),
  order_id: refund.id,
  reason: refund.reason,
  created_at: iso(refund.createdAt),
  updated_at: iso(refund.modifiedAt),
})

/** Goods taken back, or an amount of money alone, as an order of its own. */
export function returnView(shop: SquareShop, refund: MarketRefund): Doc {
  const money = moneyOf(shop)
  const isItemized = refund.lines.some((part) => part.quantity > 0)
  const lines = refund.lines
    .filter((part) => part.quantity > 0)
    .map(({ line, quantity, minor }) => ({
      uid: idLike('returned', `${refund.id}/${line.id}`, 22),
      source_line_item_uid: line.id,
      name: line.item.title,
      quantity: String(quantity),
      catalog_object_id: line.sku?.id ?? line.item.id,
      variation_name: variationName(line.sku),
      item_type: 'ITEM',
      base_price_money: money(line.priceMinor),
      gross_return_money: money(minor),
      total_money: money(minor),
    }))
  const custom = {
    uid: idLike('returned', refund.id, 22),
    quantity: '1',
    item_type: 'CUSTOM_AMOUNT',
    base_price_money: money(refund.minor),
    total_money: money(refund.minor),
  }
  const charge = {
    uid: idLike('charge', refund.id, 22),
    name: 'Shipping',
    amount_money: money(refund.feesMinor),
    total_money: money(refund.feesMinor),
  }
  return {
    id: refund.id,
    location_id: shop.settings.locationId,
    source: { name: 'Point of Sale' },
    returns: [
      {
        uid: idLike('return-uid', refund.id, 22),
        source_order_id: refund.order.id,
        return_line_items: isItemized ? lines : [custom],
        ...(isItemized && refund.feesMinor > 0 ? { return_service_charges: [charge] } : {}),
      },
    ],
    return_amounts: { total_money: money(refund.minor) },
    net_amounts: { total_money: money(-refund.minor) },
    refunds: [refundOf(shop, refund)],
    created_at: iso(refund.createdAt),
    updated_at: iso(refund.modifiedAt),
    closed_at: iso(refund.modifiedAt),
    state: 'COMPLETED',
    version: 1,
    total_money: money(0),
  }
}
