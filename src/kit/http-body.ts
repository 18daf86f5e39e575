import { isUtf8 } from 'node:buffer'
import { ChannelError } from '../core/fault.ts'
import type { HttpRequest } from '../core/connector.ts'

/**
 * Decodes the bytes of an answer by its declared charset (UTF-8 where none is) and checks that it is the kind of text the
 * caller asked for: an HTML page with status 200, a body cut off in the middle or bytes in another charset must never
 * pass as a page of documents.
 * @throws ChannelError `unreadable`
 */
export function readBody(bytes: Uint8Array, contentType: string, expect: NonNullable<HttpRequest['expect']>): string {
  const text = decode(bytes, contentType)
  if (expect === 'any') return text
  const media = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (text.trim() === '') throw unreadable(`The answer is empty where ${expect} was expected.`)
  if (looksLikeHtml(text)) throw unreadable(`The answer is an HTML page where ${expect} was expected.`)
  if (media !== '' && !media.includes(expect) && !(expect === 'json' && SCRIPT.has(media)))
    throw unreadable(`The answer is "${media.slice(0, 60)}" where ${expect} was expected.`)
  if (expect === 'json') assertWholeJson(text)
  return text
}

/** Decodes an answer whose form does not matter (error pages): bytes that do not fit are replaced instead of refused. */
export function readLoosely(bytes: Uint8Array, contentType: string): string {
  const charset = charsetOf(contentType) ?? 'utf-8'
  return plainUtf8(bytes, charset) ?? new TextDecoder(charset).decode(bytes)
}

function decode(bytes: Uint8Array, contentType: string): string {
  const charset = charsetOf(contentType)
  if (charset === undefined) throw unreadable('The answer names a charset nobody knows.')
  try {
    return plainUtf8(bytes, charset) ?? new TextDecoder(charset, { fatal: true }).decode(bytes)
  } catch {
    throw unreadable(`The answer is not valid ${charset}.`)
  }
}

/** Sound UTF-8, what nearly every answer is, is checked and decoded several times faster without a TextDecoder. Like it, without the byte order mark. */
function plainUtf8(bytes: Uint8Array, charset: string): string | undefined {
  if (charset !== 'utf-8' || !isUtf8(bytes)) return undefined
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text
}

/** The label TextDecoder knows, utf-8 when none is named, undefined when it is unknown. */
function charsetOf(contentType: string): string | undefined {
  const label = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label).encoding
  } catch {
    return undefined
  }
}

/** What older gateways (Taobao's among them) call their JSON. */
const SCRIPT: ReadonlySet<string> = new Set(['text/javascript', 'application/javascript'])

const looksLikeHtml = (text: string): boolean => /^\s*<(?:!doctype html|html|head|body|br)\b/i.test(text.slice(0, 200))

/** First and last character only; the whole is parsed where it is used. Warnings printed before the JSON are caught here. */
function assertWholeJson(text: string): void {
  const first = /^\s*(.)/s.exec(text)?.[1] ?? ''
  const last = text.trimEnd().at(-1) ?? ''
  if (!/[[{"\-\dtfn]/.test(first)) throw unreadable('Something else stands before the JSON of the answer (a warning printed by the server?).')
  if (first === '{' ? last !== '}' : first === '[' && last !== ']') throw unreadable('The answer ends in the middle of a document.')
}

const unreadable = (message: string): ChannelError => new ChannelError({ kind: 'unreadable', message })
