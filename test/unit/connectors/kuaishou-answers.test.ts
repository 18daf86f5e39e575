import { describe, expect, it } from 'vitest'
import { kuaishou } from '../../../connectors/kuaishou/index.ts'
import type { ShipmentWrite } from '../../../src/core/connector.ts'
import { preparedDoor } from './door.ts'

const secrets = { appKey: 'k', appSecret: 's', signSecret: 't', refreshToken: 'r', accessToken: 'a' }
const door = (answer: Parameters<typeof preparedDoor>[1]) => preparedDoor({ connector: kuaishou, secrets }, answer)
const good = (data: unknown) => ({ result: 1, data })
const window = { from: '2026-11-22T03:00:00Z', to: '2026-11-22T03:20:00Z' }
const OID = '2607602240240301'

const unreadable = { fault: { kind: 'unreadable' } }

describe('a page of Kuaishou without its list', () => {
  const pulled = async (call: ReturnType<typeof door>['call'], stream: string): Promise<number> => {
    let found = 0
    for await (const { records } of kuaishou.pullOrders(call, { stream, window })) found += records.length
    return found
  }

  it.each(['orders', 'refunds'])('of %s is not skipped when others follow, and empty when none does', async (stream) => {
    const { call } = door((_, nth) => good(nth === 1 ? { cursor: 'c2', pcursor: 'c2' } : { cursor: 'nomore', pcursor: 'nomore' }))
    await expect(pulled(call, stream)).rejects.toMatchObject(unreadable)
    expect(await pulled(door(() => good({ cursor: 'nomore', pcursor: 'nomore' })).call, stream)).toBe(0)
  })

  it('of items that are counted is not taken for none', async () => {
    const first = (totalPage: number) =>
      kuaishou
        .pullListings(door(() => good({ totalPage })).call, undefined)
        [Symbol.asyncIterator]()
        .next()
    await expect(first(2)).rejects.toMatchObject(unreadable)
    expect((await first(0)).value).toEqual({ listings: [], cursor: null })
  })
})

const order = (more: { readonly status?: number; readonly sent?: number; readonly num?: number } = {}) => ({
  orderBaseInfo: { oid: Number(OID), status: more.status ?? 30 },
  orderItemInfo: { num: more.num ?? 1 },
  orderDeliveryInfo: { deliveryNum: more.sent ?? 0 },
})

describe('money for an order', () => {
  const refund = { refundId: 9, oid: Number(OID), status: 10, refundFee: 500, handlingWay: 10, negotiateStatus: 1 }
  const decide = (data: object) => {
    const { call, asked } = door(({ path }) => good(path.endsWith('/detail') && !path.includes('refund') ? data : refund))
    const decision = { key: 'd', channelOrderNo: OID, orderId: OID, requestId: '9', decision: 'accept' as const, reason: 'asked' }
    return kuaishou.decideCancel(call, decision).then((outcome) => ({ outcome, approved: asked.some(({ path }) => path.endsWith('approve')) }))
  }

  it('is agreed to while the goods are there', async () => {
    expect(await decide(order())).toMatchObject({ outcome: { status: 'applied' }, approved: true })
  })

  it.each([
    ['has been sent', order({ status: 40, sent: 1 })],
    ['is on its way in part', order({ sent: 1, num: 2 })],
    ['is another one', { ...order(), orderBaseInfo: { oid: 1, status: 30 } }],
  ])('that %s meanwhile is not given back', async (_, data) => {
    expect(await decide(data)).toMatchObject({ outcome: { status: 'refused', fault: { code: 'already-sent' } }, approved: false })
  })
})

describe('a package', () => {
  it('that names one line twice asks for no more pieces than there are', async () => {
    const line = { channelLineNo: OID, quantity: 2 }
    const parcel: ShipmentWrite = {
      key: 'p',
      channelOrderNo: OID,
      orderId: OID,
      carrier: { code: 'SF', name: '' },
      trackingNo: 'SF1',
      lines: [line, line],
      last: true,
      shippedAt: '2026-11-22T03:00:00Z',
      idempotencyKey: 'k',
      notifyBuyer: false,
    }
    const sent = (num: number) => {
      const { call, asked } = door(({ path }) => good(path.endsWith('/detail') ? order({ num }) : true))
      return kuaishou.pushShipment(call, parcel).then((outcome) => ({ outcome, path: asked.at(-1)?.path }))
    }
    expect(await sent(3)).toMatchObject({ outcome: { status: 'refused', fault: { code: 'more-than-left' } } })
    expect(await sent(4)).toMatchObject({ outcome: { status: 'applied' }, path: '/open/seller/order/goods/deliver' })
  })
})
