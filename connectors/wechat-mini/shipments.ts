import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, textField } from '../../src/kit/read.ts'
import { listIn, readWechat, writeWechat } from '../../src/kit/wechat-api.ts'
import type { MiniCall } from './manifest.ts'
import { isTransaction, orderBy } from './orders.ts'

interface Parcel {
  readonly trackingNo: string
  readonly carrier: string
  readonly at: string | undefined
}
interface Order {
  readonly state: string
  readonly openid: string
  readonly description: string
  readonly isSplit: boolean
  readonly isFinished: boolean
  readonly parcels: readonly Parcel[]
}

const MOST_PARCELS = 15
const REFUNDED = '5'

/**
 * Looks at the payment first: a parcel that is there already is left alone. A payment that is complete could be told anew exactly once; that
 * one chance is a person's, so nothing is sent to it from here.
 */
export async function pushShipment(call: MiniCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  if (!isTransaction(shipment.orderId)) return refused(key, 'order-id', 'This is not a payment number of WeChat Pay.')
  try {
    const order = await readOrder(call, shipment.orderId)
    if (!order) return refused(key, 'order-missing', 'WeChat does not know this payment, or does not manage its shipping.')
    if (isThere(order, shipment)) return { key, status: 'unchanged', proof: { tracking: shipment.trackingNo } }
    const company = await companyOf(call, shipment)
    if (company === undefined) return refused(key, 'carrier-unknown', `WeChat knows no carrier "${shipment.carrier.code}". Choose one of its list.`)
    const problem = unsendable(order, call, company)
    if (problem) return { key, status: 'refused', fault: problem }
    return await send(call, { shipment, order, company })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function readOrder(call: MiniCall, id: string): Promise<Order | undefined> {
  const record = await orderBy(call, { transaction_id: id })
  if (!record) return undefined
  const shipping = field(record.doc, 'shipping')
  return {
    state: textField(record.doc, 'order_state') ?? '',
    openid: textField(record.doc, 'openid') ?? '',
    description: textField(record.doc, 'description') ?? '',
    isSplit: textField(shipping, 'delivery_mode') === '2',
    isFinished: field(shipping, 'finish_shipping') === true,
    parcels: listIn(shipping, 'shipping_list').map((each) => {
      const seconds = Number(textField(each, 'upload_time') ?? 0)
      return {
        trackingNo: textField(each, 'tracking_no') ?? '',
        carrier: textField(each, 'express_company') ?? '',
        at: seconds > 0 ? new Date(seconds * 1000).toISOString() : undefined,
      }
    }),
  }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)
const isThere = (order: Order, { trackingNo }: ShipmentWrite): boolean => order.parcels.some((parcel) => isSame(parcel.trackingNo, trackingNo))

function unsendable(order: Order, call: MiniCall, company: string): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (order.state === REFUNDED) return fault('closed', 'The payment was given back: nothing must be sent.')
  if (order.isFinished)
    return fault(
      'shipped-otherwise',
      'WeChat shows this payment as sent under other tracking numbers. It can be told anew once, by hand in its backend.',
    )
  if (order.parcels.length >= MOST_PARCELS) return fault('too-many-parcels', `WeChat takes ${MOST_PARCELS} parcels of one payment.`)
  if (company === 'SF' && call.config.senderContact === '')
    return fault('sender-contact', 'WeChat wants the sender’s masked phone number with parcels of SF Express. Enter it in the settings.')
  return undefined
}

/** Codes both lists of the channel share go as they are; anything else is looked for in the list of carriers. */
async function companyOf(call: MiniCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  if (ours && SHARED.has(ours.code)) return ours.code
  const { doc } = await readWechat(call, 'cgi-bin/express/delivery/open_msg/get_delivery_list', {})
  const companies = listIn(doc, 'delivery_list')
  const names = [carrier.name, ...(ours ? [ours.zh, ours.en, ...ours.also] : [])]
  const byId = companies.find((each) => textField(each, 'delivery_id') === carrier.code)
  const byName = companies.find((each) => names.some((name) => isSame(textField(each, 'delivery_name') ?? '', name)))
  return textField(byId ?? byName, 'delivery_id')
}

const SHARED: ReadonlySet<string> = new Set(['SF', 'YTO', 'ZTO', 'STO', 'EMS'])

/** One parcel at a time: alone it is the whole (mode 1); with others it is split (mode 2), and the last one says so. */
async function send(call: MiniCall, given: { readonly shipment: ShipmentWrite; readonly order: Order; readonly company: string }): Promise<Outcome> {
  const { shipment, order, company } = given
  const { senderContact } = call.config
  const isSplit = order.isSplit || order.parcels.length > 0 || !shipment.last
  try {
    await writeWechat(call, 'wxa/sec/order/upload_shipping_info', {
      order_key: { order_number_type: 2, transaction_id: shipment.orderId },
      logistics_type: 1,
      delivery_mode: isSplit ? 2 : 1,
      ...(isSplit ? { is_all_delivered: shipment.last } : {}),
      shipping_list: [
        {
          tracking_no: shipment.trackingNo,
          express_company: company,
          item_desc: order.description.slice(0, 120) || 'goods',
          ...(senderContact === '' ? {} : { contact: { consignor_contact: senderContact } }),
        },
      ],
      upload_time: beijing(call.now()),
      payer: { openid: order.openid },
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

/** RFC 3339 with milliseconds, by the clock in Beijing; later uploads need later times. */
const beijing = (now: Date): string => new Date(now.getTime() + 28_800_000).toISOString().replace('Z', '+08:00')

/** Parcels of the payment as the channel shows them; what is in each it does not know. */
export async function readShipments(call: MiniCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = isTransaction(orderId) ? await readOrder(call, orderId) : undefined
  if (!order) return []
  return order.parcels.map(({ trackingNo, carrier, at }, i) => ({
    channelShipmentNo: trackingNo === '' ? `parcel ${i + 1}` : trackingNo,
    ...(carrier === '' ? {} : { carrier }),
    ...(trackingNo === '' ? {} : { trackingNo }),
    state: order.state === '3' || order.state === '4' ? 'delivered' : 'shipped',
    ...(at === undefined ? {} : { at }),
    lines: [],
  }))
}
