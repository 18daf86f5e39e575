import { createHash } from 'node:crypto'

/** Takes ids, numbers, quoted values and times out of a message, so that one root cause reads the same on every order. */
export function normaliseMessage(message: string): string {
  return message
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?Z?/g, '‹time›')
    .replace(/"[^"]{0,200}"|“[^”]{0,200}”/g, '‹value›')
    .replace(/\b[0-9a-f]{8,}(-[0-9a-f]{4,})*\b/gi, '‹id›')
    .replace(/-?\d+([.,]\d+)*/g, '‹n›')
    .slice(0, 300)
}

/** One root cause = one signature: where, what was being done, which kind and vendor code, and the subject or the normalised message. */
export const failureSignature = (parts: {
  readonly connectionId: string
  readonly operation: string
  readonly faultKind: string
  readonly code: string
  readonly subjectOrMessage: string
}): string =>
  createHash('sha256')
    .update([parts.connectionId, parts.operation, parts.faultKind, parts.code, parts.subjectOrMessage].join('\n'))
    .digest('hex')
    .slice(0, 32)
