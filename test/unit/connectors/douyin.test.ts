import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { douyin } from '../../../connectors/douyin/index.ts'
import { manifest, type DouyinCall } from '../../../connectors/douyin/manifest.ts'
import { paramJson } from '../../../connectors/douyin/param-json.ts'
import type { Inbound } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { parseJson } from '../../../src/kit/json.ts'

const [appKey, appSecret] = ['6800000000000000001', 'demo-secret-0001']
const secrets = manifest.secrets.parse({ appKey, appSecret })

describe('the text that is signed', () => {
  it('has its keys in order at every depth, ids with all their digits, and characters as they are', () => {
    expect(paramJson({ b: [{ d: 1, c: true }], a: 4_800_000_000_000_000_001n, e: undefined, 'z&<>/': '青 "x"\u0007' })).toBe(
      '{"a":4800000000000000001,"b":[{"c":true,"d":1}],"z&<>/":"青 \\"x\\"\\u0007"}',
    )
    expect(paramJson({})).toBe('{}')
  })
})

const inbound = (body: string, sign = createHash('md5').update(`${appKey}${body}${appSecret}`).digest('hex')): Inbound => ({
  method: 'POST',
  url: 'https://hub.example/hooks/x',
  headers: { 'event-sign': sign },
  query: {},
  body: Buffer.from(body),
})
const message = (tag: string, data: unknown): object => ({ tag, msg_id: `${tag}:0:0`, data: typeof data === 'string' ? data : JSON.stringify(data) })

describe('messages', () => {
  it('come several at once, name each order once, and are answered in the channel’s words', () => {
    const body = `[${[
      JSON.stringify({ tag: '100', msg_id: '1', data: '{"p_id":4800000000000000001,"s_ids":[4800000000000000002],"shop_id":123456}' }),
      JSON.stringify({ tag: '206', msg_id: '2', data: '{"p_id":4800000000000000001,"aftersale_id":7100000000000000001}' }),
      JSON.stringify({ tag: '102', msg_id: '3', data: '{"p_id":4800000000000000003}' }),
      JSON.stringify(message('400', { product_id: 1 })),
      JSON.stringify(message('101', 'no document')),
    ].join(',')}]`
    const delivery = douyin.verifyWebhook(inbound(body), secrets, new Date())
    expect(delivery).toMatchObject({
      type: 'event',
      meta: { tags: '100,101,102,206,400' },
      reply: { status: 200, body: '{"code":0,"msg":"success"}' },
    })
    expect(douyin.readWebhook(body, delivery.meta)).toEqual({
      records: [],
      fetch: [
        { kind: 'order', externalId: '4800000000000000001' },
        { kind: 'order', externalId: '4800000000000000003' },
      ],
    })
  })

  it('about nothing are the trial of an address: signed, answered and forgotten', () => {
    const trial = JSON.stringify([message('0', '2025-06-01T10:00:00+08:00')])
    expect(douyin.verifyWebhook(inbound(trial), secrets, new Date())).toMatchObject({ type: 'ping', reply: { body: '{"code":0,"msg":"success"}' } })
    expect(() => douyin.verifyWebhook(inbound(trial, 'x'), secrets, new Date())).toThrow(ChannelError)
  })

  it('are checked over the bytes as they came, also where these are no UTF-8', () => {
    const body = Buffer.concat([Buffer.from('[{"tag":"100","data":"'), Buffer.from([0xd6, 0xd0]), Buffer.from('"}]')])
    const sign = createHash('md5').update(appKey).update(body).update(appSecret).digest('hex')
    expect(douyin.verifyWebhook({ ...inbound('', sign), body }, secrets, new Date()).type).toBe('event')
  })
})

/**
 * A gateway with `count` orders, evenly over `seconds` (or all in one), which lets nobody read deeper than the shallowest figure that is
 * told of it.
 */
function deepGateway(count: number, from: number, seconds: number) {
  const DEEPEST = 10_000
  const asked: { readonly page: number; readonly size: number }[] = []
  const changed = (i: number): number => from + Math.floor((i * seconds) / count)
  const config = manifest.config.parse({ url: 'https://gateway.example', shopId: '1', pageSize: 100 })
  const tokens = { read: () => Promise.resolve({ access: 't' }) }
  const call: DouyinCall = {
    connectionId: 'c_1',
    config,
    secrets,
    tokens: tokens.read,
    renew: tokens.read,
    now: () => new Date(),
    signal: new AbortController().signal,
    http: ({ body = '' }) => {
      const { page, size, update_time_start: start, update_time_end: end } = Object(parseJson(body)) as Record<string, number>
      if (page === undefined || size === undefined || start === undefined || end === undefined) throw new Error('A parameter is missing.')
      asked.push({ page, size })
      const deep = (page + 1) * size > DEEPEST
      const found: number[] = []
      for (let i = count - 1; i >= 0; i -= 1) if (changed(i) >= start && changed(i) <= end) found.push(i)
      const list = found.slice(page * size, (page + 1) * size).map((i) => ({ order_id: String(4_800_000_000_000 + i), update_time: changed(i) }))
      const data = deep ? null : { page, size, total: found.length, shop_order_list: list }
      return Promise.resolve({ status: 200, headers: {}, body: JSON.stringify({ code: deep ? 40004 : 10000, data }) })
    },
  }
  const window = { from: new Date(from * 1000).toISOString(), to: new Date((from + seconds) * 1000).toISOString() }
  return { call, asked, window }
}

describe('a window with more changes than the channel can be paged through', () => {
  it('is read in parts until each fits, every order once or more, none deeper than allowed, and goes on from any page', async () => {
    const { call, asked, window } = deepGateway(25_000, 1_748_743_200, 1000)
    const found = new Set<string>()
    const cursors: (Readonly<Record<string, string | number | boolean>> | null)[] = []
    for await (const page of douyin.pullOrders(call, { stream: 'orders', window })) {
      for (const { externalId } of page.records) found.add(externalId)
      cursors.push(page.cursor)
    }
    expect(found.size).toBe(25_000)
    expect(cursors.at(-1)).toBeNull()
    expect(Math.max(...asked.map(({ page, size }) => (page + 1) * size))).toBeLessThanOrEqual(10_000)
    // Behind the first part, and in the midst of the third.
    const ends = cursors.flatMap((cursor, i) => (cursor !== null && cursor['page'] === undefined ? [i] : []))
    expect(ends.length).toBeGreaterThanOrEqual(2)
    for (const at of [ends[0] ?? 0, (ends[1] ?? 0) + 10]) {
      const rest = new Set<string>()
      for await (const page of douyin.pullOrders(call, { stream: 'orders', window, after: cursors[at] ?? {} }))
        for (const { externalId } of page.records) rest.add(externalId)
      const before = new Set<string>()
      let n = 0
      for await (const page of douyin.pullOrders(call, { stream: 'orders', window })) {
        for (const { externalId } of page.records) before.add(externalId)
        if ((n += 1) > at) break
      }
      expect(new Set([...before, ...rest]).size).toBe(25_000)
    }
  })

  it('that lie in one second ends in what the channel says to it, and is not cut', async () => {
    const { call, asked, window } = deepGateway(10_500, 1_748_743_200, 1)
    const read = async (): Promise<void> => {
      for await (const page of douyin.pullOrders(call, { stream: 'orders', window })) if (page.cursor === null) return
    }
    await expect(read()).rejects.toThrow(ChannelError)
    expect(asked.at(-1)?.page).toBe(104)
  })
})
