import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { start, type Sandbox } from '../../sandbox/server.ts'
import { createWechatMini } from '../../sandbox/wechat-mini/index.ts'

type Json = Readonly<Record<string, unknown>>

/** As the channel's page says it, and nothing of the hub. */
let sandbox: Sandbox
let token = ''
const sim = createWechatMini()
const post = async (path: string, body: unknown): Promise<Json> => {
  const response = await fetch(`${sandbox.shops[0]?.url ?? ''}${path}`, { method: 'POST', body: JSON.stringify(body) })
  return Object(await response.json()) as Json
}
const call = (path: string, body: unknown, by = token): Promise<Json> => post(`/wxa/sec/order/${path}?access_token=${by}`, body)

beforeAll(async () => {
  sim.control.seedProducts(12)
  sim.control.seedOrders(45, 2)
  sandbox = await start({ shops: [{ name: 'mini-1', sim }] })
  const { appId, appSecret } = sim.credentials
  token = String((await post('/cgi-bin/stable_token', { grant_type: 'client_credential', appid: appId, secret: appSecret }))['access_token'])
})
afterAll(() => sandbox.stop())

describe('the simulated shipping service', () => {
  it('lists every payment over pages', async () => {
    const ids: string[] = []
    let [index, pages]: [Json, number] = [{}, 0]
    for (let more = true; more; pages += 1) {
      const page = await call('get_order_list', { page_size: 12, ...index })
      ids.push(...(page['order_list'] as readonly { transaction_id: string }[]).map((each) => each.transaction_id))
      index = { last_index: page['last_index'] }
      more = page['has_more'] === true
    }
    expect(pages).toBe(4)
    expect([...ids].sort()).toEqual(
      sim.ledger
        .orders()
        .map((truth) => truth.orderId)
        .sort(),
    )
    expect(await call('get_order', { transaction_id: '1' })).toMatchObject({ errcode: 10060001 })
    expect(await call('get_order', { transaction_id: ids[0] }, 'other')).toMatchObject({ errcode: 40001 })
  })

  it('takes parcels of a split payment until the last, and tells a complete one anew once', async () => {
    const placed = sim.control.shop()
    const id = placed.ok ? placed.orderId : ''
    const { order } = (await call('get_order', { transaction_id: id })) as { order: { openid: string } }
    const upload = (tracking_no: string, more: Json): Promise<Json> =>
      call('upload_shipping_info', {
        order_key: { order_number_type: 2, transaction_id: id },
        logistics_type: 1,
        shipping_list: [{ tracking_no, express_company: 'ZTO', item_desc: '杯' }],
        upload_time: '2026-11-22T12:00:00.000+08:00',
        payer: { openid: order.openid },
        ...more,
      })
    expect(await upload('1', { delivery_mode: 2 })).toMatchObject({ errcode: 10060007 })
    expect(await upload('1', { delivery_mode: 2, is_all_delivered: false, payer: { openid: 'another' } })).toMatchObject({ errcode: 10060031 })
    expect(await upload('1', { delivery_mode: 2, is_all_delivered: false, upload_time: '12:00' })).toMatchObject({ errcode: 268485216 })
    expect(await upload('1', { delivery_mode: 2, is_all_delivered: false })).toMatchObject({ errcode: 0 })
    expect(sim.ledger.order(id)?.status).toBe('1')
    expect(await upload('2', { delivery_mode: 2, is_all_delivered: true })).toMatchObject({ errcode: 0 })
    expect(sim.ledger.order(id)?.status).toBe('2')
    const { order: sent } = (await call('get_order', { transaction_id: id })) as {
      order: { shipping: { shipping_list: readonly { tracking_no: string }[] } }
    }
    expect(sent.shipping.shipping_list.map((each) => each.tracking_no)).toEqual(['1', '2'])
    expect(await upload('3', { delivery_mode: 1 })).toMatchObject({ errcode: 0 })
    expect(await upload('4', { delivery_mode: 1 })).toMatchObject({ errcode: 10060003 })
  })
})
