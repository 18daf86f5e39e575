import { describe, expect, it } from 'vitest'
import { medusa } from '../../../connectors/medusa/index.ts'
import type { InventoryWrite, ShipmentWrite } from '../../../src/core/connector.ts'
import { preparedDoor } from './door.ts'

const door = (answer: Parameters<typeof preparedDoor>[1]) =>
  preparedDoor({ connector: medusa, settings: { url: 'https://medusa.example' }, secrets: { apiKey: 'sk_1' } }, answer)

it('takes no empty page in the midst of its variants for the last one', async () => {
  const { call } = door(() => ({ variants: [], count: 7 }))
  await expect(medusa.pullListings(call, undefined)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
  const { call: empty } = door(() => ({ variants: [], count: 0 }))
  expect((await medusa.pullListings(empty, undefined)[Symbol.asyncIterator]().next()).value).toEqual({ listings: [], cursor: null })
})

it('does not end a window at a position behind it', async () => {
  const { call } = door(() => ({ orders: [], count: 0 }))
  const window = { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:20:00Z' }
  const pull = async (after: string) => {
    for await (const { cursor } of medusa.pullOrders(call, { stream: 'orders', window, after: { after, seen: '', skip: 0, last: '' } }))
      if (cursor === null) return 'ended'
    return 'went on'
  }
  expect(await pull('2026-11-22T03:10:00.000Z')).toBe('ended')
  for (const strange of ['2026-11-22T03:30:00.000Z', 'soon']) await expect(pull(strange)).rejects.toMatchObject({ fault: { code: 'cursor-invalid' } })
})

describe('an answer about another order', () => {
  const other = {
    id: 'order_2',
    status: 'canceled',
    items: [],
    fulfillments: [{ id: 'ful_1', shipped_at: '2026-11-22T03:00:00Z', metadata: { channel_hub_package: 'p' } }],
  }

  it('neither ships nor cancels the one that was meant', async () => {
    const { call, asked } = door(() => ({ orders: [other], count: 1 }))
    const parcel: ShipmentWrite = {
      key: 'p',
      channelOrderNo: 'order_1',
      orderId: 'order_1',
      carrier: { code: 'SF', name: 'SF' },
      trackingNo: 'SF1',
      lines: [{ channelLineNo: 'l', quantity: 1 }],
      last: true,
      shippedAt: '2026-11-22T03:00:00Z',
      idempotencyKey: 'k',
      notifyBuyer: false,
    }
    const decision = { key: 'd', channelOrderNo: 'order_1', orderId: 'order_1', decision: 'accept' as const, reason: '' }
    for (const outcome of [await medusa.pushShipment(call, parcel), await medusa.decideCancel(call, decision)])
      expect(outcome).toMatchObject({ status: 'refused', fault: { code: 'order-unknown' } })
    expect(asked.filter(({ path }) => path !== '/admin/orders')).toEqual([])
  })
})

it('calls a level that came out too high and could not be lowered unknown, not unwritten', async () => {
  // Three reserved units leave while the level is written; the second write is told to wait.
  const variant = (stocked: number, reserved: number) => ({
    id: 'v',
    product_id: 'p',
    manage_inventory: true,
    inventory_items: [
      {
        inventory_item_id: 'i',
        required_quantity: 1,
        inventory: { location_levels: [{ location_id: 'l', stocked_quantity: stocked, reserved_quantity: reserved }] },
      },
    ],
  })
  let written = 0
  const { call } = door(({ path }) => {
    if (!path.endsWith('/batch')) return { variants: [written === 0 ? variant(9, 3) : variant(8, 0)], count: 1 }
    written += 1
    return written === 1 ? { updated: [] } : { type: 'too_many_requests', message: 'Too many requests' }
  })
  const write: InventoryWrite = { key: 'p:v', ids: { product: 'p', variant: 'v' }, sku: 'S', quantity: 5, idempotencyKey: 'k' }
  expect(await medusa.pushInventory(call, [write])).toMatchObject([{ status: 'unknown', fault: { code: 'stock-moved' } }])
  expect(written).toBe(2)
})
