import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { XhsCall } from './manifest.ts'
import { detailOf, isOrderId, linesIn } from './orders.ts'

interface Package {
  readonly index: string
  readonly trackingNo: string
  readonly company: string
  readonly skus: ReadonlySet<string>
}
interface Order {
  readonly id: string
  readonly status: string
  readonly sentAt: string | undefined
  /** Pieces of each SKU. */
  readonly pieces: ReadonlyMap<string, number>
  readonly packages: readonly Package[]
}
interface Company {
  readonly code: string
  readonly name: string
}

const GONE: ReadonlySet<string> = new Set(['8', '9'])
const DELIVERED = '7'

/** Looks at the order first: a package that is there already is left alone. */
export async function pushShipment(call: XhsCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId, trackingNo } = shipment
  if (!isOrderId(orderId)) return refused(key, 'order-id', 'This is not an order number of Xiaohongshu.')
  try {
    const order = await readOrder(call, orderId)
    if (!order) return refused(key, 'order-missing', 'Xiaohongshu does not know this order.')
    if (isThere(order, shipment)) return { key, status: 'unchanged', proof: { tracking: trackingNo } }
    const skus = skusOf(order, shipment)
    if ('kind' in skus) return { key, status: 'refused', fault: skus }
    const company = await companyOf(call, shipment)
    if (!company) return refused(key, 'carrier-unknown', `Xiaohongshu lists no carrier "${shipment.carrier.code}". Choose one of its list.`)
    const request = requestOf(call, { order, skus, company, trackingNo })
    if ('kind' in request) return { key, status: 'refused', fault: request }
    return await send(call, { shipment, company, ...request })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function readOrder(call: XhsCall, id: string): Promise<Order | undefined> {
  const doc = await detailOf(call, id)
  if (doc === undefined) return undefined
  const pieces = new Map<string, number>()
  for (const line of linesIn(doc)) {
    const sku = textField(line, 'skuId') ?? ''
    pieces.set(sku, (pieces.get(sku) ?? 0) + Number(textField(line, 'skuQuantity') ?? Number.NaN))
  }
  const sentAt = Number(textField(doc, 'deliveryTime') ?? 0)
  return {
    id,
    status: textField(doc, 'orderStatus') ?? '',
    sentAt: sentAt > 0 ? new Date(sentAt).toISOString() : undefined,
    pieces,
    packages: packagesIn(doc, [...pieces.keys()]),
  }
}

/** Of an order that left in parts each with its SKUs; else the one number of the order. */
function packagesIn(doc: unknown, all: readonly string[]): readonly Package[] {
  const parts = listField(doc, 'simpleDeliveryOrderList').map((each): Package => {
    const skus = listField(each, 'skuIdList').map((one) => (typeof one === 'string' ? one : ''))
    return {
      index: textField(each, 'deliveryOrderIndex') ?? '',
      trackingNo: textField(each, 'expressTrackingNo') ?? '',
      company: textField(each, 'expressCompanyCode') ?? '',
      skus: new Set(skus),
    }
  })
  const [trackingNo, company] = [textField(doc, 'expressTrackingNo') ?? '', textField(doc, 'expressCompanyCode') ?? '']
  const whole: Package = { index: '', trackingNo, company, skus: new Set(all) }
  return ((field(doc, 'unpack') === true && parts.length > 0) || parts.length > 1 ? parts : [whole]).filter((each) => each.trackingNo !== '')
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)

/** A second line about one SKU has a number behind it. */
const skuOf = (lineNo: string): string => lineNo.split('#')[0] ?? ''
const isSent = (order: Order, sku: string): boolean => order.packages.some(({ skus }) => skus.has(sku))

/** Under this number, with everything it is about. */
function isThere(order: Order, { lines, trackingNo }: ShipmentWrite): boolean {
  const about = lines.length === 0 ? [...order.pieces.keys()] : lines.map(({ channelLineNo }) => skuOf(channelLineNo))
  const under = order.packages.filter((each) => isSame(each.trackingNo, trackingNo))
  return under.length > 0 && about.every((sku) => under.some(({ skus }) => skus.has(sku)))
}

const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })

/** The SKUs of this package; or why it cannot go. */
function skusOf(order: Order, { lines }: ShipmentWrite): readonly string[] | Fault {
  if (GONE.has(order.status)) return fault('closed', 'The order is closed at Xiaohongshu: it must not be sent.')
  const wanted = new Map<string, number>()
  for (const { channelLineNo, quantity } of lines) wanted.set(skuOf(channelLineNo), (wanted.get(skuOf(channelLineNo)) ?? 0) + quantity)
  if ([...wanted.keys()].some((sku) => !order.pieces.has(sku))) return fault('line-unknown', 'The order has no such line.')
  if ([...wanted].some(([sku, quantity]) => quantity !== order.pieces.get(sku)))
    return fault('whole-skus-only', 'Xiaohongshu sends all pieces of a SKU in one package.')
  const open = [...order.pieces.keys()].filter((sku) => !isSent(order, sku))
  return lines.length === 0 && open.length > 0 ? open : wanted.size === 0 ? [...order.pieces.keys()] : [...wanted.keys()]
}

interface Sending {
  readonly order: Order
  readonly skus: readonly string[]
  readonly company: Company
  readonly trackingNo: string
}
interface Request {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Everything at once goes by the plain call; anything else names its SKUs, which splits the order. */
function requestOf(call: XhsCall, { order, skus, company, trackingNo }: Sending): Request | Fault {
  const express = { orderId: order.id, expressNo: trackingNo, expressCompanyCode: company.code, expressCompanyName: company.name }
  const sent = skus.filter((sku) => isSent(order, sku))
  if (sent.length === 0) {
    const isWhole = order.packages.length === 0 && skus.length === order.pieces.size
    return { method: 'order.orderDeliver', params: isWhole ? express : { ...express, unpack: true, skuIdList: skus } }
  }
  const [under, ...more] = order.packages.filter((each) => skus.some((sku) => each.skus.has(sku)))
  const isOne = under && more.length === 0 && sent.length === skus.length && under.skus.size === skus.length
  if (call.config.shippedOtherwise !== 'replace' || !isOne)
    return fault('shipped-otherwise', 'Xiaohongshu shows these goods as sent with another tracking number.')
  const part = under.index === '' ? {} : { deliveryOrderIndex: Number(under.index) }
  return { method: 'order.modifyOrderExpressInfo', params: { ...express, ...part, oldExpressNo: under.trackingNo } }
}

async function send(
  call: XhsCall,
  { shipment, company, method, params }: Request & { readonly shipment: ShipmentWrite; readonly company: Company },
): Promise<Outcome> {
  const { key, trackingNo } = shipment
  try {
    await write(call, method, params)
    return { key, status: 'applied', proof: { tracking: trackingNo, company: company.code } }
  } catch (error) {
    const problem = faultOf(error)
    if (problem.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = await readOrder(call, shipment.orderId)
    if (now && isThere(now, shipment)) return { key, status: 'unchanged', proof: { tracking: trackingNo } }
    throw new ChannelError(problem)
  }
}

/** By code or by any name of the carrier, in the channel's own list; there is no public table of it. */
async function companyOf(call: XhsCall, { carrier }: ShipmentWrite): Promise<Company | undefined> {
  const { data } = await read(call, 'common.getExpressCompanyList', {})
  const listed = listField(data, 'expressCompanyInfos').flatMap((each): readonly Company[] => {
    const [code, name] = [textField(each, 'expressCompanyCode'), textField(each, 'expressCompanyName')]
    return code === undefined || name === undefined ? [] : [{ code, name }]
  })
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  const names = [carrier.name, ...(ours ? [ours.zh, ...ours.also] : [])].filter((name) => name !== '')
  const exact = listed.find(({ code, name }) => code === carrier.code || names.some((each) => isSame(name, each)))
  return exact ?? listed.find(({ code }) => names.some((each) => isSame(code, each)) || isSame(code, carrier.code))
}

/** Packages as the channel shows them, with everything that lies in each. */
export async function readShipments(call: XhsCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = isOrderId(orderId) ? await readOrder(call, orderId) : undefined
  return (order?.packages ?? []).map(({ index, trackingNo, company, skus }) => ({
    channelShipmentNo: index === '' ? trackingNo : index,
    ...(company === '' ? {} : { carrier: company }),
    trackingNo,
    state: order?.status === DELIVERED ? ('delivered' as const) : ('shipped' as const),
    ...(order?.sentAt === undefined ? {} : { at: order.sentAt }),
    lines: [...skus].map((sku) => ({ channelLineNo: sku, quantity: String(order?.pieces.get(sku) ?? 0) })),
  }))
}
