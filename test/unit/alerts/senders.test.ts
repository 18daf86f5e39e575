import { createHmac } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Outgoing, sendAlert } from '../../../src/activities/alert-send.ts'
import { ChannelError } from '../../../src/core/fault.ts'
import type { OpenDestination } from '../../../src/store/alerts/destinations.ts'
import { openMailServer } from '../../support/mail-server.ts'

const NOW = new Date('2026-11-22T06:00:00.123Z')
const closers: (() => void)[] = []
afterEach(() => closers.splice(0).forEach((close) => close()))

const portOf = (address: AddressInfo | string | null): number => (typeof address === 'object' && address !== null ? address.port : 0)

interface Heard {
  readonly path: string
  readonly body: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
}

/** A server that answers what `judge` makes of each request, as a vendor's would. */
async function vendor(
  judge: (heard: Heard) => { readonly status?: number; readonly body: unknown },
): Promise<{ readonly url: string; readonly heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const one = { path: request.url ?? '', body: Buffer.concat(parts).toString('utf8'), headers: request.headers }
      heard.push(one)
      const { status = 200, body } = judge(one)
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => server.close())
  return { url: `http://127.0.0.1:${portOf(server.address())}`, heard }
}

const destination = (
  kind: OpenDestination['kind'],
  secrets: Readonly<Record<string, string>>,
  config: Readonly<Record<string, unknown>> = {},
): OpenDestination => ({
  id: 'd_1',
  name: 'Duty',
  kind,
  config,
  secrets,
  secrets_hint: {},
  language: 'en',
  timezone: 'UTC',
  quiet_from: null,
  quiet_to: null,
  enabled: true,
  version: 1,
  last_sent_at: null,
  last_fault: null,
  last_fault_at: null,
})

const out: Outgoing = { id: 'msg_7', incident: '3', text: { title: '[Urgent] Oversold: The hub', body: 'Items: 2\nSince 2026-11-22 06:00' } }
const send = (to: OpenDestination, allowPrivate: 'all' | readonly string[] = 'all'): Promise<string> =>
  sendAlert({ allowPrivate, now: () => NOW }, to, out)
const faultOf = async (sending: Promise<string>): Promise<ChannelError['fault']> => {
  const error: unknown = await sending.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof ChannelError)) throw new Error('no fault')
  return error.fault
}
const hmac = (key: string | Buffer, text: string): string => createHmac('sha256', key).update(text).digest('base64')

describe('DingTalk', () => {
  /** As the vendor checks it: the address carries the time and the signature over time and secret, under the secret. */
  const judge = ({ path }: Heard) => {
    const query = new URL(path, 'http://x').searchParams
    const good =
      query.get('access_token') === 'T' &&
      query.get('sign') === hmac('SECabc', `${query.get('timestamp')}\nSECabc`) &&
      query.get('timestamp') === String(NOW.getTime())
    return { body: good ? { errcode: 0, errmsg: 'ok' } : { errcode: 310000, errmsg: 'sign not match' } }
  }
  it('takes what is signed in its address', async () => {
    const { url, heard } = await vendor(judge)
    expect(await send(destination('dingtalk', { url: `${url}/robot/send?access_token=T`, secret: 'SECabc' }))).toBe('200 {"errcode":0,"errmsg":"ok"}')
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({ msgtype: 'text', text: { content: `${out.text.title}\n${out.text.body}` } })
  })
  it('refuses inside a 200, and its words come back without the token', async () => {
    const { url } = await vendor(judge)
    const fault = await faultOf(send(destination('dingtalk', { url: `${url}/robot/send?access_token=T`, secret: 'wrong' })))
    expect(fault).toMatchObject({ kind: 'refused', code: '310000', message: 'The robot answered 310000: sign not match' })
    const busy = await vendor(() => ({ body: { errcode: 130101, errmsg: 'send too fast, exceed 20 times per minute' } }))
    expect(await faultOf(send(destination('dingtalk', { url: `${busy.url}/robot/send?access_token=T` })))).toMatchObject({
      kind: 'throttled',
      retryAfterMs: 600_000,
    })
  })
})

describe('Feishu', () => {
  it('takes what is signed in the body, with time and secret as the key', async () => {
    const { url, heard } = await vendor(({ body }) => {
      const { timestamp, sign } = JSON.parse(body)
      return {
        body:
          sign === hmac(`${timestamp}\nS3`, '') && timestamp === '1795327200' ? { code: 0, msg: 'success' } : { code: 19021, msg: 'sign match fail' },
      }
    })
    const hook = `${url}/open-apis/bot/v2/hook/very-secret-token`
    expect(await send(destination('feishu', { url: hook, secret: 'S3' }))).toContain('success')
    expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({ msg_type: 'text', content: { text: expect.stringContaining('Oversold') } })
    expect(await faultOf(send(destination('feishu', { url: hook, secret: 'S4' })))).toMatchObject({ kind: 'refused', code: '19021' })
    const gone = await vendor(() => ({ status: 404, body: {} }))
    const fault = await faultOf(send(destination('feishu', { url: `${gone.url}/open-apis/bot/v2/hook/very-secret-token` })))
    expect([fault.kind, fault.message.includes('very-secret')]).toEqual(['missing', false])
  })
})

describe('WeCom', () => {
  it('takes a text of at most 2,048 bytes, and says when it is too fast', async () => {
    const { url, heard } = await vendor(({ body }) => ({
      body:
        Buffer.byteLength(JSON.parse(body).text.content) <= 2048
          ? { errcode: 0, errmsg: 'ok' }
          : { errcode: 40058, errmsg: 'text.content exceed max length 2048' },
    }))
    const long: Outgoing = { ...out, text: { title: '告警', body: '订单超时'.repeat(400) } }
    await sendAlert({ allowPrivate: 'all', now: () => NOW }, destination('wecom', { url: `${url}/cgi-bin/webhook/send?key=K` }), long)
    expect(JSON.parse(heard[0]?.body ?? '').text.content).toMatch(/^告警\n订单超时.*…$/s)
    const busy = await vendor(() => ({ body: { errcode: 45009, errmsg: 'api freq out of limit' } }))
    expect(await faultOf(send(destination('wecom', { url: `${busy.url}/x?key=K` })))).toMatchObject({ kind: 'throttled', code: '45009' })
  })
})

describe('webhooks', () => {
  const secret = `whsec_${Buffer.from('0123456789abcdef01234567').toString('base64')}`
  it('are signed as Standard Webhooks are, with the same id on every try', async () => {
    const { url, heard } = await vendor(({ headers, body }) => {
      const key = Buffer.from(secret.slice(6), 'base64')
      const good =
        headers['webhook-signature'] === `v1,${hmac(key, `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`)}`
      return { status: good ? 200 : 401, body: { taken: good } }
    })
    expect(await send(destination('webhook', { url: `${url}/alerts`, secret }))).toBe('200 {"taken":true}')
    await send(destination('webhook', { url: `${url}/alerts`, secret }))
    expect(heard.map(({ headers }) => headers['webhook-id'])).toEqual(['msg_7', 'msg_7'])
    expect(await faultOf(send(destination('webhook', { url, secret: `whsec_${Buffer.from('another').toString('base64')}` })))).toMatchObject({
      kind: 'unauthorized',
    })
  })
  it('reach the inside only where the settings name it', async () => {
    const { url, heard } = await vendor(() => ({ body: {} }))
    expect(await faultOf(send(destination('webhook', { url, secret }), []))).toMatchObject({ kind: 'misconfigured', code: 'private-address' })
    expect(await faultOf(send(destination('webhook', { url: 'http://169.254.169.254/latest', secret })))).toMatchObject({ kind: 'misconfigured' })
    expect(heard).toEqual([])
    await send(destination('webhook', { url, secret }), [new URL(url).host])
    expect(heard).toHaveLength(1)
  })
})

describe('mail', () => {
  const mailServer = async (refuse?: string) => {
    const server = await openMailServer(() => refuse)
    closers.push(server.close)
    return server
  }
  const config = (port: number, security = 'none') => ({ host: '127.0.0.1', port, security, from: 'hub@tea.example', to: ['duty@tea.example'] })

  it('goes out with its subject and an id that stays the same, and tells what the server said', async () => {
    const { port, mails } = await mailServer()
    expect(await send(destination('email', {}, config(port)))).toContain('queued as 42')
    expect(mails[0]).toMatch(/^Subject: \[Urgent\] Oversold: The hub$/m)
    expect(mails[0]).toMatch(/^To: duty@tea\.example$/m)
    expect(mails[0]).toMatch(/^In-Reply-To: <alert-3-d_1@tea\.example>$/m)
    expect(mails[0]).toContain('Items: 2')
  })
  it('comes back with the words of the server, goes to no private one unasked, and never unsealed where that was wanted', async () => {
    const refusing = await mailServer('550 5.1.1 no such mailbox')
    expect(await faultOf(send(destination('email', {}, config(refusing.port))))).toMatchObject({
      kind: 'refused',
      message: expect.stringContaining('no such mailbox'),
    })
    const { port, mails } = await mailServer()
    expect(await faultOf(send(destination('email', {}, config(port)), []))).toMatchObject({ kind: 'misconfigured', code: 'private-address' })
    expect((await faultOf(send(destination('email', {}, config(port, 'starttls'))))).message).toMatch(/mail server|safe connection/)
    expect(mails).toEqual([])
  })
})
