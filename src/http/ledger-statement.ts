import type { LedgerState } from '../core/ledger-state.ts'
import type { Statement, StatementTable } from '../core/ledger-statement.ts'
import { moneyToDecimal } from '../core/money.ts'
import type { LedgerDay } from '../store/read/ledger-days.ts'
import type { LedgerEntry } from '../store/read/ledger-entries.ts'
import { LEDGER_WORDS } from './ledger-words.ts'

export interface StatementInput {
  readonly day: LedgerDay
  readonly state: LedgerState
  readonly name: string
  readonly entries: readonly LedgerEntry[]
  readonly language: 'en' | 'zh'
  readonly now: Date
  /** Rows a table shows at most. */
  readonly most: number
}

const AGREES: ReadonlySet<string> = new Set(['matched', 'unlisted', 'ignored'])
const stamp = (at: string | Date): string =>
  new Date(at)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')

const money = (minor: number | null, currency: string | null): string =>
  minor === null || currency === null ? '—' : `${moneyToDecimal({ minor, currency })} ${currency}`

/** A business day as somebody files it: figures, differences, orders, and who signed. The same day gives the same figures. */
export function ledgerStatement({ day, state, name, entries, language, now, most }: StatementInput): Statement {
  const words = LEDGER_WORDS[language]
  const sums = (side: 'listed' | 'canonical'): string =>
    day.sums.flatMap((sum) => (sum[side] === null ? [] : [money(sum[side], sum.currency)])).join(' · ') || '—'
  const row = (entry: LedgerEntry): readonly string[] => [
    entry.channel_order_no ?? entry.external_id,
    entry.external_id,
    entry.state,
    money(entry.listed_minor, entry.listed_currency),
    money(entry.total_minor, entry.currency),
  ]
  const head = [words.number, words.id, words.how, words.channelTotal, words.hubTotal]
  const table = (title: string, heading: readonly string[], rows: readonly (readonly string[])[]): readonly StatementTable[] =>
    rows.length === 0 ? [] : [{ name: title, rows: [heading, ...rows.slice(0, most)], left: Math.max(0, rows.length - most) }]
  const changed = entries.filter((entry) => entry.changed)
  return {
    title: `${words.title} ${day.day}`,
    facts: [
      [words.connection, `${name} (${day.connection_id})`],
      [words.day, day.day],
      [words.window, `${stamp(day.window_from)} – ${stamp(day.window_to)}`],
      [words.state, words.states[state]],
      [words.channel, day.listed === null ? words.notAsked : `${day.listed} ${words.orders}, ${sums('listed')}`],
      [words.asked, day.asked_at === null || day.listed === null ? words.notAsked : stamp(day.asked_at)],
      [words.hub, `${day.canonical} ${words.orders}, ${sums('canonical')}`],
      [words.set, `${day.listed_hash ?? '—'} / ${day.canonical_hash}`],
      ...day.consumers.map((one): readonly [string, string] => [
        `${words.consumer} ${one.name}`,
        `${one.read} / ${day.canonical} ${words.read}${one.rejected > 0 ? `, ${one.rejected} ${words.rejected}` : ''}`,
      ]),
      [words.signed, day.signature === null ? words.nobody : `${day.signature.by}, ${stamp(day.signature.at)}`],
      ...(day.signature?.note ? [[words.note, day.signature.note] as const] : []),
      ...(day.signature === null ? [] : [[words.changed, String(day.changed_since)] as const]),
    ],
    tables: [
      ...table(words.differences, head, entries.filter((entry) => !AGREES.has(entry.state)).map(row)),
      ...table(
        words.changes,
        [words.number, words.id, words.signedTotal, words.hubTotal],
        changed.map((entry) => [
          entry.channel_order_no ?? entry.external_id,
          entry.external_id,
          money(entry.signed_minor, entry.currency),
          money(entry.total_minor, entry.currency),
        ]),
      ),
      ...table(words.all, head, entries.map(row)),
    ],
    foot: `${words.made} ${stamp(now)}`,
  }
}
