import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { absentAs, faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { WechatCall } from './manifest.ts'
import { isOrderId } from './orders.ts'

interface Piece {
  /** Product and SKU, as lines are named. */
  readonly lineNo: string
  readonly quantity: number
}
interface Package {
  readonly waybill: string
  readonly carrier: string
  readonly at: string | undefined
  readonly pieces: readonly Piece[]
}
interface Order {
  readonly status: string
  readonly isVirtual: boolean
  readonly lines: readonly (Piece & { readonly refunded: number })[]
  readonly packages: readonly Package[]
}

const GONE: ReadonlySet<string> = new Set(['190', '200', '250'])

/** Looks at the order first: a package that is there already is left alone. Packages name their pieces, so lines may leave in parts. */
export async function pushShipment(call: WechatCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  if (!isOrderId(shipment.orderId)) return refused(key, 'order-id', 'This is not an order number of WeChat.')
  try {
    const order = await readOrder(call, shipment.orderId)
    if (!order) return refused(key, 'order-missing', 'WeChat does not know this order, or it belongs to another shop.')
    if (isThere(order, shipment)) return { key, status: 'unchanged', proof: { tracking: shipment.trackingNo } }
    if (packagesUnder(order, shipment).length > 0) return refused(key, 'shipped-otherwise', 'WeChat shows this tracking number with other contents.')
    const pieces = piecesOf(order, shipment)
    if ('kind' in pieces) return { key, status: 'refused', fault: pieces }
    const company = await companyOf(call, shipment)
    if (company === undefined) return refused(key, 'carrier-unknown', `WeChat knows no carrier "${shipment.carrier.code}". Choose one of its list.`)
    return await send(call, { shipment, pieces, company })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

const lineNo = (doc: unknown): string => `${textField(doc, 'product_id') ?? ''}:${textField(doc, 'sku_id') ?? ''}`
const count = (doc: unknown, name: string): number => Number(textField(doc, name) ?? 0)

async function readOrder(call: WechatCall, id: string): Promise<Order | undefined> {
  const doc = field((await absentAs(read(call, 'order/get', { order_id: id })))?.doc, 'order')
  if (textField(doc, 'order_id') !== id) return undefined
  const detail = field(doc, 'order_detail')
  const delivery = field(detail, 'delivery_info')
  return {
    status: textField(doc, 'status') ?? '',
    isVirtual: !['', '0'].includes(textField(delivery, 'deliver_method') ?? ''),
    lines: listField(detail, 'product_infos').map((each) => ({
      lineNo: lineNo(each),
      quantity: count(each, 'sku_cnt'),
      refunded: count(each, 'finish_aftersale_sku_cnt'),
    })),
    packages: listField(delivery, 'delivery_product_info').map(packageOf),
  }
}

function packageOf(doc: unknown): Package {
  const seconds = count(doc, 'delivery_time')
  return {
    waybill: textField(doc, 'waybill_id') ?? '',
    carrier: textField(doc, 'delivery_id') ?? '',
    at: seconds > 0 ? new Date(seconds * 1000).toISOString() : undefined,
    pieces: listField(doc, 'product_infos').map((each) => ({ lineNo: lineNo(each), quantity: count(each, 'product_cnt') })),
  }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)
const packagesUnder = (order: Order, { trackingNo }: ShipmentWrite): readonly Package[] =>
  order.packages.filter(({ waybill }) => isSame(waybill, trackingNo))

/** Under this number, with all the pieces wanted: a second package of the same number would otherwise pass for the first. */
function isThere(order: Order, shipment: ShipmentWrite): boolean {
  const packages = packagesUnder(order, shipment)
  const held = countOf(packages.flatMap(({ pieces }) => pieces))
  // One that names no pieces holds all of them.
  if (packages.some(({ pieces }) => pieces.length === 0)) return true
  return packages.length > 0 && [...countOf(wantedOf(shipment))].every(([no, quantity]) => (held.get(no) ?? 0) >= quantity)
}

/** Lines of one SKU may be told apart by a number behind it; the channel counts them together. */
const channelLine = (channelLineNo: string): string => channelLineNo.replace(/#\d+$/, '')
const wantedOf = ({ lines }: ShipmentWrite): readonly Piece[] =>
  lines.map(({ channelLineNo, quantity }) => ({ lineNo: channelLine(channelLineNo), quantity }))

/** Pieces by line. */
function countOf(pieces: readonly Piece[]): ReadonlyMap<string, number> {
  const all = new Map<string, number>()
  for (const { lineNo: no, quantity } of pieces) all.set(no, (all.get(no) ?? 0) + quantity)
  return all
}

/** The pieces of this package, everything that is left where it names none; or why it cannot go. */
function piecesOf(order: Order, shipment: ShipmentWrite): readonly Piece[] | Fault {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (GONE.has(order.status)) return fault('closed', 'The order is closed at WeChat: it must not be sent.')
  const left = new Map<string, number>()
  for (const line of order.lines) left.set(line.lineNo, (left.get(line.lineNo) ?? 0) + line.quantity - line.refunded)
  for (const piece of order.packages.flatMap(({ pieces }) => pieces)) left.set(piece.lineNo, (left.get(piece.lineNo) ?? 0) - piece.quantity)
  const wanted = countOf(wantedOf(shipment))
  if ([...wanted.keys()].some((no) => !left.has(no))) return fault('line-unknown', 'The order has no such line.')
  const pieces = [...(wanted.size === 0 ? left : wanted)].map(([no, quantity]) => ({ lineNo: no, quantity })).filter(({ quantity }) => quantity > 0)
  if (pieces.length === 0) return fault('shipped-otherwise', 'WeChat shows everything of this order as sent, under other tracking numbers.')
  if (pieces.some((piece) => piece.quantity > (left.get(piece.lineNo) ?? 0)))
    return fault('more-than-left', 'WeChat shows pieces of this package as sent already or refunded.')
  return pieces
}

/** Codes of our table go as they are; anything else is looked for in the channel's own list. "OTHER" would hide who carries it. */
async function companyOf(call: WechatCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  const known = ours?.codes['wechat']
  if (known !== undefined) return known
  const { doc } = await read(call, 'order/deliverycompanylist/get', {})
  const companies = listField(doc, 'company_list')
  const names = [carrier.name, ...(ours ? [ours.zh, ours.en, ...ours.also] : [])]
  const byId = companies.find((each) => textField(each, 'delivery_id') === carrier.code)
  const byName = companies.find((each) => names.some((name) => isSame(textField(each, 'delivery_name') ?? '', name)))
  return textField(byId ?? byName, 'delivery_id')
}

async function send(
  call: WechatCall,
  given: { readonly shipment: ShipmentWrite; readonly pieces: readonly Piece[]; readonly company: string },
): Promise<Outcome> {
  const { shipment, pieces, company } = given
  try {
    await write(call, 'order/delivery/send', {
      order_id: shipment.orderId,
      delivery_list: [
        {
          deliver_type: 1,
          delivery_id: company,
          waybill_id: shipment.trackingNo,
          product_infos: pieces.map((piece) => {
            const [product, sku] = piece.lineNo.split(':')
            return { product_id: product, sku_id: sku, product_cnt: piece.quantity }
          }),
        },
      ],
    })
    return { key: shipment.key, status: 'applied', proof: { tracking: shipment.trackingNo, company } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = await readOrder(call, shipment.orderId)
    if (now && isThere(now, shipment)) return { key: shipment.key, status: 'unchanged', proof: { tracking: shipment.trackingNo } }
    throw new ChannelError(fault)
  }
}

/** Packages of the order as the channel shows them. */
export async function readShipments(call: WechatCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = isOrderId(orderId) ? await readOrder(call, orderId) : undefined
  if (!order) return []
  return order.packages.map(({ waybill, carrier, at, pieces }, i) => ({
    channelShipmentNo: waybill === '' ? `package ${i + 1}` : waybill,
    ...(carrier === '' ? {} : { carrier }),
    ...(waybill === '' ? {} : { trackingNo: waybill }),
    state: order.status === '100' ? 'delivered' : 'shipped',
    ...(at === undefined ? {} : { at }),
    lines: pieces.map((piece) => ({ channelLineNo: piece.lineNo, quantity: String(piece.quantity) })),
  }))
}
