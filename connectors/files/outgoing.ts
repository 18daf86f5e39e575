import { createHash } from 'node:crypto'
import { PICKUP } from '../../src/core/carriers.ts'
import type { Call, InventoryReading, InventoryWrite, Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { renderTable } from '../../src/kit/files/write-table.ts'
import { manifest, type Config, type Secrets } from './manifest.ts'
import { nameOf, stamp } from './names.ts'
import { STATE, parseState } from './reading.ts'
import { withTransport } from './transport.ts'
import type { Transport } from './transport.ts'

const LEVELS = 'stock-levels.json'
const MAX_STATE = 50_000_000

/** One file per batch. What was written is remembered beside it, so that it can be read back after a crash. */
export async function pushInventory(call: Call<Config, Secrets>, writes: readonly InventoryWrite[]): Promise<readonly Outcome[]> {
  const { maxBatch } = manifest.capabilities.pushInventory
  if (writes.length > maxBatch) throw new RangeError(`At most ${maxBatch} levels at once.`)
  if (writes.length === 0) return []
  const at = call.now()
  const batch = createHash('sha256')
    .update(writes.map((write) => write.idempotencyKey).join('\n'))
    .digest('hex')
    .slice(0, 8)
  const file = `stock-${stamp(at)}-${batch}.${call.config.outgoing}`
  const rows = writes.map((write) => [write.sku, String(write.quantity), write.key, at.toISOString()])
  try {
    await withTransport(call, async (transport) => {
      await transport.write(call.config.outbox, file, await renderTable(call.config.outgoing, ['sku', 'quantity', 'listing', 'as_of'], rows))
      const levels = await loadLevels(transport)
      for (const write of writes) levels.set(write.key, write.quantity)
      await transport.write(STATE, LEVELS, Buffer.from(JSON.stringify([...levels])))
    })
    return writes.map(({ key }) => ({ key, status: 'applied', proof: { file } }))
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'in-doubt') throw error
    const { fault } = error
    return writes.map(({ key }) => ({ key, status: 'unknown', fault }))
  }
}

/** The level last written for each listing; undefined where none was. */
export async function readInventory(
  call: Call<Config, Secrets>,
  listings: readonly Pick<InventoryWrite, 'key'>[],
): Promise<readonly InventoryReading[]> {
  const levels = await withTransport(call, loadLevels)
  return listings.map(({ key }) => ({ key, quantity: levels.get(key) }))
}

async function loadLevels(transport: Transport): Promise<Map<string, number>> {
  const bytes = await transport.read(STATE, LEVELS, MAX_STATE)
  const list: unknown = bytes === undefined ? [] : parseState(bytes)
  const levels = new Map<string, number>()
  for (const pair of Array.isArray(list) ? list : []) {
    const [key, quantity]: readonly unknown[] = Array.isArray(pair) ? pair : []
    if (typeof key === 'string' && typeof quantity === 'number') levels.set(key, quantity)
  }
  return levels
}

/** One file per package, named after order and package: repeating it replaces the same file. */
export async function pushShipment(call: Call<Config, Secrets>, shipment: ShipmentWrite): Promise<Outcome> {
  const { key } = shipment
  const file = `shipment-${nameOf(shipment.channelOrderNo)}-${nameOf(key)}.${call.config.outgoing}`
  const columns = [
    'order_no',
    'shipment_no',
    'carrier_code',
    'carrier',
    'tracking_no',
    'tracking_url',
    'line_no',
    'quantity',
    'shipped_at',
    'last_shipment',
  ]
  const rows = shipment.lines.map((line) => [
    shipment.channelOrderNo,
    key,
    shipment.carrier.code,
    shipment.carrier.name,
    shipment.trackingNo,
    shipment.carrier.trackingUrl ?? '',
    line.channelLineNo,
    String(line.quantity),
    shipment.shippedAt,
    shipment.last ? 'yes' : 'no',
  ])
  const told: ChannelShipment = {
    channelShipmentNo: key,
    carrier: shipment.carrier.code,
    ...(shipment.trackingNo === '' ? {} : { trackingNo: shipment.trackingNo }),
    // What was collected has no number; it is where it belongs.
    state: shipment.carrier.code === PICKUP ? 'delivered' : 'shipped',
    at: shipment.shippedAt,
    lines: shipment.lines.map((line) => ({ channelLineNo: line.channelLineNo, quantity: String(line.quantity) })),
  }
  try {
    return await withTransport(call, async (transport) => {
      const before = await loadShipments(transport, shipment.orderId)
      if (before.some((one) => JSON.stringify(one) === JSON.stringify(told))) return { key, status: 'unchanged', proof: { file } }
      await transport.write(call.config.outbox, file, await renderTable(call.config.outgoing, columns, rows))
      const after = [...before.filter((one) => one.channelShipmentNo !== key), told]
      await transport.write(STATE, shipmentsFile(shipment.orderId), Buffer.from(JSON.stringify(after)))
      return { key, status: 'applied', proof: { file } }
    })
  } catch (error) {
    if (!(error instanceof ChannelError) || error.fault.kind !== 'in-doubt') throw error
    return { key, status: 'unknown', fault: error.fault }
  }
}

/** The packages last written for one order. */
export const readShipments = (call: Call<Config, Secrets>, orderId: string): Promise<readonly ChannelShipment[]> =>
  withTransport(call, (transport) => loadShipments(transport, orderId))

const shipmentsFile = (orderId: string): string => `shipments-${nameOf(orderId)}.json`

async function loadShipments(transport: Transport, orderId: string): Promise<readonly ChannelShipment[]> {
  const bytes = await transport.read(STATE, shipmentsFile(orderId), MAX_STATE)
  const list: unknown = bytes === undefined ? [] : parseState(bytes)
  return Array.isArray(list) ? list.filter(isShipment) : []
}

const isShipment = (value: unknown): value is ChannelShipment =>
  typeof value === 'object' &&
  value !== null &&
  'channelShipmentNo' in value &&
  typeof value.channelShipmentNo === 'string' &&
  'lines' in value &&
  Array.isArray(value.lines)
