import { describe, expect, it } from 'vitest'
import { ebay } from '../../../connectors/ebay/index.ts'
import { keysOf, readWebhook, verificationToken, verifyWebhook } from '../../../connectors/ebay/webhooks.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import { verifyParts } from '../../../src/kit/signing.ts'

/** Key, header and body of the test of eBay's own notification SDK (github.com/eBay/event-notification-nodejs-sdk, test.json). */
const KEY = 'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZhhxXKtR+TOvtDbgTPCkSof02qgBB7IsYOyf76ilExJ/upAa/vKIKheOoCyOpcLmi4t0b4uepb7LLjmMr90FUg=='
const KID = '9936261a-7d7b-4621-a0f1-96ccb428af49'
const HEADER =
  'eyJhbGciOiJlY2RzYSIsImtpZCI6Ijk5MzYyNjFhLTdkN2ItNDYyMS1hMGYxLTk2Y2NiNDI4YWY0OSIsInNpZ25hdHVyZSI6Ik1FWUNJUUNmeGZJV3V4bVdjSUJRSjljNS9YN2lHREpxczJSQ0dzQkVhQWppbnlycmZBSWhBSVY2d0djVGlCdVY1S0pVaWYyaG9reXJMK1E5c3NIa2FkK214Mm5FRTI1dyIsImRpZ2VzdCI6IlNIQTEifQ=='
const BODY =
  '{"metadata":{"topic":"MARKETPLACE_ACCOUNT_DELETION","schemaVersion":"1.0","deprecated":false},"notification":{"notificationId":"49feeaeb-4982-42d9-a377-9645b8479411_33f7e043-fed8-442b-9d44-791923bd9a6d","eventDate":"2021-03-19T20:43:59.462Z","publishDate":"2021-03-19T20:43:59.679Z","publishAttemptCount":1,"data":{"username":"test_user","userId":"ma8vp1jySJC","eiasToken":"nY+sHZ2PrBmdj6wVnY+sEZ2PrA2dj6wJnY+gAZGEpwmdj6x9nY+seQ=="}}}'

const secrets = { clientId: 'app', clientSecret: 'cert', refreshToken: 'refresh', notificationKeys: `${KID}=${KEY}`, webhookSecret: 'short' }
const inbound = (body = BODY, header = HEADER) => ({
  method: 'POST',
  url: 'https://hub.test/hooks/abc',
  headers: { 'x-ebay-signature': header },
  query: {},
  body: Buffer.from(body),
})
const refusal = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (error instanceof ChannelError) return `${error.fault.kind}: ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('notifications of eBay', () => {
  it('pass by the key their header names, over the bytes as they came', () => {
    expect(verifyWebhook(inbound(), secrets)).toMatchObject({
      deliveryId: '49feeaeb-4982-42d9-a377-9645b8479411_33f7e043-fed8-442b-9d44-791923bd9a6d',
      type: 'event',
      meta: { topic: 'MARKETPLACE_ACCOUNT_DELETION', kid: KID },
      reply: { status: 204 },
    })
    expect(refusal(() => verifyWebhook(inbound(`${BODY} `), secrets))).toMatch(/^unauthorized/)
  })

  it('are refused under a key that is not set here, which the refusal names', () => {
    const other = { ...secrets, notificationKeys: `00000000-7d7b-4621-a0f1-96ccb428af49=${KEY}` }
    expect(refusal(() => verifyWebhook(inbound(), other))).toContain(KID)
    expect(refusal(() => verifyWebhook(inbound(), { ...secrets, notificationKeys: undefined }))).toMatch(/^unauthorized: No public key/)
  })

  it('pass by the second key of a list, and by none of a damaged one', () => {
    const list = `00000000-7d7b-4621-a0f1-96ccb428af49=${KEY.replace('Zhhx', 'Zhhy')},${KID}=${KEY}`
    expect(verifyWebhook(inbound(), { ...secrets, notificationKeys: list }).type).toBe('event')
    expect(keysOf({ notificationKeys: `${list},x` }).size).toBe(0)
  })

  it('are checked by themselves, as support lays them beside the vendor’s tool', () => {
    const { signing } = ebay
    if (!signing) throw new Error('eBay signs.')
    expect(verifyParts(signing, { body: BODY, public_key: KEY, signature: HEADER })).toEqual({ valid: true })
    const pem = `-----BEGIN PUBLIC KEY-----\n${KEY}\n-----END PUBLIC KEY-----`
    expect(verifyParts(signing, { body: BODY, public_key: pem, headers: { 'X-EBAY-SIGNATURE': HEADER } })).toEqual({ valid: true })
    expect(verifyParts(signing, { body: BODY.replace('test_user', 'best_user'), public_key: KEY, signature: HEADER })).toMatchObject({ valid: false })
    expect(verifyParts(signing, { body: BODY, public_key: KEY, signature: HEADER.slice(4) })).toMatchObject({ valid: false })
  })

  it('name an order that is read, whichever way they write it; the end of an account names none', () => {
    const body = (data: unknown): string => JSON.stringify({ notification: { data } })
    const order = { records: [], fetch: [{ kind: 'order', externalId: '12-00001-00001' }] }
    expect(readWebhook(body({ orderId: '12-00001-00001' }), { topic: 'ORDER_CONFIRMATION' })).toEqual(order)
    expect(readWebhook(body({ order: { orderId: '12-00001-00001' } }), { topic: 'ITEM_MARKED_SHIPPED' })).toEqual(order)
    expect(readWebhook(BODY, { topic: 'MARKETPLACE_ACCOUNT_DELETION' })).toEqual({ records: [], fetch: [] })
    expect(refusal(() => readWebhook(body({}), { topic: 'ORDER_CONFIRMATION' }))).toMatch(/^unreadable/)
  })
})

describe('the challenge of an address', () => {
  const ask = (webhookSecret: string | undefined) =>
    verifyWebhook(
      { ...inbound(), method: 'GET', url: 'https://hub.test/ebay?challenge_code=abc123', query: { challenge_code: 'abc123' }, headers: {} },
      { ...secrets, ...(webhookSecret === undefined ? {} : { webhookSecret }) },
    )

  it('is answered with the digest of code, token and address without its query', () => {
    const { type, reply } = ask('vt_0123456789012345678901234567890123')
    expect([type, reply.status, reply.contentType]).toEqual(['ping', 200, 'application/json'])
    expect(JSON.parse(reply.body)).toEqual({ challengeResponse: '6f041971346dd52b3ef170b63e96fb1e8f819aba1aa3e02b25266de1091b4355' })
  })

  it('uses a token eBay takes, whatever the secret looks like, and refuses without one', () => {
    for (const secret of ['short', 'with spaces in it, and long enough to count', 'x'.repeat(90)])
      expect(verificationToken(secret)).toMatch(/^[\w-]{32,80}$/)
    expect(verificationToken('a'.repeat(32))).toBe('a'.repeat(32))
    expect(refusal(() => ask(''))).toMatch(/^unauthorized/)
  })
})
