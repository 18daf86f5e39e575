import type { DriftSentinel } from '../normalize/drift/drift-sentinel.ts'
import type { ActivityLog } from './failure.ts'
import { lookAgain, type Watch } from './look-again.ts'

const LOOK_MS = 5_000
const LONGEST_MS = 60_000

/** Writes down every few seconds what was new in documents. One per process that maps documents. */
export const startDriftWatch = (deps: { readonly drift: DriftSentinel; readonly log: ActivityLog }): Watch =>
  lookAgain(
    () => deps.drift.flush(),
    { everyMs: LOOK_MS, longestMs: LONGEST_MS },
    { log: deps.log, failing: 'Writing down what is new in documents' },
  )
