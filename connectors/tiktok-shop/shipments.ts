import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { CARRIERS } from '../../src/core/carriers.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { faultOf, outcomeOfError, refused } from '../../src/kit/outcomes.ts'
import { listField, textField } from '../../src/kit/read.ts'
import { read, write } from './client.ts'
import { isId, type TikTokCall } from './manifest.ts'
import { ordersById } from './orders.ts'
import { unitsOf, type Unit } from './units.ts'

interface Standing {
  readonly doc: unknown
  readonly status: string
  readonly units: readonly Unit[]
}

/** Looks at the order first: a package that is there already is left alone. Pieces are named one by one. */
export async function pushShipment(call: TikTokCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  if (!isId(orderId)) return refused(key, 'order-id', 'This is not an order number of TikTok Shop.')
  try {
    const order = await standingOf(call, orderId)
    if (!order) return refused(key, 'order-unknown', 'The shop has no such order.')
    const settled = isThere(shipment, order)
    if (settled) return settled
    const pieces = piecesOf(shipment, order)
    return 'key' in pieces ? (handedOver(shipment, order) ?? pieces) : await send(call, { shipment, order, pieces })
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

async function standingOf(call: TikTokCall, orderId: string): Promise<Standing | undefined> {
  const [entry] = await ordersById(call, [orderId])
  return entry && { doc: entry.doc, status: textField(entry.doc, 'status') ?? '', units: unitsOf(entry.doc) }
}

const folded = (text: string): string => text.normalize('NFKC').replace(/\s/g, '').toLowerCase()

/** Pieces by line, as the hub counts them. */
function counted(units: readonly Unit[]): ReadonlyMap<string, number> {
  const byLine = new Map<string, number>()
  for (const { line } of units) byLine.set(line, (byLine.get(line) ?? 0) + 1)
  return byLine
}

/** A package without lines holds whatever it holds. */
function holds(lines: ShipmentWrite['lines'], held: ReadonlyMap<string, number>): boolean {
  const wanted = new Map<string, number>()
  for (const { channelLineNo, quantity } of lines) wanted.set(channelLineNo, (wanted.get(channelLineNo) ?? 0) + quantity)
  return wanted.size === 0 || (held.size === wanted.size && [...wanted].every(([line, count]) => held.get(line) === count))
}

function isThere({ key, trackingNo, lines }: ShipmentWrite, { units }: Standing): Outcome | undefined {
  const same = units.filter(({ tracking, state }) => state !== 'cancelled' && tracking !== '' && folded(tracking) === folded(trackingNo))
  if (same.length === 0) return undefined
  if (!holds(lines, counted(same))) return refused(key, 'shipped-otherwise', 'TikTok Shop shows this tracking number with other contents.')
  return { key, status: 'unchanged', proof: { tracking: trackingNo, package: same[0]?.packageId ?? '' } }
}

const CLOSED: ReadonlyMap<string, string> = new Map([
  ['CANCELLED', 'The order was cancelled at TikTok Shop: it must not be sent.'],
  ['UNPAID', 'The order is not paid yet.'],
  ['ON_HOLD', 'TikTok Shop holds the order back: the buyer may still cancel it.'],
])

/** The pieces this package holds, or why it cannot go. A package without lines holds everything that is still to be sent. */
function piecesOf({ key, lines }: ShipmentWrite, { doc, status, units }: Standing): readonly Unit[] | Outcome {
  const why = CLOSED.get(status)
  if (why !== undefined) return refused(key, status === 'CANCELLED' ? 'closed' : status.toLowerCase(), why)
  if (textField(doc, 'fulfillment_type') === 'FULFILLMENT_BY_TIKTOK') return refused(key, 'fulfilled-by-channel', 'TikTok itself sends this order.')
  const open = units.filter(({ state }) => state === 'open')
  if (open.length === 0) return refused(key, 'nothing-left', 'TikTok Shop shows nothing of this order that is still to be sent.')
  if (lines.length === 0) return open
  const pieces: Unit[] = []
  for (const { channelLineNo, quantity } of lines) {
    if (!Number.isSafeInteger(quantity) || quantity < 1) return refused(key, 'quantity-not-whole', 'TikTok Shop sends whole pieces.')
    if (!units.some(({ line }) => line === channelLineNo)) return refused(key, 'line-unknown', 'The order has no such line.')
    const left = open.filter((unit) => unit.line === channelLineNo && !pieces.includes(unit))
    if (left.length < quantity)
      return refused(key, 'shipped-otherwise', 'TikTok Shop shows pieces of this package as sent under another number, or as cancelled.')
    pieces.push(...left.slice(0, quantity))
  }
  return pieces
}

interface Sending {
  readonly shipment: ShipmentWrite
  readonly order: Standing
  readonly pieces: readonly Unit[]
}

async function send(call: TikTokCall, sending: Sending): Promise<Outcome> {
  const { shipment, order, pieces } = sending
  try {
    if (textField(order.doc, 'shipping_type') === 'TIKTOK') return await handOver(call, sending)
    const provider = await providerOf(call, order.doc, shipment)
    if (provider === undefined)
      return refused(
        shipment.key,
        'carrier-unknown',
        `TikTok Shop knows no carrier "${shipment.carrier.code}" for this order. Choose one of its list.`,
      )
    const parcel = { tracking_number: shipment.trackingNo, shipping_provider_id: provider }
    // Where packages stand before they are sent, one that holds just this is told its number; elsewhere the pieces make a package.
    const packageId = packageOf(order, pieces)
    const request =
      packageId === undefined
        ? { path: `/fulfillment/202309/orders/${shipment.orderId}/packages`, body: { order_line_item_ids: pieces.map(({ id }) => id), ...parcel } }
        : { path: `/fulfillment/202309/packages/${packageId}/ship`, body: { self_shipment: parcel } }
    const { data } = await write(call, { method: 'POST', ...request })
    return {
      key: shipment.key,
      status: 'applied',
      proof: { tracking: shipment.trackingNo, package: textField(data, 'package_id') ?? packageId ?? '' },
    }
  } catch (error) {
    const fault = faultOf(error)
    if (fault.kind !== 'refused') throw error
    // Somebody sent it between our look and our call.
    const now = await standingOf(call, shipment.orderId)
    const there = now && isThere(shipment, now)
    if (there?.status === 'unchanged') return there
    throw new ChannelError(fault, { cause: error })
  }
}

/** The open package that holds these pieces and no other. */
function packageOf({ units }: Standing, pieces: readonly Unit[]): string | undefined {
  const id = pieces[0]?.packageId ?? ''
  const held = units.filter(({ packageId, state }) => packageId === id && state !== 'cancelled')
  return isId(id) && held.length === pieces.length && held.every((unit) => pieces.includes(unit)) ? id : undefined
}

/** A package of TikTok's own shipping carries TikTok's number: one with these contents that went before is the one that is told again. */
function handedOver({ key, lines }: ShipmentWrite, { doc, units }: Standing): Outcome | undefined {
  if (textField(doc, 'shipping_type') !== 'TIKTOK') return undefined
  const gone = units.filter(({ state, packageId }) => state !== 'open' && state !== 'cancelled' && isId(packageId))
  const same = gone.find(({ packageId }) => holds(lines, counted(gone.filter((unit) => unit.packageId === packageId))))
  return same && { key, status: 'unchanged', proof: { package: same.packageId, tracking: same.tracking } }
}

/** TikTok's own shipping: its package is handed over as it stands, and its number is TikTok's. */
async function handOver(call: TikTokCall, { shipment, order, pieces }: Sending): Promise<Outcome> {
  const packageId = packageOf(order, pieces)
  if (packageId === undefined)
    return refused(
      shipment.key,
      'package-otherwise',
      'TikTok ships this order and has packed it otherwise. Split or combine its packages there first.',
    )
  await write(call, { method: 'POST', path: `/fulfillment/202309/packages/${packageId}/ship`, body: { handover_method: call.config.handover } })
  return { key: shipment.key, status: 'applied', proof: { package: packageId, handover: call.config.handover } }
}

/** By its id in the channel's list for this order, or by any name of the carrier; ids differ from market to market. */
async function providerOf(call: TikTokCall, order: unknown, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const option = textField(order, 'delivery_option_id') ?? ''
  if (!isId(option)) return undefined
  const { data } = await read(call, { method: 'GET', path: `/logistics/202309/delivery_options/${option}/shipping_providers` })
  const known = listField(data, 'shipping_providers').map((each) => ({
    id: textField(each, 'id') ?? '',
    name: folded(textField(each, 'name') ?? ''),
  }))
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  const names = [carrier.name, carrier.code, ours?.en, ours?.zh, ...(ours?.also ?? [])].flatMap((name) => (name ? [folded(name)] : []))
  return (known.find(({ id }) => id === carrier.code) ?? known.find(({ name }) => name !== '' && names.includes(name)))?.id
}

const STATES: Readonly<Record<Exclude<Unit['state'], 'open'>, ChannelShipment['state']>> = {
  arranged: 'pending',
  shipped: 'shipped',
  delivered: 'delivered',
  cancelled: 'cancelled',
}

/** Packages of the order that have a number, as TikTok Shop shows them now. */
export async function readShipments(call: TikTokCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const units = isId(orderId) ? ((await standingOf(call, orderId))?.units ?? []) : []
  const packages = new Map<string, Unit[]>()
  for (const unit of units) {
    const name = unit.packageId || unit.tracking
    if (name !== '' && unit.tracking !== '' && unit.state !== 'open') packages.set(name, [...(packages.get(name) ?? []), unit])
  }
  return [...packages].flatMap(([name, all]) => {
    const left = all.filter(({ state }) => state !== 'cancelled')
    const held = left.length > 0 ? left : all
    const [first] = held
    if (!first || first.state === 'open') return []
    return [
      {
        channelShipmentNo: name,
        ...(first.carrier === '' ? {} : { carrier: first.carrier }),
        trackingNo: first.tracking,
        state: STATES[first.state],
        ...(first.sentAt > 0 ? { at: `${new Date(first.sentAt * 1000).toISOString().slice(0, 19)}Z` } : {}),
        lines: [...counted(held)].map(([channelLineNo, count]) => ({ channelLineNo, quantity: String(count) })),
      },
    ]
  })
}
