import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { refreshListings } from '../../src/activities/care.ts'
import { drainFetchQueue } from '../../src/activities/fetch.ts'
import { pullRound } from '../../src/activities/pull.ts'
import { pushEffects, pushStock, settleDoubt, type PushDeps } from '../../src/activities/push.ts'
import { startOutbound, stopOutbound } from '../../src/deliver/arm.ts'
import { decideCancel } from '../../src/deliver/effects.ts'
import { planEffects } from '../../src/deliver/settle-effects.ts'
import { LEASE_SECONDS } from '../../src/deliver/settle-stock.ts'
import { createShipment } from '../../src/deliver/shipments.ts'
import { setStock } from '../../src/deliver/stock.ts'
import { row, sell, testHub, type TestHub } from './hub.ts'

let hub: TestHub
let deps: PushDeps
beforeEach(async () => {
  hub = await testHub({ fulfilments: true })
  deps = { ...hub.deps, open: (id, signal, purpose) => hub.channels.open(id, signal, purpose) }
})
afterEach(() => hub.close())

const signal = (): AbortSignal => new AbortController().signal
/** Longer than anything of a write could still land at this shop, by the connector's word. */
const FENCE = 126
const count = (sku: string, onHand: string) => setStock({ pool: hub.pool, actor: 'test', now: hub.now() }, [{ sku, location: 'main', onHand }])
const writes = (sku: string) =>
  hub.shop.ledger
    .stockWrites()
    .filter((write) => write.sku === sku)
    .map((write) => write.to)
const listing = (key: string) =>
  row<{ push_state: string; confirmed: number | null }>(hub, 'select push_state, confirmed from listings where channel_sku = $1', [key])
const pull = (id: string) => pullRound(deps, id, { signal: signal(), budgetMs: 10_000, heartbeat: () => undefined }, true)

async function ready(sku: string): Promise<string> {
  const id = await hub.connect()
  await sell(hub, sku)
  await refreshListings(deps, await hub.channels.open(id, signal()), () => undefined)
  return id
}

async function ordered(id: string, sku: string): Promise<{ readonly channelId: string; readonly orderId: number }> {
  const placed = hub.shop.control.shop([{ sku, quantity: 1 }])
  if (!placed.ok) throw new Error(placed.reason)
  hub.skip(10) // the connector never asks for changes younger than its lag
  await pull(id)
  const { id: orderId } = await row<{ id: number }>(hub, 'select id from orders where connection_id = $1 and external_id = $2', [id, placed.orderId])
  return { channelId: placed.orderId, orderId }
}
const ship = (orderId: number, trackingNo = '1Z999AA10123456784') =>
  createShipment({ pool: hub.pool, orderId, carrier: 'UPS', trackingNo, source: 'api', actor: 'test', now: hub.now() })
const packages = (channelId: string) => hub.shop.ledger.shipments().filter((fact) => fact.orderId === channelId && fact.action === 'created')

describe('stock at a WooCommerce shop', () => {
  it('binds listings by code, and is told once', async () => {
    const id = await ready('TEA-1')
    await count('TEA-1', '42')
    expect(await pushStock(deps, id, signal())).toMatchObject({ sent: 1, done: 1, unknown: 0 })
    expect(await pushStock(deps, id, signal())).toMatchObject({ sent: 0 })
    expect(hub.shop.control.stockOf('TEA-1')).toBe(42)
    expect(writes('TEA-1')).toEqual([42])
  })

  it('follows an order of the shop: reserved here, told the rest', async () => {
    const id = await ready('TEA-2')
    await count('TEA-2', '10')
    await pushStock(deps, id, signal())
    await ordered(id, 'TEA-2')
    await pushStock(deps, id, signal())
    expect(writes('TEA-2').at(-1)).toBe(9)
  })

  it('reads back a write whose answer got lost, and never repeats it', async () => {
    const id = await ready('TEA-3')
    hub.shop.control.setFault({ kind: 'accept-then-drop', times: 1, match: { path: 'products/batch' } })
    await count('TEA-3', '8')
    expect(await pushStock(deps, id, signal())).toMatchObject({ sent: 1, unknown: 1 })
    expect(hub.shop.faults.fired('accept-then-drop')).toBe(1)
    expect(await settleDoubt(deps, id, signal())).toMatchObject({ settled: 0 })
    hub.skip(FENCE)
    expect(await settleDoubt(deps, id, signal())).toMatchObject({ settled: 1 })
    expect(await listing('TEA-3')).toEqual({ push_state: 'idle', confirmed: 8 })
    expect(await pushStock(deps, id, signal())).toMatchObject({ sent: 0 })
    expect(writes('TEA-3')).toEqual([8])
  })

  it('overcomes a write that lands long after it was given up', async () => {
    const id = await ready('TEA-4')
    hub.shop.control.setFault({ kind: 'late-write', delayMs: 1500, times: 1, match: { path: 'products/batch' } })
    await count('TEA-4', '20')
    await pushStock(deps, id, AbortSignal.timeout(500))
    await count('TEA-4', '11')
    expect(await pushStock(deps, id, signal())).toMatchObject({ sent: 0 })
    expect(await listing('TEA-4')).toMatchObject({ push_state: 'unknown', confirmed: null })
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(hub.shop.control.stockOf('TEA-4')).toBe(20)
    hub.skip(FENCE)
    await settleDoubt(deps, id, signal())
    await pushStock(deps, id, signal())
    expect(hub.shop.control.stockOf('TEA-4')).toBe(11)
    expect(writes('TEA-4')).toEqual([20, 11])
  })

  it('is told nothing while all outbound writes are stopped', async () => {
    const id = await ready('TEA-5')
    await stopOutbound({ pool: hub.pool, actor: 'user:1', now: hub.now() })
    await count('TEA-5', '3')
    expect(await pushStock(deps, id, signal())).toMatchObject({ sent: 0 })
    expect(writes('TEA-5')).toEqual([])
  })

  it('hears a stop between planning and sending: what was planned is not sent, and goes out once afterwards', async () => {
    const id = await ready('TEA-7')
    await count('TEA-7', '4')
    const stopping: PushDeps = {
      ...deps,
      open: async (connectionId, given, purpose) => {
        const opened = await deps.open(connectionId, given, purpose)
        const push = opened.connector.pushInventory!
        // The last moment there is: the intents are committed, the request is about to leave.
        return {
          ...opened,
          connector: {
            ...opened.connector,
            pushInventory: async (call, levels) => {
              await stopOutbound({ pool: hub.pool, actor: 'user:1', now: hub.now() })
              return push(call, levels)
            },
          },
        }
      },
    }
    await expect(pushStock(stopping, id, signal())).rejects.toMatchObject({ fault: { code: 'outbound-stopped' } })
    expect(writes('TEA-7')).toEqual([])
    await startOutbound({ pool: hub.pool, actor: 'user:1', now: hub.now() })
    expect(await pushStock(deps, id, signal())).toMatchObject({ done: 1 })
    expect(writes('TEA-7')).toEqual([4])
  })

  it('keeps orders coming in when its key may read but not write', async () => {
    const id = await ready('TEA-6')
    hub.shop.control.setFault({ kind: 'unauthorized', match: { path: 'products/batch' } })
    await count('TEA-6', '3')
    await expect(pushStock(deps, id, signal())).rejects.toMatchObject({ fault: { kind: 'unauthorized' } })
    await ordered(id, 'TEA-6')
    expect(await row(hub, 'select state from connections where id = $1', [id])).toEqual({ state: 'active' })
    expect(await row(hub, `select operation from failure_groups where status = 'open'`)).toEqual({ operation: 'push-stock' })
    hub.shop.control.clearFaults()
    await pushStock(deps, id, signal())
    expect(hub.shop.control.stockOf('TEA-6')).toBe(2)
    expect(await row(hub, `select count(*)::int as open from failures where resolved_at is null`)).toEqual({ open: 0 })
  })
})

describe('shipments at a WooCommerce shop', () => {
  it('are told once and confirmed', async () => {
    const id = await ready('CUP-1')
    const { channelId, orderId } = await ordered(id, 'CUP-1')
    await ship(orderId)
    expect(await pushEffects(deps, id, signal())).toMatchObject({ sent: 1, done: 1 })
    expect(packages(channelId)).toHaveLength(1)
    expect(await row(hub, 'select sync, fulfilment from orders where id = $1', [orderId])).toEqual({ sync: 'current', fulfilment: 'shipped' })
  })

  it('exist once at the shop when the hub dies between its answer and the record', async () => {
    const id = await ready('CUP-2')
    const { channelId, orderId } = await ordered(id, 'CUP-2')
    await ship(orderId)
    // The process that claimed and sent it is gone before it could record anything.
    const opened = await hub.channels.open(id, signal())
    const [claim] = (await planEffects({ pool: hub.pool, now: hub.now() }, id, 5)).shipments
    const outcome = await opened.connector.pushShipment?.(opened.call, {
      key: claim!.package_no,
      channelOrderNo: claim!.channel_order_no,
      orderId: claim!.external_id,
      carrier: { code: 'UPS', name: 'UPS' },
      trackingNo: claim!.tracking_no,
      lines: claim!.lines.map((line) => ({ channelLineNo: line.channel_line_no, quantity: Number(line.quantity) })),
      last: true,
      shippedAt: claim!.shipped_at,
      idempotencyKey: claim!.idempotency_key,
      notifyBuyer: true,
    })
    expect(outcome?.status).toBe('applied')
    expect(await pushEffects(deps, id, signal())).toMatchObject({ sent: 0 })
    hub.skip(LEASE_SECONDS + FENCE)
    expect(await settleDoubt(deps, id, signal())).toMatchObject({ settled: 1 })
    await pushEffects(deps, id, signal())
    expect(packages(channelId)).toHaveLength(1)
    expect(await row(hub, 'select state from effects where order_id = $1', [orderId])).toEqual({ state: 'done' })
  })

  it('exist once at the shop when its answer got lost', async () => {
    const id = await ready('CUP-3')
    const { channelId, orderId } = await ordered(id, 'CUP-3')
    await ship(orderId)
    hub.shop.control.setFault({ kind: 'accept-then-drop', times: 1, match: { method: 'POST', path: 'fulfillments' } })
    expect(await pushEffects(deps, id, signal())).toMatchObject({ unknown: 1 })
    hub.skip(FENCE)
    await settleDoubt(deps, id, signal())
    await pushEffects(deps, id, signal())
    expect(packages(channelId)).toHaveLength(1)
    expect(await row(hub, 'select sync from orders where id = $1', [orderId])).toEqual({ sync: 'current' })
  })

  it('are sent again once when the shop never got them', async () => {
    const id = await ready('CUP-4')
    const { channelId, orderId } = await ordered(id, 'CUP-4')
    await ship(orderId)
    hub.shop.control.setFault({ kind: 'timeout', times: 1, delayMs: 60_000, match: { method: 'POST', path: 'fulfillments' } })
    expect(await pushEffects(deps, id, AbortSignal.timeout(1_000))).toMatchObject({ unknown: 1 })
    hub.skip(FENCE)
    await settleDoubt(deps, id, signal())
    expect(await pushEffects(deps, id, signal())).toMatchObject({ done: 1 })
    expect(packages(channelId)).toHaveLength(1)
  })

  it('are not made for an order whose buyer asks to cancel; the decision goes back', async () => {
    const id = await ready('CUP-5')
    await hub.pool.query('update connections set config = $2 where id = $1', [
      id,
      JSON.stringify({ url: hub.sandbox.shops[0]?.url, statuses: { 'cancel-request': 'cancel_requested' } }),
    ])
    const { channelId, orderId } = await ordered(id, 'CUP-5')
    hub.shop.control.requestCancel(channelId)
    hub.skip(10)
    await pull(id)
    await expect(ship(orderId)).rejects.toMatchObject({ code: 'order-held' })
    await decideCancel({ pool: hub.pool, orderId, decision: 'accept', reason: 'Not packed yet.', actor: 'user:1', now: hub.now() })
    expect(await pushEffects(deps, id, signal())).toMatchObject({ done: 1 })
    expect(hub.shop.ledger.order(channelId)?.status).toBe('cancelled')
    hub.skip(1)
    await drainFetchQueue(deps, await hub.channels.open(id, signal()))
    expect(await row(hub, 'select cancelled from orders where id = $1', [orderId])).toEqual({ cancelled: true })
    expect(await row(hub, `select trim_scale(reserved)::text as reserved from stock where sku = 'CUP-5'`)).toEqual({ reserved: '0' })
  })
})

describe('an order the seller ships at the shop itself', () => {
  it('takes its goods off the shelf here, so that nothing is promised twice', async () => {
    const id = await ready('POT-1')
    await count('POT-1', '10')
    await pushStock(deps, id, signal())
    const { channelId } = await ordered(id, 'POT-1')
    await pushStock(deps, id, signal())
    hub.shop.control.ship(channelId)
    hub.skip(10)
    await pull(id)
    expect(
      await row(hub, `select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = 'POT-1'`),
    ).toEqual({ on_hand: '9', reserved: '0' })
    expect(
      await row(
        hub,
        `select trim_scale(sum(on_hand_delta))::text as on_hand, trim_scale(sum(reserved_delta))::text as reserved from stock_ledger where sku = 'POT-1'`,
      ),
    ).toEqual({ on_hand: '9', reserved: '0' })
    await pushStock(deps, id, signal())
    expect(writes('POT-1')).toEqual([10, 9])
  })

  it('puts cancelled goods back without taking any off', async () => {
    const id = await ready('POT-2')
    await count('POT-2', '10')
    const { channelId } = await ordered(id, 'POT-2')
    hub.shop.control.cancelOrder(channelId)
    hub.skip(10)
    await pull(id)
    expect(
      await row(hub, `select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = 'POT-2'`),
    ).toEqual({ on_hand: '10', reserved: '0' })
  })

  it('is not taken off twice when the hub shipped it and the shop says so later', async () => {
    const id = await ready('POT-3')
    await count('POT-3', '10')
    const { orderId } = await ordered(id, 'POT-3')
    await ship(orderId)
    await pushEffects(deps, id, signal())
    hub.skip(10)
    await pull(id)
    expect(await row(hub, 'select source_status, fulfilment from orders where id = $1', [orderId])).toEqual({
      source_status: 'completed',
      fulfilment: 'shipped',
    })
    expect(
      await row(hub, `select trim_scale(on_hand)::text as on_hand, trim_scale(reserved)::text as reserved from stock where sku = 'POT-3'`),
    ).toEqual({ on_hand: '9', reserved: '0' })
  })
})
