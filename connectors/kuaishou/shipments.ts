import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { absentAs, faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import { COMPANIES } from './companies.ts'
import type { KuaishouCall } from './manifest.ts'
import { isOrderId } from './orders.ts'

interface Package {
  readonly id: string
  readonly company: string
  readonly trackingNo: string
}
/** An order, or a present that belongs to one: each a number of its own, one item in so many pieces, and packages. */
interface Part {
  readonly oid: string
  readonly status: string
  readonly quantity: number
  readonly sent: number
  readonly sentAt: string | undefined
  readonly packages: readonly Package[]
}
interface Order {
  readonly main: Part
  readonly parts: readonly Part[]
}
type Piece = { readonly oid: string; readonly quantity: number }

const GONE = '80'

/** Looks at the order first: a package that is there already is left alone. */
export async function pushShipment(call: KuaishouCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  if (!isOrderId(shipment.orderId)) return refused(key, 'order-id', 'This is not an order number of Kuaishou.')
  try {
    const order = await readOrder(call, shipment.orderId)
    if (!order) return refused(key, 'order-missing', 'Kuaishou does not know this order, or it belongs to another shop.')
    if (isThere(order, shipment)) return { key, status: 'unchanged', proof: { tracking: shipment.trackingNo } }
    const company = companyOf(shipment)
    if (company === undefined)
      return refused(key, 'carrier-unknown', `Kuaishou knows no carrier "${shipment.carrier.code}". Choose one of its table.`)
    const pieces = piecesOf(order, shipment)
    if ('kind' in pieces) return { key, status: 'refused', fault: pieces }
    const request = requestOf(call, { order, pieces, company, shipment })
    if ('kind' in request) return { key, status: 'refused', fault: request }
    return await send(call, { shipment, company, ...request })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function readOrder(call: KuaishouCall, id: string): Promise<Order | undefined> {
  const data = (await absentAs(read(call, 'open.order.detail', { oid: BigInt(id) })))?.data
  if (textField(field(data, 'orderBaseInfo'), 'oid') !== id) return undefined
  const main = partOf(data, { base: 'orderBaseInfo', item: 'orderItemInfo', delivery: 'orderDeliveryInfo', logistics: 'orderLogisticsInfo' })
  const names = { base: 'subOrderBaseInfo', item: 'subOrderItemInfo', delivery: 'subOrderDeliveryInfo', logistics: 'subOrderLogisticsInfo' }
  return { main, parts: [main, ...listField(data, 'subOrderInfo').map((each) => partOf(each, names))] }
}

function partOf(doc: unknown, names: Readonly<Record<'base' | 'item' | 'delivery' | 'logistics', string>>): Part {
  const base = field(doc, names.base)
  const number = (of: unknown, name: string): number => Number(textField(of, name) ?? 0)
  const sentAt = number(base, 'sendTime')
  const packages = listField(doc, names.logistics).map((each) => ({
    id: textField(each, 'logisticsId') ?? '',
    company: textField(each, 'expressCode') ?? '',
    trackingNo: textField(each, 'expressNo') ?? '',
  }))
  return {
    oid: textField(base, 'oid') ?? '',
    status: textField(base, 'status') ?? '',
    quantity: number(field(doc, names.item), 'num'),
    sent: number(field(doc, names.delivery), 'deliveryNum'),
    sentAt: sentAt > 0 ? new Date(sentAt).toISOString() : undefined,
    packages: packages.filter(({ trackingNo }) => trackingNo !== ''),
  }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)

/** The parts of an order a package is about; all of them where it names none. */
const wantedOf = (order: Order, { lines }: ShipmentWrite): readonly Piece[] =>
  lines.length === 0
    ? order.parts.map(({ oid, quantity, sent }) => ({ oid, quantity: quantity - sent })).filter(({ quantity }) => quantity > 0)
    : [...new Set(lines.map(({ channelLineNo }) => channelLineNo))].map((oid) => ({
        oid,
        quantity: lines.reduce((sum, line) => sum + (line.channelLineNo === oid ? line.quantity : 0), 0),
      }))

/** Under this number, in every part it is about. Which pieces lie in a package the channel does not say. */
function isThere(order: Order, shipment: ShipmentWrite): boolean {
  const about = new Set(shipment.lines.map((line) => line.channelLineNo))
  const parts = order.parts.filter(({ oid }) => (about.size === 0 ? oid === order.main.oid : about.has(oid)))
  return parts.length > 0 && parts.every(({ packages }) => packages.some((each) => isSame(each.trackingNo, shipment.trackingNo)))
}

const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })

/** The pieces of this package, none where all of them have left; or why it cannot go. */
function piecesOf(order: Order, shipment: ShipmentWrite): readonly Piece[] | Fault {
  const pieces = wantedOf(order, shipment)
  const of = (piece: Piece): Part | undefined => order.parts.find(({ oid }) => oid === piece.oid)
  if (order.main.status === GONE || pieces.some((piece) => of(piece)?.status === GONE))
    return fault('closed', 'The order is closed at Kuaishou: it must not be sent.')
  if (pieces.some((piece) => !of(piece))) return fault('line-unknown', 'The order has no such line.')
  if (pieces.some((piece) => !Number.isSafeInteger(piece.quantity) || piece.quantity < 1)) return fault('pieces', 'Kuaishou sends whole pieces.')
  const left = (piece: Piece): number => (of(piece)?.quantity ?? 0) - (of(piece)?.sent ?? 0)
  if (pieces.every((piece) => left(piece) <= 0)) return []
  return pieces.some((piece) => piece.quantity > left(piece))
    ? fault('more-than-left', 'Kuaishou shows pieces of this package as sent already.')
    : pieces
}

/** Numbers of our table go as they are; anything else is looked for in the channel's, by number or name. */
function companyOf({ carrier }: ShipmentWrite): string | undefined {
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  const names = [carrier.name, ...(ours ? [ours.zh, ...ours.also] : [])]
  const listed = COMPANIES.find(({ code }) => code === carrier.code) ?? COMPANIES.find(({ name }) => names.some((each) => isSame(name, each)))
  return ours?.codes['kuaishou'] ?? listed?.code
}

interface Sending {
  readonly order: Order
  readonly pieces: readonly Piece[]
  readonly company: string
  readonly shipment: ShipmentWrite
}
interface Request {
  readonly method: string
  readonly param: Parameters<typeof write>[2]
}

/** A whole order without presents goes by the plain call, anything else by the one that names pieces. */
function requestOf(call: KuaishouCall, { order, pieces, company, shipment }: Sending): Request | Fault {
  const express = { expressCode: Number(company), expressNo: shipment.trackingNo }
  const { main } = order
  if (pieces.length === 0) return otherwise(call, order, express)
  const isWhole = order.parts.length === 1 && main.sent === 0 && pieces[0]?.quantity === main.quantity
  if (isWhole) return { method: 'open.seller.order.goods.deliver', param: { orderId: BigInt(main.oid), ...express } }
  const after = (piece: Piece): number => (order.parts.find(({ oid }) => oid === piece.oid)?.sent ?? 0) + piece.quantity
  const isComplete = (piece: Piece): boolean => after(piece) >= (order.parts.find(({ oid }) => oid === piece.oid)?.quantity ?? 0)
  return {
    method: 'open.order.goods.split.deliver',
    param: {
      mainOrderId: BigInt(main.oid),
      deliveryItemInfoList: [{ deliveryGoodsInfoList: pieces.map((piece) => ({ oid: BigInt(piece.oid), deliveryNum: piece.quantity })), ...express }],
      // 10: some of it, 40: all of it.
      deliveryStatus: pieces.map((piece) => ({ oid: BigInt(piece.oid), confirmDeliveryStatus: isComplete(piece) ? 40 : 10 })),
    },
  }
}

/** Everything has left under other numbers: what then happens is the connection's to say. */
function otherwise(call: KuaishouCall, { main }: Order, express: { readonly expressCode: number; readonly expressNo: string }): Request | Fault {
  const { shippedOtherwise } = call.config
  if (shippedOtherwise === 'append') return { method: 'open.seller.order.goods.logistics.append', param: { oid: BigInt(main.oid), ...express } }
  const [only, ...more] = main.packages
  if (shippedOtherwise === 'replace' && only && more.length === 0 && /^\d{1,19}$/.test(only.id))
    return { method: 'open.seller.order.logistics.update', param: { orderId: BigInt(main.oid), logisticsId: BigInt(only.id), ...express } }
  return fault('shipped-otherwise', 'Kuaishou shows these pieces as sent with another tracking number.')
}

async function send(
  call: KuaishouCall,
  { shipment, company, method, param }: Request & { readonly shipment: ShipmentWrite; readonly company: string },
): Promise<Outcome> {
  const { key, trackingNo } = shipment
  try {
    await write(call, method, param)
    return { key, status: 'applied', proof: { tracking: trackingNo, company } }
  } catch (error) {
    const problem = faultOf(error)
    if (problem.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = await readOrder(call, shipment.orderId)
    if (now && isThere(now, shipment)) return { key, status: 'unchanged', proof: { tracking: trackingNo } }
    throw new ChannelError(problem)
  }
}

/** Packages of the order and its presents as the channel shows them. Of several under one number the pieces of each are not known. */
export async function readShipments(call: KuaishouCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = isOrderId(orderId) ? await readOrder(call, orderId) : undefined
  return (order?.parts ?? []).flatMap(({ oid, status, sent, sentAt, packages }) =>
    packages.map(({ id, company, trackingNo }) => ({
      channelShipmentNo: id === '' ? trackingNo : id,
      ...(company === '' ? {} : { carrier: company }),
      trackingNo,
      state: status === '50' || status === '70' ? ('delivered' as const) : ('shipped' as const),
      ...(sentAt === undefined ? {} : { at: sentAt }),
      lines: packages.length === 1 && sent > 0 ? [{ channelLineNo: oid, quantity: String(sent) }] : [],
    })),
  )
}
