import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { meituan } from '../../../connectors/meituan/index.ts'
import type { Inbound } from '../../../src/core/connector.ts'

const URL_ = 'https://hub.example/hooks/c_1'
const secrets = { appId: '100001', appSecret: 'mt-secret' }
const now = new Date('2026-11-22T02:00:00Z')
const message = { app_id: '100001', timestamp: String(now.getTime() / 1000), order_id: '27000000000000001', reason: '不想要了 & 100%', pictures: '' }

/** As the channel sends: every value encoded once more than the form asks for, signed without any encoding. */
function sent(parameters: Readonly<Record<string, string>>, where: 'form' | 'query' | 'both', isDouble = true): Inbound {
  const text = Object.keys(parameters)
    .sort()
    .map((name) => `${name}=${parameters[name] ?? ''}`)
    .join('&')
  const sig = createHash('md5').update(`${URL_}?${text}mt-secret`).digest('hex')
  const all = Object.entries({ ...parameters, sig }).map(([name, value]): [string, string] => [name, isDouble ? encodeURIComponent(value) : value])
  const inForm = (name: string): boolean => where === 'form' || (where === 'both' && !['app_id', 'timestamp', 'sig'].includes(name))
  const query = Object.fromEntries(all.filter(([name]) => !inForm(name)))
  const search = new URLSearchParams(query).toString()
  return {
    method: where === 'query' ? 'GET' : 'POST',
    url: search === '' ? URL_ : `${URL_}?${search}`,
    headers: {},
    query,
    body: Buffer.from(new URLSearchParams(all.filter(([name]) => inForm(name))).toString()),
  }
}

describe('messages of Meituan', () => {
  it.each(['form', 'query', 'both'] as const)('pass with their parameters in the %s, encoded twice or once', (where) => {
    for (const isDouble of [true, false]) {
      const delivery = meituan.verifyWebhook(sent(message, where, isDouble), secrets, now)
      expect(delivery).toMatchObject({ type: 'event', meta: { orderId: '27000000000000001' }, reply: { status: 200, body: '{"data":"ok"}' } })
      expect(meituan.readWebhook('', delivery.meta)).toEqual({ records: [], fetch: [{ kind: 'order', externalId: '27000000000000001' }] })
    }
  })

  it('are refused for another app, out of time, unsigned, or with an order changed', () => {
    const { app_id: _, ...others } = message
    const bad = [
      sent({ ...others, app_id: '2' }, 'form'),
      sent({ ...message, timestamp: '1700000000' }, 'form'),
      { ...sent(message, 'form'), body: Buffer.from('order_id=27000000000000001') },
      { ...sent(message, 'both'), body: Buffer.from('order_id=27000000000000002&reason=x&pictures=') },
    ]
    for (const inbound of bad) expect(() => meituan.verifyWebhook(inbound, secrets, now)).toThrow(/delivery|signed/)
    expect(() => meituan.verifyWebhook(sent(message, 'form'), { ...secrets, appSecret: '' }, now)).toThrow('no app id and secret')
  })

  it('answers the trial of an address, which carries nothing, and keeps nothing of it', () => {
    const trial = { method: 'GET', url: URL_, headers: {}, query: {}, body: Buffer.from('') }
    expect(meituan.verifyWebhook(trial, secrets, now)).toMatchObject({ type: 'ping', reply: { body: '{"data":"ok"}' } })
  })

  it('keep one id however often they come, name their shop, and no person', () => {
    const inbound = sent({ ...message, app_poi_code: 'poi-1', recipient_name: '张三' }, 'form')
    const [first, again] = [meituan.verifyWebhook(inbound, secrets, now), meituan.verifyWebhook(inbound, secrets, now)]
    expect(again.deliveryId).toBe(first.deliveryId)
    expect(JSON.stringify(first)).not.toContain('张三')
    expect(meituan.routeWebhook?.shopsIn(inbound)).toEqual(['poi-1'])
    expect(meituan.routeWebhook?.shopsIn(sent(message, 'form'))).toEqual([])
    expect(() => meituan.readWebhook('', {})).toThrow('names no order')
  })
})
