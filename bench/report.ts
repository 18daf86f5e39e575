/** One measured figure beside what it is held against. */
export interface Row {
  /** Stable name, e.g. `bulk`; the key in the JSON object. */
  readonly metric: string
  /** null when it could not be measured; such a row fails. */
  readonly value: number | null
  readonly unit: string
  /** Value ÷ the best peer's, measured in the same sitting; null where no peer does the same work. */
  readonly ratio_to_peer: number | null
  /** Value ÷ what a bare script reaches on this machine in the same sitting; null where none was run. */
  readonly ratio_to_limit: number | null
  /** The goal in words and numbers; null for figures that only inform. */
  readonly goal: string | null
  readonly pass: boolean
  /** Why a row fails without a figure, or what a reader has to know. */
  readonly note?: string
}

export type Report = Readonly<Record<string, Omit<Row, 'metric'>>>

const round = (value: number): number => (Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3)))
const rounded = (value: number | null): number | null => (value === null ? null : round(value))

/** A row held against bounds; a bound on a ratio that could not be formed fails. */
export function judge(
  row: { readonly metric: string; readonly value: number | null; readonly unit: string; readonly note?: string },
  goals: { readonly atMost?: number; readonly atLeast?: number; readonly peer?: Bound; readonly limit?: Bound },
): Row {
  const ratio = (bound: Bound | undefined): number | null =>
    bound === undefined || bound.value === null || row.value === null || bound.value === 0 ? null : row.value / bound.value
  const [toPeer, toLimit] = [ratio(goals.peer), ratio(goals.limit)]
  const checks: readonly (readonly [string, boolean])[] = [
    ...(goals.atMost === undefined ? [] : [[`≤ ${goals.atMost}`, row.value !== null && row.value <= goals.atMost] as const]),
    ...(goals.atLeast === undefined ? [] : [[`≥ ${goals.atLeast}`, row.value !== null && row.value >= goals.atLeast] as const]),
    ...boundChecks('peer', goals.peer, toPeer),
    ...boundChecks('limit', goals.limit, toLimit),
  ]
  return {
    ...row,
    value: rounded(row.value),
    ratio_to_peer: rounded(toPeer),
    ratio_to_limit: rounded(toLimit),
    goal: checks.length === 0 ? null : checks.map(([text]) => text).join(', '),
    pass: row.value !== null && checks.every(([, kept]) => kept),
  }
}

/** What a figure is compared with; `atLeast` is the smallest ratio that will do, none where the ratio only informs. */
export interface Bound {
  readonly value: number | null
  readonly atLeast?: number
}

const boundChecks = (name: string, bound: Bound | undefined, ratio: number | null): readonly (readonly [string, boolean])[] =>
  bound?.atLeast === undefined ? [] : [[`≥ ${bound.atLeast} × ${name}`, ratio !== null && ratio >= bound.atLeast]]

/** A figure that could not be taken. */
export const missing = (metric: string, unit: string, goal: string, note: string): Row => ({
  metric,
  value: null,
  unit,
  ratio_to_peer: null,
  ratio_to_limit: null,
  goal,
  pass: false,
  note,
})

/** metric → figure, as one object. */
export const toReport = (rows: readonly Row[]): Report => Object.fromEntries(rows.map(({ metric, ...rest }) => [metric, rest]))

const HEAD = ['metric', 'value', 'unit', '× peer', '× limit', 'goal', 'pass'] as const

/** The same as a table for people; notes follow below it. */
export function toTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.metric,
    row.value === null ? '–' : String(row.value),
    row.unit,
    row.ratio_to_peer === null ? '' : String(row.ratio_to_peer),
    row.ratio_to_limit === null ? '' : String(row.ratio_to_limit),
    row.goal ?? '',
    row.pass ? (row.goal === null ? '' : 'yes') : 'NO',
  ])
  const widths = HEAD.map((head, at) => Math.max(head.length, ...cells.map((line) => line[at]?.length ?? 0)))
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, at) => part.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()
  const notes = rows.flatMap(({ metric, note }) => (note === undefined ? [] : [`${metric}: ${note}`]))
  return [line(HEAD), line(widths.map((width) => '-'.repeat(width))), ...cells.map(line), ...(notes.length > 0 ? ['', ...notes] : [])].join('\n')
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** The smallest value that at least this share of all values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const found = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]
  if (found === undefined) throw new Error('Nothing was measured.')
  return found
}
