import type { Registry } from '../core/connector.ts'
import { differencesIn, ledgerState, type LedgerState } from '../core/ledger-state.ts'
import { type Money, moneyToDecimal } from '../core/money.ts'
import type { LedgerDay } from '../store/read/ledger-days.ts'
import type { LedgerEntry } from '../store/read/ledger-entries.ts'

const amount = (minor: number | null, currency: string | null): { readonly amount: string; readonly currency: string } | null =>
  minor === null || currency === null ? null : decimal({ minor, currency })
const decimal = (money: Money): { readonly amount: string; readonly currency: string } => ({
  amount: moneyToDecimal(money),
  currency: money.currency,
})

/** Whether a channel has a list of its own that can be asked for. */
export function canAskChannel(registry: Registry, channel: string | undefined): boolean {
  const capabilities = channel === undefined ? undefined : registry.get(channel)?.manifest.capabilities
  return capabilities?.listOrderIds !== undefined || capabilities?.pullOrders?.streams.some((stream) => stream.mode === 'window') === true
}

export const stateOfDay = (day: LedgerDay, canAsk: boolean): LedgerState =>
  ledgerState({ over: day.over, canAsk, asked: day.ask_state === 'done', states: day.states, canonical: day.canonical, consumers: day.consumers })

/** One business day as the API shows it. */
export function ledgerDayView(day: LedgerDay, canAsk: boolean): Record<string, unknown> {
  return {
    connection_id: day.connection_id,
    day: day.day,
    from: new Date(day.window_from).toISOString(),
    to: new Date(day.window_to).toISOString(),
    state: stateOfDay(day, canAsk),
    differences: differencesIn(day.states),
    channel: {
      can_be_asked: canAsk,
      asked_at: day.asked_at === null || day.listed === null ? null : new Date(day.asked_at).toISOString(),
      how: day.how ?? null,
      fault: day.ask_state === 'failed' ? (day.fault?.message ?? day.fault?.code ?? null) : null,
      orders: day.listed,
      set_hash: day.listed_hash,
      sums: day.listed === null ? [] : day.sums.flatMap(({ currency, listed }) => amount(listed, currency) ?? []),
    },
    hub: {
      orders: day.canonical,
      set_hash: day.canonical_hash,
      sums: day.sums.map(({ currency, canonical }) => decimal({ minor: canonical, currency })),
    },
    orders_by_state: day.states,
    consumers: day.consumers.map((one) => ({ ...one, open: day.canonical - one.read })),
    signature: day.signature,
    changed_since: day.changed_since,
  }
}

/** One order of a day, as the channel and as the hub have it. */
export function ledgerEntryView(entry: LedgerEntry): Record<string, unknown> {
  const iso = (at: string | null): string | null => (at === null ? null : new Date(at).toISOString())
  return {
    external_id: entry.external_id,
    order_id: entry.order_id,
    channel_order_no: entry.channel_order_no,
    state: entry.state,
    placed_at: iso(entry.placed_at),
    channel_total: amount(entry.listed_minor, entry.listed_currency),
    channel_changed_at: iso(entry.listed_time),
    hub_total: amount(entry.total_minor, entry.currency),
    hub_changed_at: iso(entry.source_time),
    version: entry.version,
    signed_version: entry.signed_version,
    signed_total: amount(entry.signed_minor, entry.currency),
    changed: entry.changed,
  }
}
