import { describe, expect, it } from 'vitest'
import { douyin } from '../../../connectors/douyin/index.ts'
import { jd } from '../../../connectors/jd/index.ts'
import { pinduoduo } from '../../../connectors/pinduoduo/index.ts'
import { wechatShop } from '../../../connectors/wechat-shop/index.ts'
import { youzan } from '../../../connectors/youzan/index.ts'
import type { AnyConnector, Call, HttpRequest, ShipmentWrite } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { createCall, memoryTokens } from '../../../src/kit/call.ts'
import { parseJson } from '../../../src/kit/json.ts'

type Asked = Readonly<Record<string, unknown>>
interface Gateway {
  readonly call: Call<never, never>
  /** Calls in their order: which interface, and with what. */
  readonly asked: { readonly path: string; readonly body: Asked }[]
}

/** A channel that answers by the name of the interface; what its classify reads as a fault is thrown as one, as the hub's client does. */
function gateway(connector: AnyConnector, settings: object, secrets: object, answer: (path: string, body: Asked) => unknown): Gateway {
  const asked: { readonly path: string; readonly body: Asked }[] = []
  const http = (request: HttpRequest) => {
    const signed = request.sign?.({ method: 'POST', url: request.url, body: request.body ?? '' } as never)
    const text = (signed && 'body' in signed && typeof signed.body === 'string' ? signed.body : undefined) ?? request.body ?? ''
    const form = text.startsWith('{') ? undefined : new URLSearchParams(text)
    const body = Object(form ? parseJson(form.get('360buy_param_json') ?? '{}') : parseJson(text)) as Asked
    const path = form?.get('method') ?? (typeof body['type'] === 'string' ? body['type'] : new URL(request.url).pathname)
    asked.push({ path, body })
    const shown = JSON.stringify(answer(path, body))
    const fault = connector.classify?.(200, shown, {})
    if (fault) return Promise.reject(new ChannelError(fault))
    return Promise.resolve({ status: 200, headers: {}, body: shown })
  }
  const tokens = memoryTokens({ access: 't', token: 't' })
  const call = createCall({
    connector,
    connectionId: 'c_1',
    config: { url: 'https://gateway.example', ...settings },
    secrets,
    http: http as never,
    tokens,
    now: () => new Date('2026-11-22T04:00:00Z'),
    signal: new AbortController().signal,
  })
  return { call: call as never, asked }
}

const pdd = (answer: (path: string, body: Asked) => unknown): Gateway =>
  gateway(pinduoduo as never, {}, { clientId: 'c', clientSecret: 's', accessToken: 't' }, answer)
const jos = (settings: object, answer: (path: string, body: Asked) => unknown): Gateway =>
  gateway(jd as never, settings, { appKey: 'k', appSecret: 's', accessToken: 't' }, answer)
const shopOf = { shopId: '1' }
const douyinShop = (answer: (path: string, body: Asked) => unknown): Gateway =>
  gateway(douyin as never, shopOf, { appKey: 'k', appSecret: 's' }, answer)

const accept = (orderId: string) => ({ key: 'k', channelOrderNo: orderId, orderId, decision: 'accept', reason: 'r' }) as const
const shipment = (given: Partial<ShipmentWrite>): ShipmentWrite => ({
  key: 'k',
  channelOrderNo: '1',
  orderId: '1',
  carrier: { code: 'SF', name: 'SF Express' },
  trackingNo: 'SF1',
  lines: [],
  last: true,
  shippedAt: '2026-11-22T04:00:00Z',
  idempotencyKey: 'i',
  notifyBuyer: false,
  ...given,
})

describe('a decision gives back the money of no other order, whatever the list of requests holds', () => {
  it('Pinduoduo', async () => {
    const { call, asked } = pdd((path) =>
      path === 'pdd.order.information.get'
        ? { order_info_get_response: { order_info: { order_sn: '250601-1', order_status: 1 } } }
        : path === 'pdd.refund.list.increment.get'
          ? { refund_increment_get_response: { total_count: 1, refund_list: [{ id: 7, order_sn: '250601-2', after_sales_status: 2 }] } }
          : { response: { result: { succ: true } } },
    )
    expect(await pinduoduo.decideCancel(call, accept('250601-1'))).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
    expect(asked.map(({ path }) => path)).not.toContain('pdd.refund.agree')
  })

  it('Douyin', async () => {
    const { call, asked } = douyinShop(() => ({
      code: 10000,
      data: {
        items: [{ aftersale_info: { aftersale_id: '7', aftersale_type: 2, aftersale_status: 6 }, order_info: { shop_order_id: '48002' } }],
      },
    }))
    expect(await douyin.decideCancel(call, accept('48001'))).toMatchObject({ status: 'refused', fault: { code: 'nothing-asked' } })
    expect(asked.map(({ path }) => path)).toEqual(['/afterSale/List'])
  })

  it('JD', async () => {
    const { call, asked } = jos({}, (path) => ({
      [`${path.replaceAll('.', '_')}_responce`]: {
        code: '0',
        queryResult: { success: true, totalCount: 1, result: [{ id: '7', orderId: '292', status: 0 }] },
        replyResult: { success: true },
      },
    }))
    expect(await jd.decideCancel(call, accept('291'))).toMatchObject({ status: 'refused', fault: { code: 'no-application' } })
    expect(asked).toHaveLength(1)
  })
})

describe('Douyin', () => {
  it('"busy" or "timed out" after a write leaves open whether it happened', async () => {
    const { call } = douyinShop(() => ({ code: 50002, msg: '业务处理失败', sub_code: 'isv.business-failed:1', sub_msg: '系统超时，请稍后重试' }))
    const write = { key: '1:2', ids: { product: '1', sku: '2', type: '0' }, sku: 'A', quantity: 3, idempotencyKey: 'i' }
    expect(await douyin.pushInventory(call, [write])).toMatchObject([{ key: '1:2', status: 'unknown', fault: { kind: 'in-doubt' } }])
  })
})

describe('a renewal that names no new refresh token', () => {
  it('keeps the one in use, which is no longer that of the settings', async () => {
    const douyinTokens = memoryTokens({ access: 't', refresh: 'second' })
    const { call, asked } = douyinShop(() => ({ code: 10000, data: { access_token: 'new', expires_in: 60 } }))
    const renewed = await douyin.refreshToken({ ...call, tokens: () => douyinTokens.read() })
    expect(asked[0]).toMatchObject({ path: '/token/refresh', body: { refresh_token: 'second' } })
    expect(renewed.values).toEqual({ access: 'new', refresh: 'second' })
  })
})

describe('JD', () => {
  it('an order that is being sent at this moment may be sent by our own earlier attempt', async () => {
    const { call } = jos({}, (path) => ({
      [`${path.replaceAll('.', '_')}_responce`]: {
        code: '0',
        orderDetailInfo: { apiResult: { success: true }, orderInfo: { orderId: '291', orderState: 'WAIT_SELLER_STOCK_OUT' } },
        sopjosshipment_result: { success: false, errorCode: '70' },
      },
    }))
    expect(await jd.pushShipment(call, shipment({ orderId: '291' }))).toMatchObject({ status: 'unknown', fault: { kind: 'in-doubt', code: '70' } })
  })
})

describe('Pinduoduo', () => {
  it('an accident behind the gateway leaves a write open', async () => {
    const { call } = pdd(() => ({ error_response: { error_code: 52003, error_msg: 'x' } }))
    const write = { key: '1:2', ids: { goods: '1', sku: '2' }, sku: 'A', quantity: 3, idempotencyKey: 'i' }
    expect(await pinduoduo.pushInventory(call, [write])).toMatchObject([{ status: 'unknown' }])
  })
})

describe('WeChat shop', () => {
  it('a tracking number that stands there with other pieces is not taken for this package', async () => {
    const piece = (sku: string) => ({ product_id: '1', sku_id: sku })
    const order = {
      order_id: '3700000000000000001',
      status: 21,
      order_detail: {
        product_infos: [
          { ...piece('2'), sku_cnt: 1 },
          { ...piece('3'), sku_cnt: 1 },
        ],
        delivery_info: { delivery_product_info: [{ waybill_id: 'SF1', delivery_id: 'SF', product_infos: [{ ...piece('2'), product_cnt: 1 }] }] },
      },
    }
    const { call } = gateway(wechatShop as never, {}, { appId: 'a', appSecret: 's' }, () => ({ errcode: 0, order }))
    const pushed = (sku: string) =>
      wechatShop.pushShipment(call, shipment({ orderId: order.order_id, lines: [{ channelLineNo: `1:${sku}`, quantity: 1 }] }))
    expect(await pushed('2')).toMatchObject({ status: 'unchanged' })
    expect(await pushed('3')).toMatchObject({ status: 'refused', fault: { code: 'shipped-otherwise' } })
  })
})

describe('Youzan', () => {
  const tid = 'E20250601100000000000001'
  const trade = (fee: string) => ({
    full_order_info: {
      order_info: { tid, status: 'WAIT_SELLER_SEND_GOODS' },
      pay_info: { payment: '40.00', post_fee: '5.00' },
      orders: [{ oid: '28', num: 1, payment: '35.00' }],
    },
    refund_order: [{ refund_id: 'r', refund_state: 60, refund_fee: fee, oids: [{ oid: '28' }] }],
    delivery_order: [],
  })
  const pushed = (fee: string) => {
    const { call } = gateway(youzan as never, { kdtId: '1' }, { clientId: 'c', clientSecret: 's' }, (path) => ({
      success: true,
      code: 200,
      data: path.includes('trade.get') ? trade(fee) : { is_success: true, allExpress: [{ id: 1, name: 'SF Express' }] },
    }))
    return youzan.pushShipment(call, shipment({ orderId: tid, lines: [{ channelLineNo: '28', quantity: 1 }] }))
  }

  it('an accident behind the gateway, which comes under the number of anything, leaves a write open', async () => {
    for (const message of ['系统异常', '调用超时']) {
      const { call } = gateway(youzan as never, { kdtId: '1' }, { clientId: 'c', clientSecret: 's' }, () => ({ success: false, code: 5000, message }))
      const write = { key: '1', ids: { item: '1' }, sku: 'A', quantity: 3, idempotencyKey: 'i' }
      expect(await youzan.pushInventory(call, [write])).toMatchObject([{ status: 'unknown', fault: { code: '5000' } }])
    }
  })

  it('sends a line of which a part of the money went back, and none whose money went back', async () => {
    expect(await pushed('3.00')).toMatchObject({ status: 'applied' })
    expect(await pushed('35.00')).toMatchObject({ status: 'refused', fault: { code: 'line-closed' } })
  })
})

describe('pages', () => {
  it('of WeChat that promise more and say not where are not taken for the last ones', async () => {
    const { call } = gateway(wechatShop as never, {}, { appId: 'a', appSecret: 's' }, () => ({ errcode: 0, order_id_list: [], has_more: true }))
    const read = async () => {
      for await (const _page of wechatShop.listOrderIds(call, { from, to }));
    }
    await expect(read()).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
  })

  const from = '2026-11-22T03:00:00.000Z'
  const to = '2026-11-22T03:10:00.000Z'

  it('of Pinduoduo are not read without the count that was asked for', async () => {
    const { call } = pdd(() => ({ order_sn_increment_get_response: { has_next: true, order_sn_list: [] } }))
    const read = async () => {
      for await (const _page of pinduoduo.pullOrders(call, { stream: 'orders', window: { from, to } }));
    }
    await expect(read()).rejects.toMatchObject({ fault: { kind: 'unreadable' } })
  })

  it('of JD are asked for down to the hundredth: a window with more is read in parts', async () => {
    const count = 1500
    const start = Date.parse(from)
    const stamp = (i: number): string =>
      new Date(start + Math.floor((i * 600) / count) * 1000 + 28_800_000).toISOString().slice(0, 19).replace('T', ' ')
    const { call, asked } = jos({ pageSize: 10 }, (path, body) => {
      const [first, last, page] = [String(body['start_date']), String(body['end_date']), Number(body['page'])]
      const found = Array.from({ length: count }, (_, i) => count - 1 - i).filter((i) => stamp(i) >= first && stamp(i) <= last)
      const shown = page > 100 ? [] : found.slice((page - 1) * 10, page * 10)
      const orderInfoList = shown.map((i) => ({ orderId: String(290_000 + i), modified: stamp(i) }))
      const searchorderinfo_result = { apiResult: { success: true }, orderTotal: found.length, orderInfoList }
      return { [`${path.replaceAll('.', '_')}_responce`]: { code: '0', searchorderinfo_result } }
    })
    const found = new Set<string>()
    for await (const { records } of jd.pullOrders(call, { stream: 'orders', window: { from, to } }))
      for (const each of records) found.add(each.externalId)
    expect(found.size).toBe(count)
    expect(Math.max(...asked.map(({ body }) => Number(body['page'])))).toBeLessThanOrEqual(100)
  })
})
