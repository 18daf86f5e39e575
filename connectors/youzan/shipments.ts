import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError, type Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { instantOf } from '../../src/kit/beijing-time.ts'
import { absentAs, faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { YouzanCall } from './manifest.ts'
import { isOrderNo } from './webhooks.ts'

interface Trade {
  readonly status: string
  readonly closed: boolean
  readonly updatedAt: string | undefined
  readonly lines: readonly { readonly oid: string; readonly quantity: string; readonly refunded: boolean }[]
  readonly packages: readonly Package[]
}
interface Package {
  readonly id: string
  readonly carrier: string
  readonly trackingNo: string
  readonly oids: readonly string[]
}

/** Looks at the order first: a package that is there already is left alone. The channel sends whole lines; a package that does not hold all of them names its own. */
export async function pushShipment(call: YouzanCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  if (!isOrderNo(shipment.orderId)) return refused(key, 'order-id', 'This is not an order number of Youzan.')
  try {
    const trade = await readTrade(call, shipment.orderId)
    if (!trade) return refused(key, 'order-missing', 'Youzan does not know this order, or it belongs to another shop.')
    const there = isThere(shipment, trade)
    if (there) return there
    const problem = unsendable(shipment, trade)
    if (problem) return { key, status: 'refused', fault: problem }
    const company = await companyId(call, shipment)
    if (company === undefined) return refused(key, 'carrier-unknown', `Youzan knows no carrier "${shipment.carrier.code}". Choose one of its list.`)
    return await send(call, { shipment, trade, company })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function readTrade(call: YouzanCall, tid: string): Promise<Trade | undefined> {
  const doc = (await absentAs(read(call, 'youzan.trade.get/4.0.2', { tid })))?.doc
  const info = field(field(doc, 'full_order_info'), 'order_info')
  if (textField(info, 'tid') !== tid) return undefined
  const refunded = refundedOf(doc)
  const status = textField(info, 'status') ?? ''
  return {
    status,
    closed: status === 'TRADE_CLOSED',
    updatedAt: instantOf(textField(info, 'consign_time') ?? '') ?? instantOf(textField(info, 'update_time') ?? ''),
    lines: listField(field(doc, 'full_order_info'), 'orders').map((line) => {
      const oid = textField(line, 'oid') ?? ''
      return { oid, quantity: textField(line, 'num') ?? '0', refunded: refunded.has(oid) }
    }),
    packages: listField(doc, 'delivery_order')
      .filter((each) => textField(each, 'express_state') === '1')
      .flatMap((each) => listField(each, 'dists').map((dist) => packageOf(dist, oidsOf(each)))),
  }
}

/** Lines whose money went back. A done refund of less than they cost, even without the postage, only made them cheaper: they still have to be sent. */
function refundedOf(doc: unknown): ReadonlySet<string> {
  const order = field(doc, 'full_order_info')
  const done = listField(doc, 'refund_order').filter((each) => textField(each, 'refund_state') === '60')
  const costs = new Map(listField(order, 'orders').map((line) => [textField(line, 'oid') ?? '', minorOf(line, 'payment')]))
  const post = minorOf(field(order, 'pay_info'), 'post_fee')
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const isBack = (oid: string): boolean => {
    const about = done.filter((each) => oidsOf(each).includes(oid))
    const cost = sum([...new Set(about.flatMap(oidsOf))].map((each) => costs.get(each) ?? 0))
    return sum(about.map((each) => minorOf(each, 'refund_fee'))) + post >= cost
  }
  return new Set(done.flatMap(oidsOf).filter(isBack))
}

/** Yuan in fen, to compare by. */
const minorOf = (doc: unknown, name: string): number => Math.round(Number(textField(doc, name) ?? 0) * 100)

/** Lines are named by objects or, in messages, by plain numbers. */
const oidsOf = (doc: unknown): readonly string[] =>
  listField(doc, 'oids').flatMap((each) => textField(each, 'oid') ?? textField({ oid: each }, 'oid') ?? [])

function packageOf(dist: unknown, oids: readonly string[]): Package {
  const express = field(dist, 'express_info')
  return {
    id: textField(dist, 'dist_id') ?? '',
    carrier: textField(express, 'express_id') ?? '',
    trackingNo: textField(express, 'express_no') ?? '',
    oids,
  }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
const isSame = (a: string, b: string): boolean => folded(a) === folded(b)

/** A package without lines holds everything that goes. */
const linesOf = (shipment: ShipmentWrite, trade: Trade): Trade['lines'] => {
  const wanted = new Set(shipment.lines.map((line) => line.channelLineNo))
  return trade.lines.filter((line) => (wanted.size === 0 ? !line.refunded : wanted.has(line.oid)))
}

/** Every line of the package has been sent: under our number that is what was wanted, under another a person has to look. */
function isThere(shipment: ShipmentWrite, trade: Trade): Outcome | undefined {
  const wanted = linesOf(shipment, trade).map((line) => line.oid)
  const theirs = trade.packages.filter(({ oids }) => wanted.some((oid) => oids.includes(oid)))
  if (wanted.length === 0 || !wanted.every((oid) => theirs.some(({ oids }) => oids.includes(oid)))) return undefined
  const { key, trackingNo } = shipment
  if (theirs.some((each) => isSame(each.trackingNo, trackingNo))) return { key, status: 'unchanged', proof: { tracking: trackingNo } }
  return refused(key, 'shipped-otherwise', 'Youzan shows these lines as sent with another tracking number.')
}

function unsendable(shipment: ShipmentWrite, trade: Trade): Fault | undefined {
  const fault = (code: string, message: string): Fault => ({ kind: 'refused', code, message })
  if (trade.closed) return fault('closed', 'The order is closed at Youzan: it must not be sent.')
  const of = (line: ShipmentWrite['lines'][number]): Trade['lines'][number] | undefined => trade.lines.find(({ oid }) => oid === line.channelLineNo)
  if (shipment.lines.some((line) => !of(line))) return fault('line-unknown', 'The order has no such line.')
  if (shipment.lines.some((line) => Number(of(line)?.quantity) > line.quantity))
    return fault('line-in-parts', 'Youzan sends a line whole: put all its pieces into one package here.')
  if (linesOf(shipment, trade).some((line) => line.refunded)) return fault('line-closed', 'A line of this package was refunded at Youzan.')
  if (!/^[A-Za-z0-9-]+$/.test(shipment.trackingNo)) return fault('tracking-form', 'Youzan takes letters, digits and hyphens in a tracking number.')
  return undefined
}

/** Numbers of our table go as they are; anything else is looked for in the channel's own list, by number or any of its names. */
async function companyId(call: YouzanCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  const known = ours?.codes['youzan']
  if (known !== undefined) return known
  const { doc } = await read(call, 'youzan.logistics.express.get/3.0.0', {})
  const companies = listField(doc, 'allExpress')
  const names = [carrier.name, ...(ours ? [ours.zh, ours.en, ...ours.also] : [])]
  const byId = companies.find((each) => textField(each, 'id') === carrier.code)
  const byName = companies.find((each) => names.some((name) => isSame(textField(each, 'name') ?? '', name)))
  return textField(byId ?? byName, 'id')
}

async function send(
  call: YouzanCall,
  given: { readonly shipment: ShipmentWrite; readonly trade: Trade; readonly company: string },
): Promise<Outcome> {
  const { shipment, trade, company } = given
  const wanted = linesOf(shipment, trade)
  const isPart = wanted.length < trade.lines.filter((line) => !line.refunded).length
  const sender = call.config.senderMobile
  try {
    const { doc } = await write(call, 'youzan.logistics.online.confirm/3.0.0', {
      tid: shipment.orderId,
      is_no_express: 0,
      out_stype: company,
      out_sid: shipment.trackingNo,
      ...(isPart ? { oids: wanted.map((line) => line.oid).join(',') } : {}),
      ...(sender === '' ? {} : { outer_sender: { sender_mobile: sender } }),
    })
    if (textField(doc, 'is_success') !== 'true') return refused(shipment.key, 'not-success', 'Youzan answered that the package was not accepted.')
    return { key: shipment.key, status: 'applied', proof: { tracking: shipment.trackingNo, company } }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = await readTrade(call, shipment.orderId)
    const there = now && isThere(shipment, now)
    if (there?.status === 'unchanged') return there
    throw new ChannelError(fault)
  }
}

/** Packages of the order as the channel shows them; the carrier is its number in the channel's list. */
export async function readShipments(call: YouzanCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const trade = isOrderNo(orderId) ? await readTrade(call, orderId) : undefined
  if (!trade) return []
  const at = trade.updatedAt === undefined ? {} : { at: trade.updatedAt }
  return trade.packages.map(({ id, carrier, trackingNo, oids }) => ({
    channelShipmentNo: id === '' ? trackingNo : id,
    ...(carrier === '' ? {} : { carrier }),
    ...(trackingNo === '' ? {} : { trackingNo }),
    state: trade.status === 'TRADE_SUCCESS' ? 'delivered' : 'shipped',
    ...at,
    lines: trade.lines.filter(({ oid }) => oids.includes(oid)).map(({ oid, quantity }) => ({ channelLineNo: oid, quantity })),
  }))
}
