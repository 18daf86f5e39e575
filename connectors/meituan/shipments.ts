import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { textField } from '../../src/kit/read.ts'
import { write } from './client.ts'
import type { MeituanCall } from './manifest.ts'
import { isOrderId, readOrder } from './orders.ts'

/** Who may carry an order of a shop that delivers itself (`logistics_provider_code`); the channel has no list to ask. */
const PROVIDERS: readonly { readonly code: string; readonly names: readonly string[] }[] = [
  { code: '10001', names: ['SF', '顺丰', '顺丰同城', '顺丰速运'] },
  { code: '10002', names: ['DADA', '达达'] },
  { code: '10003', names: ['ISS', '闪送'] },
  { code: '10004', names: ['FENGNIAO', '蜂鸟'] },
  { code: '10005', names: ['UU', 'UU跑腿'] },
  { code: '10006', names: ['快跑者'] },
  { code: '10007', names: ['极客快送'] },
  { code: '10008', names: ['点我达'] },
  { code: '10009', names: ['同达'] },
  { code: '10010', names: ['生活半径'] },
  { code: '10011', names: ['邻趣'] },
  { code: '10012', names: ['趣送'] },
  { code: '10013', names: ['快服务'] },
  { code: '10014', names: ['菜鸟新配盟'] },
  { code: '10015', names: ['OWN', '商家自建配送', '商家自送', '自配送'] },
  { code: '10016', names: ['风先生'] },
  { code: '10017', names: ['OTHER', '其他'] },
  { code: '10032', names: ['美团跑腿'] },
]

const ACCEPTED_BY_CHANNEL = '2'
const ACCEPTED = '4'
const [FINISHED, CANCELLED] = ['8', '9']
/** Ways of delivery that are the shop's own. */
const OWN_DELIVERY: ReadonlySet<string> = new Set(['', '0000', '00009002', '00009003'])
const FETCHED = 20

/**
 * An order leaves as a whole. What leaves with a courier of the shop is told with its number; what a rider of the channel fetches, or the buyer,
 * is told to be picked and ready. An order nobody has accepted yet is accepted first.
 */
export async function pushShipment(call: MeituanCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!shipment.last) return refused(key, 'whole-order-only', 'Meituan sends an order as a whole: put everything into one shipment.')
  try {
    const order = isOrderId(orderId) ? await readOrder(call, orderId) : undefined
    if (!order) return refused(key, 'order-unknown', 'Meituan knows no such order of this shop.')
    const of = (name: string): string => textField(order.doc, name) ?? ''
    if (of('status') === CANCELLED) return refused(key, 'not-sendable', 'The order was cancelled at Meituan: it must not be sent.')
    if (of('status') === FINISHED) return { key, status: 'unchanged', proof: { status: FINISHED } }
    const isOwn = of('pick_type') !== '1' && OWN_DELIVERY.has(of('logistics_code'))
    const provider = providerOf(shipment)
    if (isOwn && provider === undefined)
      return refused(key, 'carrier-unknown', `Meituan knows no courier "${shipment.carrier.code}" for deliveries of the shop’s own.`)
    if (of('status') === ACCEPTED_BY_CHANNEL) await accept(call, orderId)
    if (!isOwn) {
      await write(call, 'GET', 'order/preparationMealComplete', { order_id: orderId })
      return { key, status: 'applied', proof: { ready: of('pick_type') === '1' ? 'pickup' : 'rider' } }
    }
    // Told again it is the same word again, so it may be repeated when an answer was lost.
    await write(call, 'POST', 'ecommerce/order/logistics/sync', {
      order_id: orderId,
      third_carrier_order_id: shipment.trackingNo,
      courier_name: call.config.courierName,
      courier_phone: call.config.courierPhone,
      logistics_provider_code: provider,
      logistics_status: FETCHED,
    })
    return { key, status: 'applied', proof: { tracking: shipment.trackingNo, provider: provider ?? '' } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** Somebody may have accepted it between our look and our word: that is no reason not to send it. */
async function accept(call: MeituanCall, orderId: string): Promise<void> {
  try {
    await write(call, 'GET', 'order/confirm', { order_id: orderId })
  } catch (error) {
    if (faultOf(error).kind !== 'refused') throw error
    const now = await readOrder(call, orderId)
    if (textField(now?.doc, 'status') !== ACCEPTED) throw error
  }
}

const fold = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

function providerOf({ carrier }: ShipmentWrite): string | undefined {
  const [code, name] = [fold(carrier.code), fold(carrier.name)]
  return PROVIDERS.find((each) => each.code === code || each.names.some((one) => fold(one) === code || fold(one) === name))?.code
}
