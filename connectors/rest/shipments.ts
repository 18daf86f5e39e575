import { PICKUP } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { matches, pick, picks, pickText } from '../../src/core/pick.ts'
import { absentAs, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { asList } from '../../src/kit/read.ts'
import { sendJson } from './client.ts'
import type { Repeatable } from './description.ts'
import type { RestCall } from './manifest.ts'
import { fillBody, fillPath, fillQuery, templateNames, type Values } from './template.ts'

/** What the channel knows of an order's packages. An order it does not know comes out as an error. */
export async function readShipments(call: RestCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const read = call.config.shipping?.read
  if (!read) return []
  const values = { orderId, orderNo: orderId, limit: '100' }
  const { doc } = await sendJson(call, { path: fillPath(read.path, values), query: fillQuery(read.query, values) })
  return asList(pick(doc, read.items)).flatMap((item): readonly ChannelShipment[] => {
    const text = (pointer: string | undefined): string => (pointer === undefined ? '' : (pickText(item, pointer) ?? ''))
    const [id, carrier, trackingNo] = [text(read.id), text(read.carrier), text(read.trackingNo)]
    if (id === '') return []
    const { lines } = read
    return [
      {
        channelShipmentNo: id,
        ...(carrier === '' ? {} : { carrier }),
        ...(trackingNo === '' ? {} : { trackingNo }),
        state: read.cancelled && matches(item, read.cancelled) ? 'cancelled' : 'shipped',
        lines: lines
          ? picks(item, `${lines.items}/*`).flatMap((line) => {
              const channelLineNo = pickText(line, lines.line)
              return channelLineNo === undefined ? [] : [{ channelLineNo, quantity: pickText(line, lines.quantity) ?? '0' }]
            })
          : [],
      },
    ]
  })
}

/** Looks first whether the package is there (by its number), then writes it once, then makes the call that ends an order. */
export async function pushShipment(call: RestCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  const how = call.config.shipping
  if (!how) return refused(key, 'not-described', 'The settings describe no call for shipments.')
  if (!how.partial && !shipment.last) return refused(key, 'whole-orders-only', 'This channel takes whole orders only: send all of it in one package.')
  if (shipment.carrier.code === PICKUP) return collected(call, shipment)
  const carrier = how.carriers[shipment.carrier.code] ?? (how.unknownCarrier === 'keep' ? shipment.carrier.code : undefined)
  if (carrier === undefined) return refused(key, 'carrier-unknown', `The settings name no code for the carrier "${shipment.carrier.code}".`)
  try {
    const before = await readShipments(call, shipment.orderId)
    const there = before.find((each) => each.trackingNo === shipment.trackingNo && each.state !== 'cancelled')
    const values = valuesOf(shipment, carrier)
    const id = there?.channelShipmentNo ?? (await write(call, shipment, values))
    if (shipment.last && how.whenLast) await repeatable(call, shipment, { call: how.whenLast, values })
    return { key, status: there ? 'unchanged' : 'applied', proof: { shipment: id } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

/** The call the settings describe for goods the buyer collected; repeating it changes nothing. */
async function collected(call: RestCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  const how = call.config.shipping
  if (!how?.collected) return refused(key, 'no-pickup', 'The settings describe no call for goods that were collected: do it at the channel.')
  if (!shipment.last && !templateNames(how.collected.body).lists.includes('lines'))
    return { key, status: 'unchanged', proof: { told: 'with the last piece' } }
  try {
    const values = valuesOf(shipment, PICKUP)
    const done = await repeatable(call, shipment, { call: how.collected, values })
    if (!done) return refused(key, 'order-missing', 'The channel does not know this order.')
    if (shipment.last && how.whenLast) await repeatable(call, shipment, { call: how.whenLast, values })
    return { key, status: 'applied', proof: { told: 'collected' } }
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

function valuesOf(shipment: ShipmentWrite, carrier: string): Values {
  return {
    orderId: shipment.orderId,
    orderNo: shipment.channelOrderNo,
    carrier,
    carrierName: shipment.carrier.name,
    trackingNo: shipment.trackingNo,
    trackingUrl: shipment.carrier.trackingUrl ?? '',
    shippedAt: shipment.shippedAt,
    notify: String(shipment.notifyBuyer),
    key: shipment.idempotencyKey,
    package: shipment.key,
  }
}

async function write(call: RestCall, shipment: ShipmentWrite, values: Values): Promise<string> {
  const how = call.config.shipping
  if (!how) return ''
  const lines = shipment.lines.map((line) => ({ line: line.channelLineNo, quantity: String(line.quantity) }))
  const { doc } = await sendJson(call, {
    method: how.method,
    path: fillPath(how.path, values),
    query: fillQuery(how.query, values),
    body: fillBody(how.body, values, { lines }),
    idempotent: false,
  })
  return (how.id === undefined ? undefined : pickText(doc, how.id)) ?? ''
}

/** Repeating it changes nothing: the settings promise so. Undefined where the channel knows no such order. */
function repeatable(call: RestCall, shipment: ShipmentWrite, given: { readonly call: Repeatable; readonly values: Values }): Promise<unknown> {
  const { method, path, query, body } = given.call
  const lines = shipment.lines.map((line) => ({ line: line.channelLineNo, quantity: String(line.quantity) }))
  return absentAs(
    sendJson(call, {
      method,
      path: fillPath(path, given.values),
      query: fillQuery(query, given.values),
      body: fillBody(body, given.values, { lines }),
      idempotent: true,
    }),
  )
}
