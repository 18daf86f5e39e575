import { createHash } from 'node:crypto'
import type { FailureRow } from '../store/apply/rows.ts'

/** Takes ids, numbers, quoted values and times out of a message, so that one root cause reads the same on every order. */
export function normaliseMessage(message: string): string {
  return message
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, '‹time›')
    .replace(/"[^"]{0,200}"/g, '‹value›')
    .replace(/\b[0-9a-f]{8,}\b/gi, '‹id›')
    .replace(/-?\d+([.,]\d+)*/g, '‹n›')
    .slice(0, 300)
}

/** Builds the row that groups failures: one root cause on five hundred orders is one signature. */
export function failureRow(input: {
  readonly connectionId: string
  readonly channel: string
  readonly operation: string
  readonly faultKind: string
  readonly code: string
  readonly message: string
  /** What a fix needs, part of the signature: the SKU to bind, the status to map. */
  readonly subject?: string
}): FailureRow {
  const message = normaliseMessage(input.message)
  const signature = createHash('sha256')
    .update([input.connectionId, input.operation, input.faultKind, input.code, input.subject ?? message].join('\n'))
    .digest('hex')
    .slice(0, 32)
  return { ...input, message, sample: input.message.slice(0, 500), signature }
}
