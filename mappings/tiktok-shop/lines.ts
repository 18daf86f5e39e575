import { moneyToDecimal } from '../../src/core/money.ts'
import type { ChannelShipment, OrderLine } from '../../src/core/order.ts'
import { list, money, optionalText, requiredMoney, text } from '../parts/read.ts'
import { time } from '../parts/wechat.ts'
import { groupsOf, type Unit, type UnitState } from './units.ts'

/** A line, and who paid for its reduction. */
export interface Line {
  readonly line: OrderLine
  readonly off: { readonly seller: number; readonly channel: number }
}

/** Pieces are priced after their own reductions (`sale_price`); what the order asks for is their sum. */
export function linesOf(doc: unknown, units: readonly Unit[], currency: string): readonly Line[] {
  const counted = countedOf(doc, units, currency)
  return groupsOf(units).map((group, i) => lineOf(group, { lineNo: i + 1, currency, counted }))
}

/** Whether the sums of an order still hold pieces that were cancelled is not documented: its own subtotal shows it. */
function countedOf(doc: unknown, units: readonly Unit[], currency: string): ReadonlySet<Unit> {
  const sum = (some: readonly Unit[]): number => some.reduce((all, { value }) => all + requiredMoney(value, '/sale_price', currency).minor, 0)
  const left = units.filter(({ state }) => state !== 'cancelled')
  if (optionalText(doc, '/payment/sub_total') === undefined) return new Set(units)
  const stated = money(doc, '/payment/sub_total', currency).minor
  return new Set(left.length > 0 && sum(units) !== stated && sum(left) === stated ? left : units)
}

function lineOf(
  group: ReturnType<typeof groupsOf>[number],
  given: { readonly lineNo: number; readonly currency: string; readonly counted: ReadonlySet<Unit> },
): Line {
  const { currency } = given
  const [first] = group.units
  const value = first?.value
  const priced = group.units.filter((unit) => given.counted.has(unit))
  const sum = (pointer: string): number => priced.reduce((all, unit) => all + money(unit.value, pointer, currency).minor, 0)
  const net = sum('/sale_price')
  const platform = sum('/platform_discount')
  const hasPrice = optionalText(value, '/original_price') !== undefined
  const gross = Math.max(net, hasPrice ? sum('/original_price') : net + platform + sum('/seller_discount'))
  const channel = Math.min(platform, gross - net)
  const tax = priced.reduce(
    (all, unit) => all + list(unit.value, '/item_tax').reduce((of, each) => of + money(each.value, '/tax_amount', currency).minor, 0),
    0,
  )
  const [product, sku, options] = [text(value, '/product_id'), text(value, '/sku_id'), optionalText(value, '/sku_name')]
  const line: OrderLine = {
    lineNo: given.lineNo,
    channelLineNo: group.id,
    channelSku: text(value, '/seller_sku'),
    ...(product === '' ? {} : { channelProduct: product }),
    ...(product === '' || sku === '' ? {} : { listingKey: `${product}:${sku}` }),
    title: optionalText(value, '/product_name') ?? optionalText(value, '/seller_sku') ?? sku,
    // What has no variants has one of this name.
    ...(options === undefined || options === 'Default' ? {} : { options }),
    quantity: String(group.units.length),
    cancelled: String(countOf(group.units, 'cancelled')),
    shipped: String(countOf(group.units, 'shipped', 'delivered')),
    unitPrice: moneyToDecimal(money(value, hasPrice ? '/original_price' : '/sale_price', currency)),
    gross: { minor: gross, currency },
    discount: { minor: gross - net, currency },
    net: { minor: net, currency },
    tax: { minor: tax, currency },
    role: first?.gift === true ? 'gift' : 'single',
  }
  return { line, off: { seller: gross - net - channel, channel } }
}

const countOf = (units: readonly Unit[], ...states: readonly UnitState[]): number => units.filter(({ state }) => states.includes(state)).length

const SHIPMENT: Readonly<Record<Exclude<UnitState, 'open'>, ChannelShipment['state']>> = {
  arranged: 'pending',
  shipped: 'shipped',
  delivered: 'delivered',
  cancelled: 'cancelled',
}

/** Pieces with a tracking number, by package. */
export function shipmentsOf(units: readonly Unit[]): readonly ChannelShipment[] {
  const lineOfUnit = new Map(groupsOf(units).flatMap((group) => group.units.map((unit) => [unit, group.id] as const)))
  const packages = new Map<string, Unit[]>()
  for (const unit of units) {
    const tracking = optionalText(unit.value, '/tracking_number')
    const name = optionalText(unit.value, '/package_id') ?? tracking
    if (name !== undefined && tracking !== undefined && unit.state !== 'open') packages.set(name, [...(packages.get(name) ?? []), unit])
  }
  return [...packages].flatMap(([name, all]) => {
    // Pieces cancelled out of a package that goes on are not in it any more.
    const left = all.filter(({ state }) => state !== 'cancelled')
    const held = left.length > 0 ? left : all
    const [first] = held
    if (!first || first.state === 'open') return []
    const [carrier, at] = [optionalText(first.value, '/shipping_provider_name'), time(first.value, '/rts_time')]
    const counts = new Map<string, number>()
    for (const unit of held) counts.set(lineOfUnit.get(unit) ?? unit.id, (counts.get(lineOfUnit.get(unit) ?? unit.id) ?? 0) + 1)
    return [
      {
        channelShipmentNo: name,
        ...(carrier === undefined ? {} : { carrier }),
        trackingNo: text(first.value, '/tracking_number').trim(),
        state: SHIPMENT[first.state],
        ...(at === undefined ? {} : { at }),
        lines: [...counts].map(([channelLineNo, count]) => ({ channelLineNo, quantity: String(count) })),
      },
    ]
  })
}
