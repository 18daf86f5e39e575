import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { asList, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { DouyinCall } from './manifest.ts'
import { readOrder } from './orders.ts'
import { isId } from './param-json.ts'

interface Line {
  readonly id: string
  readonly ordered: number
  readonly shipped: number
  readonly gone: boolean
}
interface Standing {
  readonly status: string
  readonly lines: readonly Line[]
  readonly packages: readonly ChannelShipment[]
}

const CANCELLED = '4'
const FINISHED = '5'
/** Refunded before anything left (21), after it left (22), after it arrived (39). */
const REFUNDED: ReadonlySet<string> = new Set(['21', '22', '39'])

/**
 * Looks at the order first: a package that is there already is left alone. One that holds everything goes as a whole; any other
 * names its sub-orders and pieces and carries a key against repetition.
 */
export async function pushShipment(call: DouyinCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!isId(orderId)) return refused(key, 'order-id', 'This is not an order number of Douyin.')
  try {
    const order = await standingOf(call, orderId)
    if (!order) return refused(key, 'order-unknown', 'The shop has no such order.')
    const settled = isThere(shipment, order) ?? unsendable(shipment, order)
    if (settled) return settled
    const company = await companyCode(call, shipment)
    if (company === undefined)
      return refused(key, 'carrier-unknown', `Douyin knows no logistics company "${shipment.carrier.code}". Choose one of its list.`)
    return await send(call, { shipment, order, company })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function standingOf(call: DouyinCall, orderId: string): Promise<Standing | undefined> {
  const entry = await readOrder(call, orderId)
  if (!entry) return undefined
  const { doc } = entry
  const status = textField(doc, 'order_status') ?? ''
  const packages = packagesOf(doc, status)
  const lines = listField(doc, 'sku_order_list').map((line): Line => {
    const id = textField(line, 'order_id') ?? ''
    const held = packages.flatMap((one) => one.lines).filter(({ channelLineNo }) => channelLineNo === id)
    return {
      id,
      ordered: Number(textField(line, 'item_num') ?? 0),
      shipped: held.reduce((sum, { quantity }) => sum + Number(quantity), 0),
      gone: textField(line, 'order_status') === CANCELLED || REFUNDED.has(textField(line, 'main_status') ?? ''),
    }
  })
  return { status, lines, packages }
}

/** Packages as the order shows them. When each arrived it does not say; a finished order has arrived whole. */
function packagesOf(doc: unknown, status: string): readonly ChannelShipment[] {
  return listField(doc, 'logistics_info').map((one) => {
    const [carrier, trackingNo] = [textField(one, 'company_name') || textField(one, 'company'), textField(one, 'tracking_no')]
    const seconds = Number(textField(one, 'ship_time') ?? 0)
    return {
      channelShipmentNo: textField(one, 'delivery_id') || trackingNo || '',
      ...(carrier ? { carrier } : {}),
      ...(trackingNo ? { trackingNo } : {}),
      state: status === FINISHED ? 'delivered' : 'shipped',
      ...(seconds > 0 ? { at: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z` } : {}),
      lines: listField(one, 'product_info').map((line) => ({
        channelLineNo: textField(line, 'sku_order_id') ?? '',
        quantity: textField(line, 'product_count') ?? '0',
      })),
    }
  })
}

export const readShipments = async (call: DouyinCall, orderId: string): Promise<readonly ChannelShipment[]> =>
  isId(orderId) ? ((await standingOf(call, orderId))?.packages ?? []) : []

/** Pieces of this package: a package without lines holds everything that is still to be sent. */
const piecesOf = (shipment: ShipmentWrite, { lines }: Standing): readonly { readonly id: string; readonly count: number }[] =>
  shipment.lines.length > 0
    ? shipment.lines.map(({ channelLineNo, quantity }) => ({ id: channelLineNo, count: quantity }))
    : lines.flatMap(({ id, ordered, shipped, gone }) => (gone || shipped >= ordered ? [] : [{ id, count: ordered - shipped }]))

function isThere(shipment: ShipmentWrite, order: Standing): Outcome | undefined {
  const { key, trackingNo } = shipment
  const same = order.packages.find((one) => one.trackingNo === trackingNo)
  if (!same) return undefined
  const holds = shipment.lines.every(({ channelLineNo, quantity }) =>
    same.lines.some((line) => line.channelLineNo === channelLineNo && Number(line.quantity) === quantity),
  )
  if (!holds) return refused(key, 'shipped-otherwise', 'Douyin shows this tracking number with other contents.')
  return { key, status: 'unchanged', proof: { tracking: trackingNo, package: same.channelShipmentNo } }
}

function unsendable(shipment: ShipmentWrite, order: Standing): Outcome | undefined {
  const { key } = shipment
  if (order.status === CANCELLED) return refused(key, 'closed', 'The order was cancelled at Douyin: it must not be sent.')
  const pieces = piecesOf(shipment, order)
  if (pieces.length === 0) return refused(key, 'nothing-left', 'Douyin shows nothing of this order that is still to be sent.')
  for (const { id, count } of pieces) {
    const line = order.lines.find((each) => each.id === id)
    if (!line) return refused(key, 'line-unknown', 'The order has no such sub-order.')
    if (line.gone) return refused(key, 'line-closed', 'A sub-order of this package was refunded or cancelled at Douyin.')
    if (!Number.isSafeInteger(count) || count < 1) return refused(key, 'quantity-not-whole', 'Douyin sends whole pieces.')
    if (count > line.ordered - line.shipped)
      return refused(key, 'shipped-otherwise', 'Douyin shows pieces of this package as sent under another tracking number.')
  }
  return undefined
}

/** The code of the channel's own list, by our table's code or any name of the carrier: the channel has several hundred companies and renames them. */
async function companyCode(call: DouyinCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const companies = asList((await read(call, 'order.logisticsCompanyList', {})).data)
  const ours = CARRIERS.find((each) => each.code === carrier.code || each.codes['douyin'] === carrier.code)
  const codes = [carrier.code, ours?.codes['douyin']].map(folded)
  const names = [carrier.name, ours?.zh, ours?.en, ...(ours?.also ?? [])].map(folded)
  const find = (member: string, wanted: readonly string[]): unknown =>
    companies.find((company) => wanted.includes(folded(textField(company, member) ?? '??')))
  const [byCode, byName] = [find('code', codes), find('name', names)]
  return textField(byCode ?? byName, 'code')
}

/** A company without code or name is nobody's. */
const folded = (text: string | undefined): string => text?.normalize('NFKC').trim().toLowerCase() ?? '?'

interface Sending {
  readonly shipment: ShipmentWrite
  readonly order: Standing
  readonly company: string
}

async function send(call: DouyinCall, { shipment, order, company }: Sending): Promise<Outcome> {
  const { key, orderId, trackingNo } = shipment
  const pieces = piecesOf(shipment, order)
  const open = order.lines.filter(({ gone }) => !gone)
  const isWhole = open.every(({ id, ordered, shipped }) => shipped === 0 && pieces.some((piece) => piece.id === id && piece.count === ordered))
  try {
    if (isWhole) await write(call, 'order.logisticsAdd', { order_id: orderId, company_code: company, logistics_code: trackingNo })
    else {
      const shipped_order_info = pieces.map(({ id, count }) => ({ shipped_order_id: id, shipped_num: count }))
      const pack_list = [{ company_code: company, logistics_code: trackingNo, shipped_order_info }]
      await write(call, 'order.logisticsAddMultiPack', { order_id: orderId, request_id: shipment.idempotencyKey, pack_list })
    }
    return { key, status: 'applied', proof: { tracking: trackingNo, company } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call ("订单已发货").
    const now = await standingOf(call, orderId)
    const there = now && isThere(shipment, now)
    if (there?.status === 'unchanged') return there
    throw new ChannelError(fault, { cause: error })
  }
}
