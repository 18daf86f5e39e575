/** How a business day stands: everything agrees, something is missing, it still runs, nobody asked the channel, or it has no list to ask for. */
export type LedgerState = 'green' | 'red' | 'running' | 'unasked' | 'no-list'

/** Ways in which one order may fail to agree. The channel's list may name what the hub rightly does not keep (`ignored`), and the hub may know more than the list did (`unlisted`). */
export const LEDGER_DIFFERENCES = ['missing', 'extra', 'amount', 'stale', 'held', 'waiting', 'elsewhere'] as const
export const LEDGER_STATES = [...LEDGER_DIFFERENCES, 'matched', 'unlisted', 'ignored', 'gone'] as const

interface Standing {
  readonly over: boolean
  /** The channel has a list that can be asked for. */
  readonly canAsk: boolean
  readonly asked: boolean
  readonly states: Readonly<Record<string, number>>
  readonly canonical: number
  readonly consumers: readonly { readonly read: number; readonly rejected: number }[]
}

/** Orders that do not agree between channel and hub. */
export const differencesIn = (states: Readonly<Record<string, number>>): number =>
  LEDGER_DIFFERENCES.reduce((sum, name) => sum + (states[name] ?? 0), 0)

export function ledgerState(day: Standing): LedgerState {
  if (!day.over) return 'running'
  const isBehind = day.consumers.some(({ read, rejected }) => read < day.canonical || rejected > 0)
  if (differencesIn(day.states) > 0 || isBehind) return 'red'
  if (!day.canAsk) return 'no-list'
  return day.asked ? 'green' : 'unasked'
}
