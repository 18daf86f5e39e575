import { CARRIERS } from '../../src/core/carriers.ts'
import type { Outcome, ShipmentWrite } from '../../src/core/connector.ts'
import { ChannelError } from '../../src/core/fault.ts'
import type { ChannelShipment } from '../../src/core/order.ts'
import { absentAs, outcomeOfError, refused, unreadable } from '../../src/kit/outcomes.ts'
import { field, listField, textField } from '../../src/kit/read.ts'
import { read, resultOf, write, type Answer } from './client.ts'
import { unitsOf, type Unit } from './items.ts'
import type { LazadaCall } from './manifest.ts'
import { isOrderId } from './orders.ts'

/** "Only pending and repacked order items can be packed, only packed ones made ready to ship." */
const OPEN: ReadonlySet<string> = new Set(['pending', 'repacked', 'topack'])
const GONE = /^(?:ready_to_ship|toship|ship|deliver|confirm|return|fail|lost|damaged|package_)/

/**
 * Units are packed, which makes a package and its number, and the package is made ready to ship, which calls the courier.
 * What the seller brings himself (SOF) goes under his own number and carrier. All else goes under the number on Lazada's
 * label: a package told with another number is refused before anything happens.
 */
export async function pushShipment(call: LazadaCall, shipment: ShipmentWrite): Promise<Outcome> {
  const { key, orderId } = shipment
  try {
    const units = isOrderId(orderId) ? ((await absentAs(unitsOf(call, orderId))) ?? []) : []
    if (units.length === 0) return refused(key, 'order-unknown', 'Lazada knows no such order.')
    const plan = planOf(shipment, units)
    if ('status' in plan) return plan
    if (plan.ownFleet) return await shipByOwnFleet(call, shipment, plan)
    return await shipByChannel(call, shipment, plan)
  } catch (error) {
    return outcomeOfError(key, error)
  }
}

interface Plan {
  readonly ownFleet: boolean
  /** Packages somebody has made already, of wanted units only. */
  readonly packages: readonly string[]
  readonly packed: readonly Unit[]
  /** Units still to be packed. */
  readonly open: readonly Unit[]
}

const isTrackedAs = (unit: Unit, trackingNo: string): boolean => trackingNo !== '' && fold(unit.tracking) === fold(trackingNo)
const fold = (text: string): string => text.normalize('NFKC').replace(/[\s-]/g, '').toUpperCase()

/** Which units this package is about: those packed under its number or left from an attempt before, then the first open ones. */
function planOf(shipment: ShipmentWrite, units: readonly Unit[]): Plan | Outcome {
  const { key, trackingNo } = shipment
  const wanted = new Map(shipment.lines.map(({ channelLineNo, quantity }) => [channelLineNo, quantity]))
  if ([...wanted.values()].some((quantity) => !Number.isSafeInteger(quantity) || quantity < 1) || wanted.size === 0)
    return refused(key, 'quantity-not-whole', 'Lazada packs whole units.')
  const gone = units.filter((unit) => GONE.test(unit.status) && isTrackedAs(unit, trackingNo))
  if ([...wanted].every(([line, quantity]) => gone.filter((unit) => unit.line === line).length >= quantity))
    return { key, status: 'unchanged', proof: { tracking: trackingNo } }
  const left = new Map(wanted)
  const take = (unit: Unit): void => void left.set(unit.line, (left.get(unit.line) ?? 0) - 1)
  const packed: Unit[] = []
  for (const members of packagesOf(units, trackingNo)) {
    const need = new Map<string, number>()
    for (const { line } of members) need.set(line, (need.get(line) ?? 0) + 1)
    if (![...need].every(([line, count]) => (left.get(line) ?? 0) >= count)) continue
    for (const unit of members) take(unit)
    packed.push(...members)
  }
  const open: Unit[] = []
  for (const unit of units) {
    if (!OPEN.has(unit.status) || (left.get(unit.line) ?? 0) <= 0) continue
    take(unit)
    open.push(unit)
  }
  if ([...left.values()].some((count) => count > 0))
    return refused(key, 'not-packable', `Lazada has not so many units to pack (${[...new Set(units.map(({ status }) => status))].join(', ')}).`)
  const all = [...packed, ...open]
  if (new Set(all.map(({ ownFleet }) => ownFleet)).size > 1)
    return refused(key, 'mixed-delivery', 'Units the seller brings himself and units of Lazada’s carriers cannot leave in one package.')
  return { ownFleet: all[0]?.ownFleet ?? false, packages: [...new Set(packed.map(({ packageId }) => packageId))], packed, open }
}

/** Packages that wait to be made ready, the one under this number first. */
function packagesOf(units: readonly Unit[], trackingNo: string): readonly (readonly Unit[])[] {
  const found = new Map<string, Unit[]>()
  for (const unit of units) {
    if (unit.status !== 'packed' || unit.packageId === '') continue
    found.set(unit.packageId, [...(found.get(unit.packageId) ?? []), unit])
  }
  return [...found.values()].sort(
    (a, b) => Number(b.some((unit) => isTrackedAs(unit, trackingNo))) - Number(a.some((unit) => isTrackedAs(unit, trackingNo))),
  )
}

async function shipByChannel(call: LazadaCall, shipment: ShipmentWrite, plan: Plan): Promise<Outcome> {
  const { key, trackingNo, orderId } = shipment
  const isLabelled = plan.open.length === 0 && plan.packed.every((unit) => isTrackedAs(unit, trackingNo))
  if (trackingNo.trim() !== '' && !isLabelled)
    return refused(
      key,
      'tracking-by-channel',
      'Lazada’s carriers number their packages: pack the units and print the label first, then tell this package with the number on it, or tell it without a number.',
    )
  const made = plan.open.length === 0 ? [] : await pack(call, orderId, plan.open)
  if ('kind' in made) return { key, status: 'refused', fault: made }
  const packages = [...new Set([...plan.packages, ...made.map(({ packageId }) => packageId)])]
  const problem = await makeReady(call, packages)
  if (problem) return { key, status: 'refused', fault: problem }
  const numbers = new Set([...plan.packed, ...made].map(({ tracking }) => tracking))
  return { key, status: 'applied', proof: { tracking: [...numbers].join(','), package: packages.join(',') } }
}

/** The older call, which takes units with the seller's own number and carrier. */
async function shipByOwnFleet(call: LazadaCall, shipment: ShipmentWrite, plan: Plan): Promise<Outcome> {
  const { key, trackingNo, orderId } = shipment
  if (trackingNo.trim() === '') return refused(key, 'tracking-missing', 'What the seller brings himself needs his own number.')
  const provider = await providerOf(call, shipment)
  if (provider === undefined)
    return refused(key, 'carrier-unknown', `Lazada knows no carrier "${shipment.carrier.code.slice(0, 40)}" of this shop. Add it in Seller Center.`)
  const made = plan.open.length === 0 ? [] : await pack(call, orderId, plan.open)
  if ('kind' in made) return { key, status: 'refused', fault: made }
  const ids = [...plan.packed, ...plan.open].map(({ id }) => id)
  await write(call, {
    path: '/order/rts',
    parameters: { delivery_type: 'dropship', order_item_ids: `[${ids.join(',')}]`, shipment_provider: provider, tracking_number: trackingNo },
  })
  return { key, status: 'applied', proof: { tracking: trackingNo, carrier: provider } }
}

/** The carrier by the channel's own name for it, among those of this shop. */
async function providerOf(call: LazadaCall, { carrier }: ShipmentWrite): Promise<string | undefined> {
  const path = '/shipment/providers/get'
  const listed = listField(resultOf(await read(call, path, {}), 'data', path), 'shipment_providers').flatMap((each) => textField(each, 'name') ?? [])
  const ours = CARRIERS.find((each) => each.code === carrier.code)
  const names = new Set([carrier.code, carrier.name, ...(ours ? [ours.en, ours.zh, ...ours.also] : [])].map(fold))
  return listed.find((name) => names.has(fold(name)))
}

interface Made {
  readonly packageId: string
  readonly tracking: string
}
type Refusal = ReturnType<typeof refusalOf>

/** `success` of the whole says little: each unit has a word of its own. Units refused while others were packed leave those packed, and the next try takes them up. */
async function pack(call: LazadaCall, orderId: string, open: readonly Unit[]): Promise<readonly Made[] | Refusal> {
  const path = '/order/fulfill/pack'
  const { allocation, transferCode } = call.config
  const own = open[0]?.ownFleet === true
  const request = `{"pack_order_list":[{"order_item_list":[${open.map(({ id }) => id).join(',')}],"order_id":${orderId}}],"delivery_type":"dropship","shipping_allocate_type":${JSON.stringify(allocation)}${transferCode === '' || own ? '' : `,"shipment_provider_code":${JSON.stringify(transferCode)}`}}`
  const data = dataOf(await write(call, { path, parameters: { packReq: request } }), path)
  const told = listField(data, 'pack_order_list').flatMap((order) => listField(order, 'order_item_list'))
  const mine = open.map(({ id }) => told.find((each) => textField(each, 'order_item_id') === id))
  const bad = mine.find((each) => each !== undefined && textField(each, 'item_err_code') !== '0')
  if (bad !== undefined) return refusalOf(bad)
  if (mine.some((each) => textField(each, 'package_id') === undefined)) throw lost(`${path} does not say what became of every unit.`)
  return mine.map((each) => ({ packageId: textField(each, 'package_id') ?? '', tracking: textField(each, 'tracking_number') ?? '' }))
}

async function makeReady(call: LazadaCall, packages: readonly string[]): Promise<Refusal | undefined> {
  const path = '/order/package/rts'
  const request = JSON.stringify({ packages: packages.map((id) => ({ package_id: id })) })
  const told = listField(dataOf(await write(call, { path, parameters: { readyToShipReq: request } }), path), 'packages')
  const mine = packages.map((id) => told.find((each) => textField(each, 'package_id') === id))
  const bad = mine.find((each) => each !== undefined && textField(each, 'item_err_code') !== '0')
  if (bad !== undefined) return refusalOf(bad)
  if (mine.includes(undefined)) throw lost(`${path} does not say what became of every package.`)
  return undefined
}

/** `{"result":{"data":…,"success":true}}`: without success none of it was done. */
function dataOf(answer: Answer, path: string): unknown {
  const result = resultOf(answer, 'result', path)
  if (textField(result, 'success') === 'true') return field(result, 'data')
  const code = textField(result, 'error_code') ?? textField(result, 'errorCode')
  if (code === undefined || code === '') throw lost(`${path} answered neither success nor an error.`)
  throw new ChannelError({ kind: 'refused', code, message: `Lazada answered ${code}.` })
}

/** A write whose answer cannot be read may have been carried out. */
const lost = (message: string): ChannelError => new ChannelError({ ...unreadable(message).fault, kind: 'in-doubt' })

const refusalOf = (told: unknown) => {
  const code = textField(told, 'item_err_code') ?? 'item-refused'
  return { kind: 'refused', code, message: `Lazada answered ${code} for a unit or package.` } as const
}

/** Packages of the order as the channel shows them. */
export async function readShipments(call: LazadaCall, orderId: string): Promise<readonly ChannelShipment[]> {
  const units = isOrderId(orderId) ? ((await absentAs(unitsOf(call, orderId))) ?? []) : []
  const packages = new Map<string, Unit[]>()
  for (const unit of units) {
    const id = unit.packageId || unit.tracking
    if (id !== '') packages.set(id, [...(packages.get(id) ?? []), unit])
  }
  return [...packages].map(([id, members]): ChannelShipment => {
    const [first] = members
    const lines = [...new Set(members.map(({ line }) => line))]
    return {
      channelShipmentNo: id,
      ...(first === undefined || first.provider === '' ? {} : { carrier: first.provider }),
      ...(first === undefined || first.tracking === '' ? {} : { trackingNo: first.tracking }),
      state: stateOf(members),
      lines: lines.map((line) => ({ channelLineNo: line, quantity: String(members.filter((unit) => unit.line === line).length) })),
    }
  })
}

function stateOf(units: readonly Unit[]): ChannelShipment['state'] {
  if (units.every(({ status }) => status.startsWith('cancel'))) return 'cancelled'
  const live = units.filter(({ status }) => !status.startsWith('cancel'))
  if (live.every(({ status }) => /^(?:deliver|confirm|return)/.test(status))) return 'delivered'
  return live.some(({ status }) => GONE.test(status)) ? 'shipped' : 'pending'
}
