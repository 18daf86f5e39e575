import { createCipheriv } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { COMPANIES } from '../../../connectors/kuaishou/companies.ts'
import { kuaishou } from '../../../connectors/kuaishou/index.ts'
import type { Inbound } from '../../../src/core/connector.ts'
import { CARRIERS } from '../../../src/core/carriers.ts'
import { ChannelError } from '../../../src/core/fault.ts'

const KEY = Buffer.from('0123456789abcdef').toString('base64')
const OTHER_KEY = Buffer.from('fedcba9876543210').toString('base64')
const secrets = { appKey: 'ks1', appSecret: 's', signSecret: 't', refreshToken: 'r', messageKey: KEY }

/** As the vendor's `PlatformEventSecurityUtil` reads it: AES/CBC/PKCS5 with sixteen zeros before it. */
function sealed(text: string, key = KEY): string {
  const cipher = createCipheriv('aes-128-cbc', Buffer.from(key, 'base64'), Buffer.alloc(16))
  return Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]).toString('base64')
}
const message = (more: object = {}): string =>
  JSON.stringify({
    eventId: '243_4027_2375715766426',
    msgId: '84_2375715766425',
    bizId: 2607602240240301,
    appKey: 'ks1',
    event: 'kwaishop_order_addOrder',
    info: '{"oid":2607602240240301,"sellerId":2161524184,"createTime":1773750942425}',
    createTime: 1773750943589,
    ...more,
  })
const inbound = (body: string | Uint8Array): Inbound => ({
  method: 'POST',
  url: 'https://hub.example/hooks/x',
  headers: { 'content-type': 'text/plain;charset=utf-8' },
  query: {},
  body: typeof body === 'string' ? Buffer.from(body) : body,
})
const verify = (body: string | Uint8Array, given: object = {}) =>
  kuaishou.verifyWebhook(inbound(body), { ...secrets, ...given }, new Date(), undefined)
const refusal = (work: () => unknown): string => {
  try {
    work()
    return 'let in'
  } catch (error) {
    if (error instanceof ChannelError) return error.fault.kind
    throw error
  }
}

describe('messages of Kuaishou', () => {
  it('opens one, and reads the order it names from what is kept beside the encrypted body', () => {
    const delivery = verify(sealed(message()))
    expect(delivery).toMatchObject({ type: 'event', deliveryId: '243_4027_2375715766426', reply: { status: 200, body: '{"result":1}' } })
    expect(kuaishou.readWebhook('', delivery.meta)).toEqual({ records: [], fetch: [{ kind: 'order', externalId: '2607602240240301' }] })
    const refund = verify(sealed(message({ event: 'kwaishop_aftersales_addRefund', info: '{"orderId":2607602240240302,"refundId":1}' })))
    expect(kuaishou.readWebhook('', refund.meta).fetch).toEqual([{ kind: 'order', externalId: '2607602240240302' }])
    expect(kuaishou.readWebhook('', verify(sealed(message({ event: 'kwaishop_item_addItem' }))).meta).fetch).toEqual([])
    expect(refusal(() => kuaishou.readWebhook('', verify(sealed(message({ info: '{}' }))).meta))).toBe('unreadable')
  })

  it('answers the trial of an address', () => {
    expect(verify(sealed('{"test":true}'))).toMatchObject({ type: 'ping', reply: { body: '{"result":1}' } })
  })

  it('refuses what was not made with this app’s key, was changed, or is for another app', () => {
    const body = sealed(message())
    const bytes = Buffer.from(body)
    const changed = Array.from({ length: bytes.length }, (_, at) => {
      const copy = Buffer.from(bytes)
      copy[at] = copy[at] === 65 ? 66 : 65
      return copy
    }).filter((copy) => !copy.equals(bytes))
    // A changed block turns into sixteen random bytes: no text any more, or no document.
    expect(changed.filter((copy) => refusal(() => verify(copy)) !== 'unauthorized')).toEqual([])
    for (const forged of [
      `${body} `,
      ` ${body}`,
      `${body}\n`,
      body.slice(0, -4),
      `${body}AAAA`,
      body.repeat(2),
      '',
      'null',
      message(),
      '{"test":true}',
    ])
      expect([forged.slice(0, 20), refusal(() => verify(forged))]).toEqual([forged.slice(0, 20), 'unauthorized'])
    expect(refusal(() => verify(sealed(message(), OTHER_KEY)))).toBe('unauthorized')
    expect(refusal(() => verify(sealed(message({ appKey: 'ks2' }))))).toBe('unauthorized')
    for (const text of ['"text"', '[]', '{}', 'nonsense', '{"test":"true"}']) expect(refusal(() => verify(sealed(text)))).toBe('unauthorized')
  })

  it('refuses everything while no key is set, or one that is none', () => {
    for (const messageKey of [undefined, '', `${KEY} `, 'AAAA', 'not base64!'])
      expect([messageKey, refusal(() => verify(sealed(message()), { messageKey }))]).toEqual([messageKey, 'unauthorized'])
  })
})

describe('carriers of Kuaishou', () => {
  it('names each number once, and only numbers of the table for carriers of ours', () => {
    const numbers = COMPANIES.map(({ code }) => code)
    expect(new Set(numbers).size).toBe(numbers.length)
    expect(numbers.length).toBeGreaterThan(140)
    expect(COMPANIES.filter(({ code, name }) => !/^\d+$/.test(code) || name === '')).toEqual([])
    expect(CARRIERS.flatMap(({ codes }) => codes['kuaishou'] ?? []).filter((code) => !numbers.includes(code))).toEqual([])
    for (const merged of ['1', '13', '9999']) expect(numbers).not.toContain(merged)
  })
})
