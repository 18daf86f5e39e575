import { LEVEL_CHANGED, type Outcome } from '../core/connector.ts'
import type { Fault } from '../core/fault.ts'

/** What one outcome of a write means for its effect. */
export interface Reading {
  readonly verdict: 'done' | 'refused' | 'not-sent' | 'unknown'
  readonly faultKind?: string
  readonly code?: string
  readonly message?: string
  readonly proof?: Readonly<Record<string, string>>
}

/** A write without an outcome is in doubt: it may have been applied. */
export function readOutcome(outcome: Outcome | undefined): Reading {
  if (outcome === undefined)
    return { verdict: 'unknown', faultKind: 'in-doubt', code: 'no-outcome', message: 'The channel did not say what became of this write.' }
  if (!('fault' in outcome)) return { verdict: 'done', ...(outcome.proof && { proof: outcome.proof }) }
  const { fault } = outcome
  return {
    verdict: outcome.status === 'unknown' ? 'unknown' : fault.code === LEVEL_CHANGED ? 'not-sent' : verdictOf(fault),
    faultKind: fault.kind,
    message: fault.message.slice(0, 500),
    ...(fault.code !== undefined && { code: fault.code }),
  }
}

/** The same fault for every write of a batch whose call failed as a whole. */
export const outcomesOfFault = (keys: readonly string[], fault: Fault): readonly Outcome[] =>
  keys.map((key) => ({ key, status: verdictOf(fault) === 'unknown' ? 'unknown' : 'refused', fault }))

/** Only an answer that certainly came before the write took effect may lead to sending again. */
function verdictOf(fault: Fault): Reading['verdict'] {
  switch (fault.kind) {
    case 'in-doubt':
    case 'unreadable':
      return 'unknown'
    case 'transient':
      // A server error after the request was read says nothing about what it did before.
      return fault.status !== undefined && fault.status >= 500 ? 'unknown' : 'not-sent'
    case 'throttled':
    case 'unauthorized':
    case 'misconfigured':
      return 'not-sent'
    case 'refused':
    case 'missing':
      return 'refused'
  }
}
