import type { FaultPlan } from '../stage/faults.ts'
import type { Done, ShipInput, ShopControl } from '../stage/shop-control.ts'
import { createTrickle } from '../stage/trickle.ts'
import { COMPANIES, type TopTrade } from './model.ts'
import { closeUnpaid, consign, finish, leftOf, makeRefund, moveStock, pay, stockOf } from './operations.ts'
import { addItem, placeTrade, randomCart, refundWhole, seedItems, seedTrades, sellable, type TradeInput } from './seed.ts'
import { touch, type TaobaoShop } from './shop.ts'

export interface TaobaoControl extends ShopControl {
  addItem(input: Parameters<typeof addItem>[1]): void
  /** A precise trade; refused when the shelf is too empty. */
  placeTrade(input: TradeInput): Done
  pay(orderId: string): Done
  /** The second payment of a presale. */
  payRest(orderId: string): Done
  finish(orderId: string): Done
  /** The buyer asks for one sub-order's money. */
  requestRefund(orderId: string, lineNo: number): Done
  /** An online logistics order without a number, as made by hand in the seller's backend. */
  beginOnline(orderId: string): Done
  setStatus(orderId: string, status: string): Done
  expireTokens(): void
  revoke(on: boolean): void
  renewals(): number
  listLag(ms: number): void
  oddPaging(kind: 'repeat' | 'empty-middle' | 'none'): void
  strangeStatus(orderId: string): Done
  refuseStock(sku: string): void
}

export function createControl(shop: TaobaoShop, faults: FaultPlan): TaobaoControl {
  const withTrade = (orderId: string, change: (trade: TopTrade) => string | void): Done => {
    const trade = shop.trades.get(orderId)
    const reason = trade ? change(trade) : `No trade ${orderId}.`
    return typeof reason === 'string' ? { ok: false, reason } : { ok: true, orderId }
  }
  const place = (input: TradeInput): Done => {
    const made = placeTrade(shop, input)
    return typeof made === 'string' ? { ok: false, reason: made } : { ok: true, orderId: made.tid }
  }
  const control: TaobaoControl = {
    addItem: (input) => void addItem(shop, input),
    placeTrade: place,
    shop: (lines) => place(lines ? { lines } : randomCart(shop)),
    pay: (id) => withTrade(id, (trade) => pay(shop, trade)),
    payRest: (id) => withTrade(id, (trade) => payRest(shop, trade)),
    finish: (id) => withTrade(id, (trade) => finish(shop, trade)),
    edit: (id) => withTrade(id, (trade) => note(shop, trade)),
    setStatus: (id, status) => withTrade(id, (trade) => setStatus(shop, trade, status)),
    strangeStatus: (id) => withTrade(id, (trade) => setStatus(shop, trade, 'WAIT_MOON_PHASE')),
    cancelOrder: (id) => withTrade(id, (trade) => cancel(shop, trade)),
    requestCancel: (id) => withTrade(id, (trade) => requestAll(shop, trade)),
    requestRefund: (id, lineNo) => withTrade(id, (trade) => request(shop, trade, lineNo - 1)),
    refund: (id, minor) => withTrade(id, (trade) => refund(shop, trade, minor)),
    ship: (id, input) => withTrade(id, (trade) => ship(shop, trade, input ?? {})),
    beginOnline: (id) =>
      withTrade(
        id,
        (trade) => void consign(shop, trade, { lines: trade.lines, company: '顺丰速运', outSid: '', split: false, pending: true, by: 'seller' }),
      ),
    setStock(code, quantity) {
      const place = sellable(shop).find((each) => each.code === code)
      if (place) moveStock(shop, place.item, place.sku, { to: quantity, cause: 'set', by: 'seller' })
      return place !== undefined
    },
    stockOf(code) {
      const place = sellable(shop).find((each) => each.code === code)
      return place && stockOf(place.item, place.sku)
    },
    openOrders: () =>
      [...shop.trades.values()]
        .filter(({ status }) => status === 'WAIT_SELLER_SEND_GOODS' || status === 'SELLER_CONSIGNED_PART')
        .map(({ tid }) => tid),
    expireTokens: () => void (shop.access.session = undefined),
    revoke: (on) => void Object.assign(shop.access, { revoked: on, ...(on ? { session: undefined } : {}) }),
    renewals: () => shop.access.renewals,
    listLag: (ms) => void (shop.settings.listLagMs = ms),
    oddPaging: (kind) => void (shop.paging = kind),
    refuseStock: (sku) => void shop.refusedStock.add(sku),
    setFault: faults.set,
    clearFaults: faults.clear,
    seedProducts: (count) => seedItems(shop, count),
    seedOrders: (count, spreadDays) => seedTrades(shop, count, spreadDays),
    trickle: (rate, mix) => trickle(rate, mix),
  }
  const trickle = createTrickle({ control, random: shop.random, skus: () => sellable(shop).map(({ code }) => code) })
  return control
}

function payRest(shop: TaobaoShop, trade: TopTrade): string | void {
  if (!trade.step) return 'Not a presale.'
  trade.step.status = 'FRONT_PAID_FINAL_PAID'
  pay(shop, trade)
}

/** The seller writes a note and plants a flag. */
function note(shop: TaobaoShop, trade: TopTrade): void {
  trade.sellerMemo = `加急 ${shop.random.int(1, 999)}`
  trade.sellerFlag = shop.random.int(1, 5)
  touch(shop, trade, { change: 'edited', by: 'seller', topic: 'TradeMemoModified' })
}

function setStatus(shop: TaobaoShop, trade: TopTrade, status: string): void {
  trade.status = status
  for (const line of trade.lines) line.status = status
  touch(shop, trade, { change: 'status', by: 'seller', topic: 'TradeChanged' })
}

function cancel(shop: TaobaoShop, trade: TopTrade): string | void {
  if (trade.endAt !== undefined) return 'The trade has ended.'
  if (trade.consignedAt !== undefined) return 'The goods have left.'
  if (trade.payAt === undefined) return closeUnpaid(shop, trade, 'seller')
  return refundWhole(shop, trade)
}

function request(shop: TaobaoShop, trade: TopTrade, index: number): string | void {
  const line = trade.lines[index]
  if (trade.payAt === undefined) return 'The trade is not paid.'
  if (!line || leftOf(shop, line) <= 0) return 'Nothing is left to refund.'
  makeRefund(shop, trade, { line, minor: leftOf(shop, line), status: 'WAIT_SELLER_AGREE', reason: '拍错了', by: 'shopper' })
}

function requestAll(shop: TaobaoShop, trade: TopTrade): string | void {
  const refusals = trade.lines.map((_, i) => request(shop, trade, i))
  return refusals.every((reason) => reason !== undefined) ? refusals[0] : undefined
}

/** The amount off the first line that has that much left; everything without one. */
function refund(shop: TaobaoShop, trade: TopTrade, minor: number | undefined): string | void {
  if (trade.payAt === undefined) return 'The trade is not paid.'
  if (minor === undefined) return refundWhole(shop, trade)
  const line = trade.lines.find((each) => leftOf(shop, each) >= minor)
  if (!line || minor <= 0) return 'No sub-order has that much left.'
  makeRefund(shop, trade, { line, minor, status: 'SUCCESS', reason: '退运费/补差价', by: 'seller' })
}

function ship(shop: TaobaoShop, trade: TopTrade, input: ShipInput): string | void {
  const wanted = new Set(input.lines?.map((line) => line.lineId))
  const open = trade.lines.filter((line) => line.status === 'WAIT_SELLER_SEND_GOODS')
  const lines = open.filter((line) => !input.lines || wanted.has(line.oid))
  if (lines.length === 0) return 'Nothing is left to send.'
  const company = COMPANIES.find((each) => each.code === input.carrier || each.name === input.carrier)?.name ?? '顺丰速运'
  const outSid = input.trackingNumber ?? `SF${shop.random.int(1_000_000_000_000, 9_999_999_999_999)}`
  consign(shop, trade, { lines, company, outSid, split: lines.length < trade.lines.length, by: 'seller' })
}
