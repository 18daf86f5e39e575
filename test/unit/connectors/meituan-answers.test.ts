import { describe, expect, it } from 'vitest'
import { meituan } from '../../../connectors/meituan/index.ts'
import { meituan as mapping } from '../../../mappings/meituan.ts'
import type { CancelDecision, InventoryWrite, ShipmentWrite } from '../../../src/core/connector.ts'
import { preparedDoor } from './door.ts'

const door = (answer: Parameters<typeof preparedDoor>[1]) =>
  preparedDoor({ connector: meituan, settings: { shopId: 'poi-1', city: '北京市' }, secrets: { appId: '1', appSecret: 's' } }, answer)
const [OWN, SHOWN] = ['959605225', '4431761814289387']
const order = (more: object = {}) => ({ data: { order_id: Number(OWN), wm_order_id_view: Number(SHOWN), app_poi_code: 'poi-1', status: 4, ...more } })
const refund = (more: object = {}) => ({ refund_id: 7, wm_order_id_view: Number(SHOWN), refund_type: 1, res_type: 0, ctime: 1763778000, ...more })

describe('an order with two numbers, as the published answer shows one', () => {
  it('is one order under its own number, whichever it was asked for by, and its refunds belong to it', async () => {
    for (const id of [OWN, SHOWN]) {
      const { call, asked } = door(({ path }) => (path.endsWith('getOrderDetail') ? order() : { data: [refund({ money: 1, apply_type: 1 })] }))
      const records = await meituan.fetchOrder(call, [id])
      expect(records.map(({ kind, externalId, parentId }) => [kind, externalId, parentId])).toEqual([
        ['order', OWN, undefined],
        ['refund', '7', OWN],
      ])
      expect(asked.at(-1)?.text).toContain(`wm_order_id_view=${SHOWN}`)
      const [, record] = records
      if (!record) throw new Error('There is no refund.')
      const mapped = mapping.map({ kind: 'refund', externalId: record.externalId, parentId: record.parentId ?? '', doc: record.doc }, {
        connectionId: 'c_1',
        timezone: 'Asia/Shanghai',
        currency: 'CNY',
        config: {},
      } as never)
      expect(mapped).toMatchObject({ kind: 'refund', refund: { channelOrderNo: OWN } })
    }
  })

  it('takes no refund of another one', async () => {
    for (const strange of [refund({ wm_order_id_view: 5 }), refund({ order_id: 5 }), { refund_id: 7 }]) {
      const { call } = door(({ path }) => (path.endsWith('getOrderDetail') ? order() : { data: [strange] }))
      await expect(meituan.fetchOrder(call, [OWN])).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
    }
  })
})

describe('levels of which some failed', () => {
  const write = (sku: string): InventoryWrite => ({ key: sku, ids: { product: 'P', sku }, sku, quantity: 3, idempotencyKey: sku })
  const statuses = async (error_list: readonly object[]) => {
    const { call } = door(() => ({ data: 'ok', result_code: 2, error_list }))
    return (await meituan.pushInventory(call, [write('a'), write('b')])).map(({ status }) => status)
  }

  it('are told one by one', async () => {
    expect(await statuses([{ app_food_code: 'P', sku_id: 'b', code: 1015 }])).toEqual(['applied', 'refused'])
  })

  it('are not called applied while a failure is about none of them by name', async () => {
    expect(await statuses([{ app_food_code: 'P', sku_id: 'B ', code: 1015 }])).toEqual(['unknown', 'unknown'])
    expect(
      await statuses([
        { app_food_code: 'P', sku_id: 'b', code: 1015 },
        { app_food_code: 'Q', sku_id: 'a', code: 1015 },
      ]),
    ).toEqual(['unknown', 'refused'])
  })
})

const parcel: ShipmentWrite = {
  key: 'p-1',
  channelOrderNo: OWN,
  orderId: OWN,
  carrier: { code: 'DADA', name: '达达' },
  trackingNo: 'D1',
  lines: [],
  last: true,
  shippedAt: '2026-11-22T03:00:00Z',
  idempotencyKey: 'k',
  notifyBuyer: false,
}

describe('a delivery', () => {
  it.each([2, 3])('answered by result %i is not one that was told', async (result_code) => {
    const { call } = door(({ path }) =>
      path.endsWith('getOrderDetail') ? order({ logistics_code: '0000' }) : { data: 'ok', result_code, error_list: [{}] },
    )
    expect(await meituan.pushShipment(call, parcel)).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt' } })
  })
})

describe('an order somebody accepts between our look and our word', () => {
  const shipped = async (meanwhile: number) => {
    let looks = 0
    const { call, asked } = door(({ path }) => {
      if (path.endsWith('getOrderDetail')) return order({ logistics_code: '0000', status: (looks += 1) === 1 ? 2 : meanwhile })
      return path.endsWith('confirm') ? { data: 'ng', error: { code: 808, msg: '' } } : { data: 'ok' }
    })
    return [(await meituan.pushShipment(call, parcel)).status, asked.some(({ path }) => path.endsWith('sync'))]
  }

  it('is sent, and one that was cancelled instead is not', async () => {
    expect(await shipped(4)).toEqual(['applied', true])
    expect(await shipped(9)).toEqual(['refused', false])
  })
})

describe('a wish that was answered', () => {
  const decided = async (wish: object, decision: CancelDecision['decision'], requestId?: string) => {
    const { call, asked } = door(({ path }) => (path.endsWith('getOrderDetail') ? order() : { data: [wish] }))
    const given = { key: 'd', channelOrderNo: OWN, orderId: OWN, decision, reason: 'asked', ...(requestId === undefined ? {} : { requestId }) }
    const outcome = await meituan.decideCancel(call, given)
    expect(asked.filter(({ path }) => /agree|reject/.test(path))).toEqual([])
    return outcome.status
  }

  it('in the same way, where our answer may have got lost, is not refused', async () => {
    expect(await decided(refund({ res_type: 2 }), 'accept')).toBe('unchanged')
    expect(await decided(refund({ res_type: 1 }), 'reject', '7')).toBe('unchanged')
    expect(await decided(refund({ service_type: 1, status: 10 }), 'accept')).toBe('unchanged')
  })

  it('in the other way, taken back, of a part or under another number stays refused', async () => {
    expect(await decided(refund({ res_type: 1 }), 'accept')).toBe('refused')
    expect(await decided(refund({ res_type: 7 }), 'reject')).toBe('refused')
    expect(await decided(refund({ res_type: 2, refund_type: 2 }), 'accept')).toBe('refused')
    expect(await decided(refund({ res_type: 2 }), 'accept', '8')).toBe('refused')
  })
})

it('does not end a sweep at a day that has not come yet', async () => {
  const { call } = door(() => ({ data: { result: 'ok', order_ids: [] } }))
  const pull = async () => {
    for await (const page of meituan.pullOrders(call, { stream: 'days', after: { day: '20270101', seq: 1 } })) if (page.cursor === null) return
  }
  await expect(pull()).rejects.toMatchObject({ fault: { code: 'cursor-invalid' } })
})
