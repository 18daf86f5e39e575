import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { type AlertNews, type AlertText, ruleName } from '../core/alert-text.ts'
import type { Limit } from '../core/connector.ts'
import { ChannelError } from '../core/fault.ts'
import { createHttp } from '../kit/http.ts'
import { type Mail, sendMail } from '../kit/mail.ts'
import { printable } from '../kit/vendor-words.ts'
import type { OpenDestination } from '../store/alerts/destinations.ts'
import { type RobotKind, robotCall, robotFault } from './alert-robots.ts'
import { allowsPrivate, type ChannelDeps } from './connection-call.ts'

export interface SendDeps {
  readonly allowPrivate: ChannelDeps['allowPrivate']
  readonly now: () => Date
}

/** What goes out in one piece. */
export interface Outgoing {
  /** The same for each try, so that whoever gets it twice can tell. */
  readonly id: string
  /** The incident, for mails that belong together; undefined for several at once. */
  readonly incident?: string
  readonly text: AlertText
  /** For programs; several messages as one go to people only. */
  readonly news?: AlertNews
}

/**
 * How fast each kind takes messages. Robots take twenty a minute: ten at once and ten more over the minute keep any minute within that.
 * Webhooks and mail servers are merely spared.
 */
export const SEND_RATE = { calls: 10, perSeconds: 60, burst: 10 } as const satisfies Omit<Limit, 'id' | 'scope'>

const CALL_MS = 15_000
const MOST_ANSWER = 300

/** Sends one message and answers what the other side said. @throws ChannelError with its words, never with a credential */
export async function sendAlert(deps: SendDeps, destination: OpenDestination, out: Outgoing): Promise<string> {
  switch (destination.kind) {
    case 'email':
      return sendByMail(deps, destination, out)
    case 'webhook':
      return sendByWebhook(deps, destination, out)
    case 'wecom':
    case 'dingtalk':
    case 'feishu':
      return sendByRobot(deps, destination, destination.kind, out)
  }
}

const mailConfig = z.object({
  host: z.string(),
  port: z.number(),
  security: z.enum(['tls', 'starttls', 'none']),
  user: z.string().optional(),
  from: z.string(),
  to: z.array(z.string()),
})

async function sendByMail(deps: SendDeps, destination: OpenDestination, out: Outgoing): Promise<string> {
  const thread = out.incident === undefined ? undefined : `alert-${out.incident}-${destination.id}`
  const first = thread !== undefined && out.news?.kind === 'open'
  return sendFrom(deps, destination, {
    to: mailConfig.parse(destination.config).to,
    subject: out.text.title,
    text: `${out.text.body}\n`,
    id: first ? thread : `${out.id}-${destination.id}`,
    ...(thread !== undefined && !first && { replyTo: thread }),
  })
}

/** A mail by the account of a destination; ids are ours, the same for each try. */
interface AccountMail extends Pick<Mail, 'to' | 'subject' | 'text' | 'attachments'> {
  readonly id: string
  readonly replyTo?: string
}

/** Hands a mail to the server of a destination of the kind e-mail. @throws ChannelError with its words */
export async function sendFrom({ allowPrivate }: SendDeps, { config, secrets }: OpenDestination, mail: AccountMail): Promise<string> {
  const { host, port, security, user, from } = mailConfig.parse(config)
  const domain = from.slice(from.lastIndexOf('@') + 1).replace('>', '')
  const { id, replyTo, ...rest } = mail
  return sendMail(
    { host, port, security, ...(user !== undefined && { user, password: secrets['password'] ?? '' }) },
    { ...rest, from, messageId: `<${id}@${domain}>`, ...(replyTo !== undefined && { inReplyTo: `<${replyTo}@${domain}>` }) },
    allowsPrivate(allowPrivate, `${isBare6(host) ? `[${host}]` : host}:${port}`),
  )
}
const isBare6 = (host: string): boolean => host.includes(':') && !host.startsWith('[')

const TYPES = { open: 'alert.opened', remind: 'alert.reminded', over: 'alert.closed', test: 'alert.test' } as const

/** Standard Webhooks (https://www.standardwebhooks.com): `id.timestamp.body` signed with HMAC-SHA256 under the base64 part of the secret. */
async function sendByWebhook(deps: SendDeps, { secrets, language }: OpenDestination, out: Outgoing): Promise<string> {
  const news = out.news
  const timestamp = String(Math.floor(deps.now().getTime() / 1000))
  const body = JSON.stringify({
    type: TYPES[news?.kind ?? 'test'],
    timestamp: deps.now().toISOString(),
    data: {
      title: out.text.title,
      text: out.text.body,
      incident_id: out.incident ?? null,
      ...(news && {
        rule: ruleName(news.rule, language),
        severity: news.severity,
        connection: news.connection,
        node: news.node,
        facts: news.facts,
        since: news.since,
        until: news.until,
        link: news.link,
      }),
    },
  })
  const key = Buffer.from((secrets['secret'] ?? '').replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', key).update(`${out.id}.${timestamp}.${body}`).digest('base64')
  const answer = await post(deps, 'alert-webhook', secrets['url'] ?? '', body, {
    headers: { 'webhook-id': out.id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` },
    expect: 'any',
  })
  return answer
}

async function sendByRobot(deps: SendDeps, { secrets }: OpenDestination, kind: RobotKind, out: Outgoing): Promise<string> {
  const { url, body } = robotCall(
    kind,
    { url: secrets['url'] ?? '', ...(secrets['secret'] !== undefined && { secret: secrets['secret'] }) },
    out.text,
    deps.now(),
  )
  return post(deps, `alert-${kind}`, url, body, { headers: {}, expect: 'json' })
}

/** One POST through the same door as all calls to the outside: no redirect, no proxy, no private address that is not allowed. */
async function post(
  { allowPrivate, now }: SendDeps,
  name: string,
  url: string,
  body: string,
  more: { readonly headers: Readonly<Record<string, string>>; readonly expect: 'json' | 'any' },
): Promise<string> {
  if (!URL.canParse(url)) throw new ChannelError({ kind: 'misconfigured', message: 'The address is not a URL.' })
  const { origin, hostname, port, protocol, pathname } = new URL(url)
  const http = createHttp({
    connector: { manifest: { id: name, limits: [] }, ...(more.expect === 'json' && { classify: (status, text) => robotFault(status, text) }) },
    connectionId: name,
    hosts: [origin],
    limiter: { take: () => Promise.resolve(), block: () => Promise.resolve() },
    allowPrivate: allowsPrivate(allowPrivate, url) ? [`${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`] : [],
    agentOptions: { keepAlive: false },
    now,
    signal: new AbortController().signal,
  })
  try {
    const response = await http({ method: 'POST', url, body, headers: more.headers, expect: more.expect, timeoutMs: CALL_MS, maxBytes: 100_000 })
    return printable(`${response.status} ${response.body}`).trim().slice(0, MOST_ANSWER)
  } catch (error) {
    // The path is the credential of some robots.
    if (error instanceof ChannelError && pathname !== '/')
      throw new ChannelError({ ...error.fault, message: error.fault.message.replaceAll(pathname, '/…') }, { cause: error.fault.code })
    throw error
  }
}
