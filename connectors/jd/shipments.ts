import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { Fault } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import type { JdCall } from './manifest.ts'
import { readOrder } from './orders.ts'

const SENT: ReadonlySet<string> = new Set([
  'WAIT_GOODS_RECEIVE_CONFIRM',
  'SEND_TO_DISTRIBUTION_CENER',
  'DISTRIBUTION_CENTER_RECEIVED',
  'RECEIPTS_CONFIRM',
  'FINISHED_L',
])

/** Why an order in this state cannot be sent. */
const HELD: ReadonlyMap<string, string> = new Map([
  ['LOCKED', 'The buyer asked to cancel: JD has locked the order.'],
  ['PAUSE', 'JD has paused the order.'],
  ['POP_ORDER_PAUSE', 'JD has paused the order.'],
  ['TRADE_CANCELED', 'The order was cancelled at JD: it must not be sent.'],
])

/**
 * An order leaves as a whole, in one call that names every tracking number: numbers of one company stand in one shipment,
 * separated by commas. A package that leaves something behind is refused here before it would ship the rest with it.
 */
export async function pushShipment(call: JdCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  const numbers = numbersOf(shipment.trackingNo)
  if (numbers.length === 0) return refused(key, 'tracking-missing', 'JD ships with a tracking number only.')
  if (!shipment.last)
    return refused(
      key,
      'whole-order-only',
      'JD ships an order as a whole: put everything into one shipment, several tracking numbers separated by commas.',
    )
  try {
    const order = /^\d{1,20}$/.test(shipment.orderId) ? await readOrder(call, shipment.orderId) : undefined
    if (!order) return refused(key, 'order-unknown', 'JD knows no such order.')
    const there = isThere(key, numbers, order.doc)
    if (there) return there
    const problem = HELD.get(textField(order.doc, 'orderState') ?? '')
    if (problem !== undefined) return refused(key, 'not-sendable', problem)
    const company = await companyId(call, shipment)
    if (company === undefined)
      return refused(
        key,
        'carrier-unknown',
        `JD knows no logistics company "${shipment.carrier.code}" of this shop. Add it in the shop's back office.`,
      )
    return await send(call, { shipment, numbers, company })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

const fold = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()
/** "1200458628372,111232|468778814888": companies are separated by bars, numbers of one company by commas. */
const numbersOf = (text: string): readonly string[] => text.split(/[,|，]/).flatMap((one) => (one.trim() === '' ? [] : [one.trim()]))

/** The order has left: under our numbers that is what was wanted, under others a person has to look. */
function isThere(key: string, numbers: readonly string[], doc: unknown): Outcome | undefined {
  if (!SENT.has(textField(doc, 'orderState') ?? '')) return undefined
  const shown = new Set(numbersOf(textField(doc, 'waybill') ?? '').map(fold))
  if (numbers.every((one) => shown.has(fold(one)))) return { key, status: 'unchanged', proof: { tracking: numbers.join(',') } }
  return refused(key, 'shipped-otherwise', 'JD shows this order as sent with another tracking number.')
}

/** Numbers of our table go as they are; anything else is looked for among the companies of this shop, by number or any of its names. */
async function companyId(call: JdCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const ours = CARRIERS.find((each) => each.code === carrier.code || each.codes['jd'] === carrier.code)
  const known = ours?.codes['jd']
  if (known !== undefined) return known
  const { doc } = await read(call, 'jingdong.fce.alpha.getVenderCarrier', {})
  const companies = listField(field(field(doc, 'StandardGenericResponse'), 'result'), 'carrierList')
  const names = new Set([carrier.name, ...(ours ? [ours.zh, ours.en, ...ours.also] : [])].map(fold))
  const found =
    companies.find((company) => textField(company, 'id') === carrier.code) ??
    companies.find((company) => names.has(fold(textField(company, 'name') ?? '')))
  return textField(found, 'id')
}

/** The order is being sent at this moment. */
const UNDER_WAY = '70'

interface Sending {
  readonly shipment: ShipmentWrite
  readonly numbers: readonly string[]
  readonly company: string
}

async function send(call: JdCall, { shipment, numbers, company }: Sending): Promise<Outcome> {
  const { key, orderId } = shipment
  try {
    await write(call, 'jingdong.pop.order.shipment', { orderId, logiCoprId: company, logiNo: numbers.join(',') }, 'sopjosshipment_result')
    return { key, status: 'applied', proof: { tracking: numbers.join(','), company } }
  } catch (error) {
    const fault: Fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const there = isThere(key, numbers, (await readOrder(call, orderId))?.doc)
    if (there?.status === 'unchanged') return there
    // What is being sent may be our own earlier attempt, whose answer was lost: it is read back.
    return fault.code === UNDER_WAY ? { key, status: 'unknown', fault: { ...fault, kind: 'in-doubt' } } : { key, status: 'refused', fault }
  }
}

/** What left the seller, company by company; a locked or waiting order has nothing to show. */
export async function readShipments(call: JdCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const order = /^\d{1,20}$/.test(orderId) ? await readOrder(call, orderId) : undefined
  const [state, waybill] = [textField(order?.doc, 'orderState') ?? '', textField(order?.doc, 'waybill') ?? '']
  if (waybill === '' || !SENT.has(state)) return []
  const companies = (textField(order?.doc, 'logisticsId') ?? '').split('|')
  // Which goods went under which of several numbers nothing tells.
  const lines = numbersOf(waybill).length === 1 ? linesOf(listField(order?.doc, 'itemInfoList')) : []
  return waybill.split('|').flatMap((group, i) =>
    numbersOf(group).map((trackingNo): ChannelShipment => {
      const carrier = companies[i] ?? companies[0] ?? ''
      return {
        channelShipmentNo: trackingNo,
        trackingNo,
        ...(carrier === '' ? {} : { carrier: CARRIERS.find((each) => each.codes['jd'] === carrier)?.code ?? carrier }),
        state: state === 'FINISHED_L' ? 'delivered' : 'shipped',
        lines,
      }
    }),
  )
}

/** Lines have no number of their own: the SKU's, counted where it stands there more than once (as the mapping does). */
function linesOf(items: readonly unknown[]): ChannelShipment['lines'] {
  const skus = items.map((item) => textField(item, 'skuId') ?? '')
  return items.map((item, i) => {
    const nth = skus.slice(0, i + 1).filter((sku) => sku === skus[i]).length
    return { channelLineNo: nth === 1 ? (skus[i] ?? '') : `${skus[i] ?? ''}-${nth}`, quantity: textField(item, 'itemTotal') ?? '0' }
  })
}
