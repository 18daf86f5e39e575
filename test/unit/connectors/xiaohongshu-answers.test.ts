import { describe, expect, it } from 'vitest'
import { xiaohongshu } from '../../../connectors/xiaohongshu/index.ts'
import type { InventoryWrite } from '../../../src/core/connector.ts'
import { preparedDoor } from './door.ts'

const door = (answer: Parameters<typeof preparedDoor>[1]) =>
  preparedDoor({ connector: xiaohongshu, secrets: { appId: 'a', appSecret: 's', refreshToken: 'r', accessToken: 't' } }, answer)
const good = (data: unknown) => ({ error_code: 0, success: true, data })
const window = { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:20:00Z' }
const FROM = Date.parse(window.from)
const ID = 'P768291112062410001'

async function pulled(call: ReturnType<typeof door>['call'], stream: string): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { records } of xiaohongshu.pullOrders(call, { stream, window })) found.push(...records.map(({ externalId }) => externalId))
  return found
}

describe('a list of Xiaohongshu', () => {
  it.each(['orders', 'refunds'])('of %s that is counted and not shown is no empty one', async (stream) => {
    const { call } = door(() => good({ total: 7, totalCount: 7, maxPageNo: 1 }))
    await expect(pulled(call, stream)).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
    expect(await pulled(door(() => good({ total: 0, totalCount: 0 })).call, stream)).toEqual([])
  })

  it('of SKUs that is counted and not shown is no empty one', async () => {
    const { call } = door(() => good({ total: 7 }))
    await expect(xiaohongshu.pullListings(call, undefined)[Symbol.asyncIterator]().next()).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
  })

  it.each([
    ['seconds', FROM / 1000 + 60],
    ['a time before the window', FROM - 3_600_000],
    ['none', undefined],
  ])('brings an order that shows %s for its change', async (_, updateTime) => {
    const order = { orderId: ID, updateTime }
    const { call } = door(({ text }) => good(text.includes('getOrderDetail') ? order : { total: 1, orderList: [order] }))
    expect(await pulled(call, 'orders')).toEqual([ID])
  })

  it('leaves what the wider question brings from beside the window to its neighbours', async () => {
    for (const updateTime of [FROM - 500, Date.parse(window.to)]) {
      const { call } = door(() => good({ total: 1, orderList: [{ orderId: ID, updateTime }] }))
      expect(await pulled(call, 'orders')).toEqual([])
    }
  })
})

describe('a level the channel could not reach', () => {
  const write: InventoryWrite = { key: 'k', ids: { sku: '66ee0000' }, sku: 'S', quantity: 1, idempotencyKey: 'i' }
  const outcome = async (data: object) => (await xiaohongshu.pushInventory(door(() => good(data)).call, [write]))[0]

  it('because unpaid orders hold pieces is read back, and not called applied', async () => {
    const doubt = { status: 'unknown', fault: { kind: 'in-doubt', code: 'level-not-reached' } }
    expect(await outcome({ skuStock: { total: 3 }, response: { success: true, code: 0 } })).toMatchObject(doubt)
    expect(await outcome({ skuStock: null, response: { success: false, code: -9028 } })).toMatchObject(doubt)
    expect(await outcome({ skuStock: { total: 1 }, response: { success: true, code: 0 } })).toMatchObject({ status: 'applied' })
  })
})
