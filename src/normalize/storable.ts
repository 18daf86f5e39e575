import { createHash } from 'node:crypto'
import type { RawRecord } from '../core/connector.ts'

/** Longer than any channel's id; what is longer fits no index. */
const MAX_ID = 300
const PREFIX = 'too-long:'
const DAY_MS = 86_400_000

const shortened = (id: string): string => (id.length <= MAX_ID ? id : `${PREFIX}${createHash('sha256').update(id).digest('hex').slice(0, 32)}`)

/** A document under an id the store can keep: one that is too long is known by its hash, and held. */
export function storable<T extends { readonly record: RawRecord }>(raw: T): T {
  const { record } = raw
  if (record.externalId.length <= MAX_ID && (record.parentId ?? '').length <= MAX_ID) return raw
  const ids = { externalId: shortened(record.externalId), ...(record.parentId !== undefined && { parentId: shortened(record.parentId) }) }
  return { ...raw, record: { ...record, ...ids } }
}

export const hasNoUsableId = (raw: { readonly externalId: string }): boolean => raw.externalId.startsWith(PREFIX)

const STAMP = /^(\d{4}-\d\d-)(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/

/**
 * The time a document is ordered by. A time that is none fits no column, and one that lies a day and more after the
 * document came would stand above every later change for ever: such a document is ordered by when it came.
 */
export function sourceTimeOf(said: string | undefined, receivedAt: string): string {
  const at = instantMs(said ?? '')
  return said === undefined || Number.isNaN(at) || at < 0 || at > Date.parse(receivedAt) + DAY_MS ? receivedAt : said
}

function instantMs(text: string): number {
  const parts = STAMP.exec(text)
  if (!parts) return Number.NaN
  const [, month = '', day = ''] = parts
  // Date.parse rolls 30 February over into March; the database refuses it.
  if (day > '28' && new Date(`${month}${day}T00:00:00Z`).getUTCDate() !== Number(day)) return Number.NaN
  return Date.parse(text)
}
