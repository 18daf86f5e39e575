import type { LedgerState } from '../../api/ledger.ts'
import type { StatusKind } from '../../ui/status.tsx'

/** How a day's state is drawn. */
export const ledgerKinds: Readonly<Record<LedgerState, StatusKind>> = {
  green: 'ok',
  red: 'failed',
  running: 'progress',
  unasked: 'waiting',
  'no-list': 'readonly',
}

/** Ways in which orders do not agree, worst first. */
export const differences: readonly string[] = ['missing', 'stale', 'amount', 'extra', 'held', 'waiting', 'elsewhere']

const dayMs = 86_400_000
/** The day so many days before another. */
export const daysBefore = (day: string, count: number): string => new Date(Date.parse(`${day}T00:00:00Z`) - count * dayMs).toISOString().slice(0, 10)
/** Today by the reader's own clock. */
export const todayHere = (): string => new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10)
