import { createHash } from 'node:crypto'
import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { absentAs, faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { AmazonCall } from './manifest.ts'
import { itemsOf } from './orders-v0.ts'
import { getOrder, isOrderId } from './orders.ts'

interface Trade {
  readonly marketplaceId: string
  readonly status: string
  readonly byChannel: boolean
  readonly lines: readonly { readonly id: string; readonly left: number }[]
  readonly packages: readonly ChannelShipment[]
}

/** Looks at the order first: a package that is there already is left alone. The same reference sent again would only change that package. */
export async function pushShipment(call: AmazonCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!isOrderId(orderId)) return refused(key, 'order-id', 'This is not an order number of Amazon.')
  try {
    const trade = await absentAs(readTrade(call, orderId))
    if (!trade) return refused(key, 'order-missing', 'Amazon does not know this order, or it belongs to another account.')
    if (isThere(trade, shipment)) return { key, status: 'unchanged', proof: { tracking: shipment.trackingNo } }
    const problem = unsendable(shipment, trade)
    if (problem) return { key, status: 'refused', fault: problem }
    return await confirm(call, shipment, trade)
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function readTrade(call: AmazonCall, id: string): Promise<Trade> {
  if (call.config.orders === 'v0') return readTradeV0(call, id)
  const { doc } = await getOrder(call, id, 'FULFILLMENT,PACKAGES')
  const fulfillment = field(doc, 'fulfillment')
  return {
    marketplaceId: textField(field(doc, 'salesChannel'), 'marketplaceId') ?? '',
    status: textField(fulfillment, 'fulfillmentStatus') ?? '',
    byChannel: textField(fulfillment, 'fulfilledBy') === 'AMAZON',
    lines: listField(doc, 'orderItems').map((item) => {
      const sent = Number(textField(field(item, 'fulfillment'), 'quantityFulfilled') ?? 0)
      return { id: textField(item, 'orderItemId') ?? '', left: Number(textField(item, 'quantityOrdered') ?? 0) - sent }
    }),
    packages: listField(doc, 'packages').map(packageOf),
  }
}

/** The older interface shows no packages. */
async function readTradeV0(call: AmazonCall, id: string): Promise<Trade> {
  const { doc } = await read(call, { limit: 'getOrder-v0', path: `/orders/v0/orders/${id}` })
  const order = field(doc, 'payload')
  const { items } = await itemsOf(call, id, undefined)
  const count = (item: unknown, name: string): number => Number(textField(item, name) ?? 0)
  return {
    marketplaceId: textField(order, 'MarketplaceId') ?? '',
    status: (textField(order, 'OrderStatus') ?? '').toUpperCase().replace('CANCELED', 'CANCELLED'),
    byChannel: textField(order, 'FulfillmentChannel') === 'AFN',
    lines: items.map((item) => ({ id: textField(item, 'OrderItemId') ?? '', left: count(item, 'QuantityOrdered') - count(item, 'QuantityShipped') })),
    packages: [],
  }
}

const STATES: ReadonlyMap<string, ChannelShipment['state']> = new Map([
  ['PENDING', 'pending'],
  ['DELIVERED', 'delivered'],
  ['CANCELLED', 'cancelled'],
])

function packageOf(doc: unknown): ChannelShipment {
  const text = (name: string): string | undefined => textField(doc, name) || undefined
  const [carrier, trackingNo, shipped] = [text('carrier'), text('trackingNumber'), Date.parse(text('shipTime') ?? '')]
  return {
    channelShipmentNo: text('packageReferenceId') ?? trackingNo ?? '',
    ...(carrier === undefined ? {} : { carrier }),
    ...(trackingNo === undefined ? {} : { trackingNo }),
    state: STATES.get(textField(field(doc, 'packageStatus'), 'status') ?? '') ?? 'shipped',
    ...(Number.isNaN(shipped) ? {} : { at: new Date(shipped).toISOString() }),
    lines: listField(doc, 'packageItems').map((item) => ({
      channelLineNo: textField(item, 'orderItemId') ?? '',
      quantity: textField(item, 'quantity') ?? '0',
    })),
  }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

const isThere = (trade: Trade, { trackingNo }: ShipmentWrite): boolean =>
  trade.packages.some((each) => each.state !== 'cancelled' && folded(each.trackingNo ?? '') === folded(trackingNo))

function unsendable(shipment: ShipmentWrite, trade: Trade): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (trade.byChannel) return fault('channel-ships', 'Amazon sends this order itself (FBA).')
  if (trade.status === 'CANCELLED') return fault('closed', 'The order is cancelled at Amazon: it must not be sent.')
  if (trade.status.startsWith('PENDING')) return fault('pending', 'The order is not paid yet at Amazon.')
  for (const { channelLineNo, quantity } of shipment.lines) {
    const line = trade.lines.find(({ id }) => id === channelLineNo)
    if (!line) return fault('line-unknown', 'The order has no such line.')
    if (!Number.isSafeInteger(quantity) || quantity < 1) return fault('quantity-not-whole', 'Amazon sends whole pieces.')
    if (quantity > line.left) return fault('shipped-otherwise', 'Amazon shows fewer pieces of a line as left to be sent.')
  }
  return trade.lines.some(({ left }) => left > 0) ? undefined : fault('shipped-otherwise', 'Amazon shows this order as sent already.')
}

/** "Only positive numeric values": a number of our own package no., the same each time. */
const packageReference = (key: string): string => String((createHash('sha256').update(key).digest().readUIntBE(0, 6) % 999_999_999_999) + 1)

async function confirm(call: AmazonCall, shipment: ShipmentWrite, trade: Trade): Promise<Outcome> {
  const { key, orderId, trackingNo } = shipment
  const lines = shipment.lines.length > 0 ? shipment.lines.map((line) => ({ id: line.channelLineNo, left: line.quantity })) : trade.lines
  const reference = packageReference(key)
  const request = {
    marketplaceId: trade.marketplaceId,
    packageDetail: {
      packageReferenceId: reference,
      ...carrierOf(shipment),
      trackingNumber: trackingNo,
      shipDate: new Date(shipment.shippedAt).toISOString(),
      orderItems: lines.filter(({ left }) => left > 0).map(({ id, left }) => ({ orderItemId: id, quantity: left })),
    },
  }
  const path = `/orders/v0/orders/${orderId}/shipmentConfirmation`
  try {
    const { status } = await write(call, { limit: 'confirmShipment', method: 'POST', path, body: request })
    if (status === 204) return { key, status: 'applied', proof: { tracking: trackingNo, package: reference } }
    return { key, status: 'unknown', fault: { kind: 'in-doubt', status, code: 'unexpected-answer', message: 'Amazon did not confirm the package.' } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused' || call.config.orders === 'v0') throw error
    // Somebody sent it between our look and our call.
    if (isThere(await readTrade(call, orderId), shipment)) return { key, status: 'unchanged', proof: { tracking: trackingNo } }
    throw new ChannelError(fault)
  }
}

/** The channel's own code where we know it; any other carrier goes out under its name. */
function carrierOf({ carrier }: ShipmentWrite): Readonly<Record<string, string>> {
  const code = CARRIERS.find((each) => each.code === carrier.code)?.codes['amazon']
  return code === undefined ? { carrierCode: 'Other', carrierName: carrier.name } : { carrierCode: code }
}

/** Packages as the channel shows them; none by the older interface. */
export async function readShipments(call: AmazonCall, orderId: string): Promise<readonly ChannelShipment[]> {
  if (!isOrderId(orderId) || call.config.orders === 'v0') return []
  return (await absentAs(readTrade(call, orderId)))?.packages ?? []
}
