import { createCipheriv, generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { wechatMini } from '../../../connectors/wechat-mini/index.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { payNoticeText } from '../../../src/kit/wechatpay.ts'
import vector from '../kit/wechatpay-vector.json' with { type: 'json' }

const NOW = 1_748_750_000
const now = new Date(NOW * 1000)
const { publicKey, privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const apiV3Key = 'k'.repeat(32)
const secrets = { appId: 'wx1', appSecret: 's', apiV3Key, platformKey: publicKey.trim() }
const paid = { appid: 'wx1', mchid: '1', out_trade_no: 'M1', transaction_id: '4200000000000000000000000001', trade_state: 'SUCCESS' }

interface Notice {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}
function notice(content: object, given: { readonly event?: string; readonly key?: string; readonly at?: number } = {}): Notice {
  const cipher = createCipheriv('aes-256-gcm', given.key ?? apiV3Key, '123456789012').setAAD(Buffer.from('transaction'))
  const ciphertext = Buffer.concat([cipher.update(JSON.stringify(content), 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64')
  const resource = { algorithm: 'AEAD_AES_256_GCM', ciphertext, associated_data: 'transaction', nonce: '123456789012' }
  return signed(JSON.stringify({ id: 'n-1', event_type: given.event ?? 'TRANSACTION.SUCCESS', resource }), given.at ?? NOW)
}
function signed(body: string, at = NOW): Notice {
  const signature = sign('sha256', Buffer.from(payNoticeText(String(at), 'nonce', body)), privateKey).toString('base64')
  return {
    body,
    headers: { 'wechatpay-timestamp': String(at), 'wechatpay-nonce': 'nonce', 'wechatpay-signature': signature, 'wechatpay-serial': 'PUB_KEY_ID_1' },
  }
}
const read = ({ body, headers }: Notice, by: Parameters<typeof wechatMini.verifyWebhook>[1] = secrets) => {
  const delivery = wechatMini.verifyWebhook(
    { method: 'POST', url: 'https://hub.example/hooks/x', headers, query: {}, body: Buffer.from(body) },
    by,
    now,
  )
  return { delivery, content: wechatMini.readWebhook(body, delivery.meta) }
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

describe('notices of payments', () => {
  it('lead to the order that was paid or given back, and keep nothing else', () => {
    const { delivery, content } = read(notice(paid))
    expect(delivery).toEqual({
      deliveryId: 'n-1',
      type: 'event',
      meta: { event: 'TRANSACTION.SUCCESS', transactionId: '4200000000000000000000000001', tradeNo: 'M1' },
      reply: { status: 200, body: '' },
    })
    expect(content).toEqual({ records: [], fetch: [{ kind: 'order', externalId: '4200000000000000000000000001' }] })
    const { appid: _app, ...refund } = paid
    expect(read(notice(refund, { event: 'REFUND.SUCCESS' })).content.fetch).toHaveLength(1)
    expect(read(notice(paid, { event: 'PAYSCORE.USER_OPEN_SERVICE' })).content.fetch).toEqual([])
    expect(refusal(() => read(notice({ appid: 'wx1' })))).toBe('unreadable')
  })

  it('pass under the old and the new key while they are changed over', () => {
    expect(read(notice(paid), { ...secrets, platformKey: `${vector.certificate}\n${publicKey.trim()}` }).delivery.type).toBe('event')
    expect(refusal(() => read(notice(paid), { ...secrets, platformKey: vector.certificate }))).toBe('unauthorized')
  })

  it('that are forged, old, or of another app or key are refused', () => {
    const good = notice(paid)
    const withHeader = (name: string, value: string): Notice => ({ body: good.body, headers: { ...good.headers, [`wechatpay-${name}`]: value } })
    const forged: readonly Notice[] = [
      { ...good, body: `${good.body} ` },
      { ...good, body: good.body.replace('n-1', 'n-2') },
      { ...good, headers: {} },
      withHeader('nonce', 'other'),
      withHeader('timestamp', String(NOW + 1)),
      withHeader('signature', `WECHATPAY/SIGNTEST/${good.headers['wechatpay-signature'] ?? ''}`),
      withHeader('signature', ''),
      notice(paid, { at: NOW - 301 }),
      notice(paid, { at: NOW + 301 }),
      notice(paid, { key: 'x'.repeat(32) }),
      notice({ ...paid, appid: 'wx2' }),
      signed('{}'),
      signed('null'),
      signed('<xml/>'),
    ]
    expect(forged.map((given) => refusal(() => read(given))).filter((kind) => kind === 'let in')).toEqual([])
    for (const by of [
      { appId: 'wx1', appSecret: 's' },
      { ...secrets, apiV3Key: '' },
      { ...secrets, platformKey: '' },
      { ...secrets, appId: '' },
    ])
      expect(refusal(() => read(good, by))).toBe('unauthorized')
  })
})

describe('hub channels verify', () => {
  const parts = { headers: vector.headers, body: vector.body, platform_certificate_pem: vector.certificate }
  it('says yes to the vendor’s own notice, and no to a changed one', () => {
    expect(wechatMini.signing?.verify?.(parts)).toEqual({ valid: true })
    expect(wechatMini.signing?.verify?.({ ...parts, body: `${vector.body} ` })).toMatchObject({ valid: false })
  })
})
