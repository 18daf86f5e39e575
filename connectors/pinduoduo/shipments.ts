import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { instantOf } from '../../src/kit/beijing-time.ts'
import { absentAs, faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { anonymous, read, write } from './client.ts'
import type { PddCall } from './manifest.ts'

const ORDER_SN = /^\d{6}-\d{6,20}$/
/** Part of one order in a package of its own, as opposed to something sent later or a gift. */
const SPLIT = 1

interface Parcel {
  readonly company: string
  readonly trackingNo: string
}

/**
 * The channel knows one shipment an order: the first package makes the whole order sent, whatever it holds. Numbers of further
 * packages are added for the buyer to see. The order is read first: a package that is there already is left alone.
 */
export async function pushShipment(call: PddCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!ORDER_SN.test(orderId)) return refused(key, 'order-id', 'This is not an order number of Pinduoduo.')
  try {
    const order = await readOrder(call, orderId)
    if (parcelsOf(order).some((parcel) => isSame(parcel.trackingNo, shipment.trackingNo))) return there(shipment)
    const problem = unsendable(shipment, order)
    if (problem) return { key, status: 'refused', fault: problem }
    const company = await companyOf(call, shipment)
    if (company === undefined) return refused(key, 'carrier-unknown', `Pinduoduo knows no logistics company "${shipment.carrier.code}".`)
    return await send(call, { shipment, order, company })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

const there = ({ key, trackingNo }: ShipmentWrite): Outcome => ({ key, status: 'unchanged', proof: { tracking: trackingNo } })

/** One order as it stands. */
export const readOrder = async (call: PddCall, orderSn: string): Promise<unknown> =>
  field((await read(call, 'pdd.order.information.get', { order_sn: orderSn })).doc, 'order_info')

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)
export const isSent = (order: unknown): boolean => ['2', '3'].includes(textField(order, 'order_status') ?? '')

/** The order's own number first, then those of further packages. */
function parcelsOf(order: unknown): readonly Parcel[] {
  return [order, ...listField(order, 'extra_delivery_list')].flatMap((each) => {
    const trackingNo = textField(each, 'tracking_number') ?? ''
    return trackingNo === '' ? [] : [{ company: textField(each, 'logistics_id') ?? '', trackingNo }]
  })
}

function unsendable(shipment: ShipmentWrite, order: unknown): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  const is = (name: string, ...values: readonly string[]): boolean => values.includes(textField(order, name) ?? '')
  if (is('confirm_status', '2') || is('group_status', '2')) return fault('closed', 'The order was cancelled at Pinduoduo: it must not be sent.')
  if (is('confirm_status', '0') || is('group_status', '0')) return fault('not-formed', 'The group of this order has not come together yet.')
  if (!isSent(order) && is('refund_status', '4')) return fault('refunded', 'The money went back to the buyer: the order must not be sent.')
  if (!isSent(order) && is('risk_control_status', '1'))
    return fault('under-review', 'Pinduoduo is still reviewing this order: it must not be sent yet.')
  if (isSent(order) && isWhole(shipment, order)) return fault('shipped-otherwise', 'Pinduoduo shows this order as sent with another tracking number.')
  const unknown = shipment.lines.find(({ channelLineNo }) => !hasLine(order, channelLineNo))
  return unknown && fault('line-unknown', 'The order has no such line.')
}

/** A package without lines holds everything. */
const isWhole = ({ lines }: ShipmentWrite, order: unknown): boolean =>
  lines.length === 0 ||
  linesOf(order).every((line) => lines.some((each) => each.channelLineNo === line.channelLineNo && each.quantity >= Number(line.quantity)))

const hasLine = (order: unknown, lineNo: string): boolean =>
  lineNo.startsWith('gift:') || listField(order, 'item_list').some((item) => textField(item, 'sku_id') === lineNo.split('#')[0])

/** The channel's own list, by code or any name of the carrier; the id of our table only where the list has it too. */
async function companyOf(call: PddCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const { doc } = await anonymous(call, 'pdd.logistics.companies.get')
  const companies = listField(doc, 'logistics_companies').filter((company) => textField(company, 'available') !== '0')
  const ours = CARRIERS.find((each) => each.code === carrier.code || each.codes['pdd'] === carrier.code)
  const names = [carrier.name, ...(ours ? [ours.zh, ours.en, ...ours.also] : [])].filter((name) => name !== '')
  const codes = ours ? [ours.code] : [carrier.code]
  const found =
    companies.find((company) => codes.some((code) => isSame(textField(company, 'code') ?? '', code))) ??
    companies.find((company) => names.some((name) => isSame(textField(company, 'logistics_company') ?? '', name))) ??
    companies.find((company) => textField(company, 'id') === (ours?.codes['pdd'] ?? carrier.code))
  return textField(found, 'id')
}

async function send(call: PddCall, given: { readonly shipment: ShipmentWrite; readonly order: unknown; readonly company: string }): Promise<Outcome> {
  const { shipment, order, company } = given
  const { key, orderId, trackingNo } = shipment
  try {
    const isDone = isSent(order)
      ? await addPackage(call, given)
      : await sendFirst(call, { order_sn: orderId, logistics_id: company, tracking_number: trackingNo })
    if (!isDone) return refused(key, 'not-success', 'Pinduoduo answered that the package was not accepted.')
    return { key, status: 'applied', proof: { tracking: trackingNo, company } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = parcelsOf(await readOrder(call, orderId))
    if (now.some((parcel) => isSame(parcel.trackingNo, trackingNo))) return there(shipment)
    throw new ChannelError(fault)
  }
}

async function sendFirst(call: PddCall, parameters: Readonly<Record<string, string>>): Promise<boolean> {
  const { doc } = await write(call, 'pdd.logistics.online.send', parameters)
  return textField(doc, 'is_success') === 'true'
}

/** All further packages together, since the documentation does not say whether a list adds to the one before or takes its place. */
async function addPackage(
  call: PddCall,
  given: { readonly shipment: ShipmentWrite; readonly order: unknown; readonly company: string },
): Promise<boolean> {
  const { shipment, order, company } = given
  const known = parcelsOf({ extra_delivery_list: listField(order, 'extra_delivery_list') })
  const tracks = [...known, { company, trackingNo: shipment.trackingNo }]
  const { doc } = await write(call, 'pdd.order.upload.extra.logistics', {
    order_sn: shipment.orderId,
    extra_track_type: SPLIT,
    extra_track_list: JSON.stringify(tracks.map((each) => ({ shipping_id: Number(each.company), tracking_number: each.trackingNo }))),
  })
  return textField(doc, 'success') === 'true'
}

/** The first package stands for all goods; of further ones the channel keeps the number alone. */
export async function readShipments(call: PddCall, orderId: string): Promise<readonly ChannelShipment[]> {
  if (!ORDER_SN.test(orderId)) return []
  const order = await absentAs(readOrder(call, orderId))
  const at = instantOf(textField(order, 'shipping_time') ?? '')
  const isReceived = textField(order, 'order_status') === '3'
  return parcelsOf(order).map(({ company, trackingNo }, i) => ({
    channelShipmentNo: trackingNo,
    ...(company === '' ? {} : { carrier: company }),
    trackingNo,
    state: isReceived ? 'delivered' : 'shipped',
    ...(at === undefined ? {} : { at }),
    lines: i > 0 ? [] : linesOf(order),
  }))
}

const linesOf = (order: unknown): ChannelShipment['lines'] =>
  listField(order, 'item_list').map((item) => ({ channelLineNo: textField(item, 'sku_id') ?? '', quantity: textField(item, 'goods_count') ?? '0' }))
