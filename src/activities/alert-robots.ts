import { createHmac } from 'node:crypto'
import type { AlertText } from '../core/alert-text.ts'
import type { DestinationKind } from '../core/alert-rules.ts'
import type { Fault } from '../core/fault.ts'
import { printable } from '../kit/vendor-words.ts'

export type RobotKind = Extract<DestinationKind, 'wecom' | 'dingtalk' | 'feishu'>

/** One call to a group robot. */
export interface RobotCall {
  readonly url: string
  readonly body: string
}

const hmac = (key: string, text: string): string => createHmac('sha256', key).update(text).digest('base64')

/** Text of at most so many bytes, cut between characters. */
function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text
  let kept = ''
  for (const character of text) {
    if (Buffer.byteLength(kept) + Buffer.byteLength(character) > bytes - 3) break
    kept += character
  }
  return `${kept}…`
}

/** WeCom takes 2,048 bytes of text, the others more: one length for all. */
const MOST_BYTES = 2000

/**
 * What a robot of a group is called with. Plain text: nothing in it can call people or hide where a link leads.
 * - WeCom (https://developer.work.weixin.qq.com/document/path/91770): the address alone is the credential.
 * - DingTalk (https://open.dingtalk.com/document/robots/customize-robot-security-settings): `sign` in the address is HMAC-SHA256 of `timestamp\nsecret` under the secret;
 *   milliseconds.
 * - Feishu (https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot): `sign` in the body is HMAC-SHA256 of nothing under `timestamp\nsecret`; seconds.
 */
export function robotCall(kind: RobotKind, secrets: { readonly url: string; readonly secret?: string }, text: AlertText, now: Date): RobotCall {
  const content = cut(`${text.title}\n${text.body}`, MOST_BYTES)
  const { url, secret } = secrets
  if (kind === 'wecom') return { url, body: JSON.stringify({ msgtype: 'text', text: { content } }) }
  if (kind === 'dingtalk') {
    const signed = new URL(url)
    if (secret !== undefined) {
      const timestamp = String(now.getTime())
      signed.searchParams.set('timestamp', timestamp)
      signed.searchParams.set('sign', hmac(secret, `${timestamp}\n${secret}`))
    }
    return { url: signed.href, body: JSON.stringify({ msgtype: 'text', text: { content } }) }
  }
  const timestamp = String(Math.floor(now.getTime() / 1000))
  const signature = secret === undefined ? {} : { timestamp, sign: hmac(`${timestamp}\n${secret}`, '') }
  return { url, body: JSON.stringify({ ...signature, msg_type: 'text', content: { text: content } }) }
}

/** Codes for "too fast": 45009 WeCom, 130101 DingTalk (which then takes nothing for ten minutes), 11232 and 99991400 Feishu. */
const TOO_FAST: ReadonlyMap<string, number> = new Map([
  ['45009', 60_000],
  ['130101', 600_000],
  ['11232', 60_000],
  ['99991400', 60_000],
])

/** Robots refuse inside an HTTP 200: `errcode` (WeCom, DingTalk) or `code` (Feishu) that is not 0. Undefined when they took it. */
export function robotFault(status: number, body: string): Fault | undefined {
  const said = saidBy(body)
  const code = said('errcode') ?? said('code') ?? said('StatusCode')
  if (code === undefined || Number(code) === 0) return undefined
  const words = printable(said('errmsg') ?? said('msg') ?? said('StatusMessage') ?? '').slice(0, 200)
  const wait = TOO_FAST.get(code)
  return {
    kind: wait === undefined ? 'refused' : 'throttled',
    code,
    status,
    message: `The robot answered ${code}: ${words}`,
    ...(wait !== undefined && { retryAfterMs: wait }),
  }
}

/** Texts and numbers of a JSON answer, by name. */
function saidBy(body: string): (name: string) => string | undefined {
  const value = parsed(body)
  return (name) => {
    const found: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
