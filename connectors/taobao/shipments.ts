import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { instantOf } from '../../src/kit/beijing-time.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { TopCall } from './manifest.ts'

const SHIPPING_FIELDS = 'tid,order_code,out_sid,company_name,status,type,seller_confirm,created,modified,is_split,sub_tids'

interface TradeLine {
  readonly oid: string
  readonly quantity: string
  readonly status: string
  readonly trackingNo: string
}
interface Trade {
  readonly type: string
  readonly status: string
  readonly lines: readonly TradeLine[]
}

const GONE: ReadonlySet<string> = new Set(['TRADE_CLOSED', 'TRADE_CLOSED_BY_TAOBAO'])
const SENT: ReadonlySet<string> = new Set(['WAIT_BUYER_CONFIRM_GOODS', 'TRADE_BUYER_SIGNED', 'TRADE_FINISHED'])

/**
 * Looks at the trade first: a package that is there already is left alone. The channel ships whole sub-orders; a package
 * that does not hold everything still to be sent names its own and is marked as split.
 */
export async function pushShipment(call: TopCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  if (!/^\d{1,20}$/.test(shipment.orderId)) return refused(key, 'order-id', 'This is not a trade number of Taobao.')
  try {
    const trade = await readTrade(call, shipment.orderId)
    const there = await isThere(call, shipment, trade)
    if (there) return there
    const problem = unsendable(shipment, trade)
    if (problem) return { key, status: 'refused', fault: problem }
    const code = await companyCode(call, shipment)
    if (code === undefined)
      return refused(key, 'carrier-unknown', `Taobao knows no logistics company "${shipment.carrier.code}". Choose one of its list.`)
    return await send(call, { shipment, trade, code })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function readTrade(call: TopCall, tid: string): Promise<Trade> {
  const { doc } = await read(call, 'taobao.trade.fullinfo.get', { fields: 'tid,type,status,orders', tid })
  const trade = field(doc, 'trade')
  return {
    type: textField(trade, 'type') ?? '',
    status: textField(trade, 'status') ?? '',
    lines: listField(field(trade, 'orders'), 'order').map((line) => ({
      oid: textField(line, 'oid') ?? '',
      quantity: textField(line, 'num') ?? '0',
      status: textField(line, 'status') ?? '',
      trackingNo: textField(line, 'invoice_no') ?? '',
    })),
  }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)

/** Every sub-order of the package has been sent: under our number that is what was wanted, under another a person has to look. */
async function isThere(call: TopCall, shipment: ShipmentWrite, trade: Trade): Promise<Outcome | undefined> {
  const wanted = linesOf(shipment, trade)
  if (wanted.length === 0 || !wanted.every((line) => SENT.has(line.status))) return undefined
  const shown = wanted.map((line) => line.trackingNo).filter((no) => no !== '')
  const numbers = shown.length > 0 ? shown : (await readShipments(call, shipment.orderId)).flatMap((each) => each.trackingNo ?? [])
  const { key, trackingNo } = shipment
  if (numbers.some((no) => isSame(no, trackingNo))) return { key, status: 'unchanged', proof: { tracking: trackingNo } }
  return refused(key, 'shipped-otherwise', 'Taobao shows these sub-orders as sent with another tracking number.')
}

/** A package without lines holds everything. */
function linesOf(shipment: ShipmentWrite, trade: Trade): readonly TradeLine[] {
  const wanted = new Set(shipment.lines.map((line) => line.channelLineNo))
  return trade.lines.filter((line) => (wanted.size === 0 ? !GONE.has(line.status) : wanted.has(line.oid)))
}

function unsendable(shipment: ShipmentWrite, trade: Trade): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (GONE.has(trade.status)) return fault('closed', `The trade is closed at Taobao (${trade.status}): it must not be sent.`)
  const unknown = shipment.lines.find((line) => !trade.lines.some((each) => each.oid === line.channelLineNo))
  if (unknown) return fault('line-unknown', 'The trade has no such sub-order.')
  const part = shipment.lines.find((line) => trade.lines.some((each) => each.oid === line.channelLineNo && Number(each.quantity) > line.quantity))
  if (part) return fault('line-in-parts', 'Taobao sends a sub-order whole: put all its pieces into one package here.')
  if (linesOf(shipment, trade).some((line) => GONE.has(line.status))) return fault('line-closed', 'A sub-order of this package was closed at Taobao.')
  return undefined
}

/** Codes of our table go as they are; anything else is looked for in the channel's own list, by code or any of its names. */
async function companyCode(call: TopCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  if (KNOWN.has(carrier.code)) return carrier.code
  const { doc } = await read(call, 'taobao.logistics.companies.get', { fields: 'id,code,name,reg_mail_no' })
  const companies = listField(field(doc, 'logistics_companies'), 'logistics_company')
  const ours = CARRIERS.find((each) => each.code === carrier.code || each.codes['taobao'] === carrier.code)
  const names = [carrier.name, ...(ours ? [ours.zh, ours.en, ...ours.also] : [])]
  const byCode = companies.find((company) => isSame(textField(company, 'code') ?? '', carrier.code))
  const byName = companies.find((company) => names.some((name) => isSame(textField(company, 'name') ?? '', name)))
  return textField(byCode ?? byName, 'code')
}

/** Companies of the seed table, whose codes ours are written with. */
const KNOWN: ReadonlySet<string> = new Set(['SF', 'YTO', 'ZTO', 'STO', 'YUNDA', 'EMS'])

async function send(call: TopCall, given: { readonly shipment: ShipmentWrite; readonly trade: Trade; readonly code: string }): Promise<Outcome> {
  const { shipment, trade, code } = given
  const wanted = linesOf(shipment, trade)
  const online = call.config.shipApi === 'online' || trade.type === 'cod'
  const isSplit = wanted.length < trade.lines.filter((line) => !GONE.has(line.status)).length
  const split = isSplit ? { sub_tid: wanted.map((line) => line.oid).join(','), is_split: 1 } : {}
  const begun = online && (await isBegun(call, shipment.orderId))
  try {
    const { doc } = begun
      ? await write(call, 'taobao.logistics.online.confirm', { tid: shipment.orderId, out_sid: shipment.trackingNo, ...split })
      : await write(call, online ? 'taobao.logistics.online.send' : 'taobao.logistics.offline.send', {
          tid: shipment.orderId,
          company_code: code,
          out_sid: shipment.trackingNo,
          ...split,
        })
    if (textField(field(doc, 'shipping'), 'is_success') !== 'true')
      return refused(shipment.key, 'not-success', 'Taobao answered that the package was not accepted.')
    return { key: shipment.key, status: 'applied', proof: { tracking: shipment.trackingNo, company: code } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const there = await isThere(call, shipment, await readTrade(call, shipment.orderId))
    if (there?.status === 'unchanged') return there
    throw new ChannelError(fault)
  }
}

/** An online order without a number was made before and only waits for it. */
async function isBegun(call: TopCall, tid: string): Promise<boolean> {
  const all = await shippingsOf(call, tid)
  return all.some(
    (each) =>
      (textField(each, 'out_sid') ?? '') === '' && textField(each, 'seller_confirm') === 'no' && !CANCELLED.has(textField(each, 'status') ?? ''),
  )
}

async function shippingsOf(call: TopCall, tid: string): Promise<readonly unknown[]> {
  const { doc } = await read(call, 'taobao.logistics.orders.get', { fields: SHIPPING_FIELDS, tid })
  return listField(field(doc, 'shippings'), 'shipping')
}

const CANCELLED: ReadonlySet<string> = new Set(['CANCELLED', 'CLOSED', 'REJECTED', 'ACCEPTED_FAILED'])
const DELIVERED: ReadonlySet<string> = new Set(['ACCEPTED_BY_RECEIVER', 'SIGNED'])

/** Every logistics order of the trade; one that is not split holds all its sub-orders. */
export async function readShipments(call: TopCall, orderId: string): Promise<readonly ChannelShipment[]> {
  if (!/^\d{1,20}$/.test(orderId)) return []
  const all = await shippingsOf(call, orderId)
  if (all.length === 0) return []
  const { lines } = await readTrade(call, orderId)
  return all.map((each) => shipmentOf(each, lines))
}

function shipmentOf(doc: unknown, lines: readonly TradeLine[]): ChannelShipment {
  const subs = new Set(listField(field(doc, 'sub_tids'), 'number').map(String))
  const [carrier, trackingNo, status] = [textField(doc, 'company_name') ?? '', textField(doc, 'out_sid') ?? '', textField(doc, 'status') ?? '']
  const at = instantOf(textField(doc, 'modified') ?? textField(doc, 'created') ?? '')
  return {
    channelShipmentNo: textField(doc, 'order_code') ?? trackingNo,
    ...(carrier === '' ? {} : { carrier }),
    ...(trackingNo === '' ? {} : { trackingNo }),
    state: CANCELLED.has(status)
      ? 'cancelled'
      : DELIVERED.has(status)
        ? 'delivered'
        : textField(doc, 'seller_confirm') === 'yes'
          ? 'shipped'
          : 'pending',
    ...(at === undefined ? {} : { at }),
    lines: lines
      .filter((line) => !GONE.has(line.status) && (subs.size === 0 || subs.has(line.oid)))
      .map((line) => ({ channelLineNo: line.oid, quantity: line.quantity })),
  }
}
