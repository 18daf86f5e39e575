import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { wechatShop } from '../../../connectors/wechat-shop/index.ts'
import { idPages } from '../../../connectors/wechat-shop/lists.ts'
import type { Inbound } from '../../../src/core/connector.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { encryptPush } from '../../../src/kit/wechat-crypto.ts'

const KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG'
const secrets = { appId: 'wx1', appSecret: 's', pushToken: 'token', encodingAesKey: KEY }
const plainSecrets = { appId: 'wx1', appSecret: 's', pushToken: 'token' }
const NOW = 1_748_750_000
const now = new Date(NOW * 1000)
const sha1 = (...parts: readonly string[]): string =>
  createHash('sha1')
    .update([...parts].sort().join(''))
    .digest('hex')

const event = (name: string, more: object): string =>
  JSON.stringify({ ToUserName: 'gh_1', FromUserName: 'o1', CreateTime: NOW, MsgType: 'event', Event: name, ...more })
const paid = event('channels_ec_order_pay', { order_info: { order_id: '3700000000000000001', pay_time: NOW } })

interface Given {
  readonly body: string
  readonly query: Readonly<Record<string, string>>
  readonly method?: string
}
const inbound = ({ body, query, method = 'POST' }: Given): Inbound => ({
  method,
  url: `https://hub.example/hooks/x?${new URLSearchParams(query).toString()}`,
  headers: {},
  query,
  body: Buffer.from(body),
})

const time = { timestamp: String(NOW), nonce: '486452656' }
const signed = { ...time, signature: sha1('token', time.timestamp, time.nonce) }
function sealed(
  text: string,
  receiver = 'wx1',
  dress: (encrypt: string) => string = (Encrypt) => JSON.stringify({ ToUserName: 'gh_1', Encrypt }),
): Given {
  const encrypt = encryptPush({ text, receiver }, KEY, Buffer.alloc(16, 7))
  return { body: dress(encrypt), query: { ...signed, encrypt_type: 'aes', msg_signature: sha1('token', time.timestamp, time.nonce, encrypt) } }
}
const refusal = (work: () => unknown): string => {
  try {
    work()
    return 'let in'
  } catch (error) {
    if (!(error instanceof ChannelError)) throw error
    return error.fault.kind
  }
}
const read = (given: Given, by: Parameters<typeof wechatShop.verifyWebhook>[1] = secrets) => {
  const delivery = wechatShop.verifyWebhook(inbound(given), by, now)
  return { delivery, content: wechatShop.readWebhook(given.body, delivery.meta) }
}

describe('pushed messages', () => {
  it.each([
    ['encrypted JSON', sealed(paid), secrets],
    [
      'encrypted XML',
      sealed(
        '<xml><ToUserName><![CDATA[gh_1]]></ToUserName><CreateTime>1</CreateTime><Event><![CDATA[channels_ec_order_pay]]></Event><order_info><order_id>3700000000000000001</order_id></order_info></xml>',
        'wx1',
        (encrypt) => `<xml>\n<ToUserName><![CDATA[gh_1]]></ToUserName>\n<Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`,
      ),
      secrets,
    ],
    ['plain JSON', { body: paid, query: signed }, plainSecrets],
  ] as const)('in %s lead to the order they name', (_name, given, by) => {
    const { delivery, content } = read(given, by)
    expect(delivery).toMatchObject({ type: 'event', reply: { status: 200, body: 'success' }, meta: { event: 'channels_ec_order_pay' } })
    expect(content).toEqual({ records: [], fetch: [{ kind: 'order', externalId: '3700000000000000001' }] })
  })

  it('about refunds lead to their order, and those about anything else to nothing', () => {
    const refund = {
      finder_shop_aftersale_status_update: { after_sale_order_id: '2000000000000001', status: 'MERCHANT_PROCESSING', order_id: '37000000001' },
    }
    expect(read(sealed(event('channels_ec_aftersale_update', refund))).content.fetch).toEqual([{ kind: 'order', externalId: '37000000001' }])
    expect(read(sealed(event('product_spu_audit', {}))).content).toEqual({ records: [], fetch: [] })
    expect(refusal(() => read(sealed(event('channels_ec_order_pay', {}))))).toBe('unreadable')
  })

  it('that come again under another nonce and cipher text are the same delivery', () => {
    const ids = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)].map((random) => {
      const encrypt = encryptPush({ text: paid, receiver: 'wx1' }, KEY, random)
      const query = { ...signed, encrypt_type: 'aes', msg_signature: sha1('token', time.timestamp, time.nonce, encrypt) }
      return read({ body: JSON.stringify({ ToUserName: 'gh_1', Encrypt: encrypt }), query }).delivery.deliveryId
    })
    expect(new Set(ids).size).toBe(1)
  })

  it('are answered with the echo when the channel tries the address', () => {
    const query = { ...signed, echostr: '4375120948345356249' }
    expect(wechatShop.verifyWebhook(inbound({ method: 'GET', body: '', query }), secrets, now)).toMatchObject({
      type: 'ping',
      reply: { status: 200, body: '4375120948345356249' },
    })
    expect(refusal(() => wechatShop.verifyWebhook(inbound({ method: 'GET', body: '', query: { ...query, nonce: '1' } }), secrets, now))).toBe(
      'unauthorized',
    )
  })

  it('that are forged in any way are refused', () => {
    const good = sealed(paid)
    const at = Math.floor(good.body.length / 2)
    const changed = `${good.body.slice(0, at)}${good.body[at] === 'a' ? 'b' : 'a'}${good.body.slice(at + 1)}`
    const signature = good.query['msg_signature'] ?? ''
    const withQuery = (change: Readonly<Record<string, string>>): Given => ({ body: good.body, query: { ...good.query, ...change } })
    const { msg_signature: _gone, ...unsigned } = good.query
    const forged: readonly Given[] = [
      { ...good, body: changed },
      { ...good, body: `x${good.body}` },
      { ...good, body: good.body.slice(0, -1) },
      { ...good, body: paid },
      { ...good, body: '' },
      { body: paid, query: signed },
      { body: good.body, query: unsigned },
      ...['', signature.slice(1), signature.slice(0, -4), `${signature}00`, 'x', signed.signature].map((msg_signature) =>
        withQuery({ msg_signature }),
      ),
      withQuery({ nonce: '1' }),
      withQuery({ timestamp: String(NOW + 1) }),
      withQuery({ timestamp: '' }),
      sealed(paid, 'wx2'),
      sealed(paid, ''),
    ]
    expect(forged.map((given) => refusal(() => read(given))).filter((kind) => kind === 'let in')).toEqual([])
    for (const by of [
      plainSecrets,
      { ...secrets, pushToken: '' },
      { ...secrets, pushToken: 'other' },
      { ...secrets, encodingAesKey: `${KEY.slice(1)}A` },
      { ...secrets, appId: 'wx2' },
    ])
      expect(refusal(() => read(good, by))).not.toBe('let in')
  })

  it('signed too long ago are refused', () => {
    for (const ms of [-901_000, 901_000])
      expect(refusal(() => wechatShop.verifyWebhook(inbound(sealed(paid)), secrets, new Date(now.getTime() + ms)))).toBe('unauthorized')
  })
})

describe('lists of ids', () => {
  const window = { from: '2026-11-20T00:00:00.000Z', to: '2026-11-20T00:01:40.000Z' }
  const start = Date.parse(window.from) / 1000
  const all = async (list: Parameters<typeof idPages>[0], after?: Record<string, string | number>): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const page of idPages(list, { window, after })) found.push(...page.ids)
    return found
  }
  const seconds = Array.from({ length: 101 }, (_, i) => start + i)

  it('too full for the channel are read in halves, each second once', async () => {
    const asked: number[] = []
    const found = await all(({ from, to }) => {
      if (to - from > 20) return Promise.reject(new ChannelError({ kind: 'refused', code: '31042', message: 'too many' }))
      asked.push(to - from)
      return Promise.resolve({ ids: seconds.filter((at) => at >= from && at <= to).map(String), next: '', more: false })
    })
    expect(found).toEqual(seconds.map(String))
    expect(asked.length).toBeGreaterThan(4)
  })

  it('whose key the channel forgot begin anew; a key that comes again ends them; a refusal is told', async () => {
    let forgot = false
    const list: Parameters<typeof idPages>[0] = (_range, key) => {
      if (key === 'b' && !forgot) {
        forgot = true
        return Promise.reject(new ChannelError({ kind: 'refused', code: '606006', message: 'key' }))
      }
      return Promise.resolve({ ids: [key === '' ? '1' : '2'], next: 'b', more: true })
    }
    expect(await all(list)).toEqual(['1', '1', '2'])
    await expect(all(() => Promise.reject(new ChannelError({ kind: 'refused', code: '1', message: 'no' })))).rejects.toThrow('no')
    await expect(all(list, { key: 'b' })).rejects.toMatchObject({ fault: { code: 'cursor-invalid' } })
  })
})
