import type { FailureRow } from '../store/apply/rows.ts'
import { failureSignature, normaliseMessage } from '../store/failure-signature.ts'

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
  return {
    ...input,
    message,
    sample: input.message.slice(0, 500),
    signature: failureSignature({ ...input, subjectOrMessage: input.subject ?? message }),
  }
}
