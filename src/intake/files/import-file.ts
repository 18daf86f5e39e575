import Big from 'big.js'
import type { RawRecord } from '../../core/connector.ts'

/** One document of a file with what its mapping says about it. The reader and the mapping are handed in. */
export interface ImportedDocument {
  readonly record: RawRecord
  readonly rowNos: readonly number[]
  readonly as: string // order, refund, return, cancellation, adjustment, ignored, held
  readonly rule: string
  readonly currency: string
  readonly exact?: string
  readonly rounded?: string
  readonly rowLines: readonly number[]
  readonly held?: { readonly code: string; readonly message: string; readonly pointer?: string }
}

export interface ImportBatch {
  readonly documents: readonly ImportedDocument[]
  readonly position: number
}

/** One row of the report: what it became. */
export interface RowReport {
  readonly rowNo: number
  readonly document: string
  readonly as: string
  readonly line: number // 0 = no line
  readonly code: string
  readonly message: string
}

/** Documents that ended the same way, per currency. `rounding` = exact − rounded, declared and never hidden. */
export interface DispositionTotal {
  readonly as: string
  readonly rule: string // the rule that decided, or the code it is held with
  readonly currency: string
  readonly documents: number
  readonly rows: number
  readonly exact: string
  readonly rounded: string
  readonly rounding: string
  readonly unmeasured: number // documents without readable amounts
}

export interface ImportReport {
  readonly rows: number
  readonly documents: number
  readonly appended: number
  readonly unchanged: number
  /** Rows and documents by disposition: every row stands in exactly one. */
  readonly totals: readonly DispositionTotal[]
  /** Σ of all rows of the file, per currency. */
  readonly sums: readonly { readonly currency: string; readonly exact: string; readonly rounded: string; readonly rounding: string }[]
  readonly heldBy: readonly { readonly code: string; readonly documents: number; readonly firstRow: number; readonly message: string }[]
  /** false when `all-or-nothing` was asked for and a document would have been held: nothing was stored. */
  readonly stored: boolean
}

export interface ImportInput {
  /** Reads the file from the top; called twice in `all-or-nothing`. `after` = documents to pass over. */
  readonly read: (after: number) => AsyncIterable<ImportBatch>
  /** Stores raw records idempotently (the one append every channel uses) and says how many were new. */
  readonly append: (records: readonly RawRecord[]) => Promise<{ readonly appended: number; readonly unchanged: number }>
  readonly progress?: (done: { readonly rows: number; readonly documents: number; readonly position: number }) => void
  readonly onRow?: (row: RowReport) => void
  /** valid-rows: held documents wait with a reason, the rest go on. all-or-nothing: one held document refuses the file. */
  readonly mode?: 'valid-rows' | 'all-or-nothing'
  readonly after?: number
}

/**
 * Takes one file in: appends every document raw, held ones too, and reports what each row became. Repeating it is
 * harmless. Memory does not grow with the file.
 */
export async function importFile(input: ImportInput): Promise<ImportReport> {
  if (input.mode === 'all-or-nothing') {
    const trial = await run({ ...input, append: async () => ({ appended: 0, unchanged: 0 }) })
    if (trial.heldBy.length > 0) return { ...trial, stored: false }
    const { onRow: _reported, ...again } = input
    return run(again)
  }
  return run(input)
}

async function run(input: ImportInput): Promise<ImportReport> {
  const tally = new Tally()
  let appended = 0
  let unchanged = 0
  for await (const batch of input.read(input.after ?? 0)) {
    const result = await input.append(batch.documents.map((document) => document.record))
    appended += result.appended
    unchanged += result.unchanged
    for (const document of batch.documents) {
      tally.add(document)
      if (input.onRow !== undefined) for (const row of rowReports(document)) input.onRow(row)
    }
    input.progress?.({ rows: tally.rows, documents: tally.documents, position: batch.position })
  }
  return { ...tally.report(), appended, unchanged, stored: true }
}

/** What each row of one document became. */
export function rowReports(document: ImportedDocument): readonly RowReport[] {
  const { held, rule } = document
  return document.rowNos.map((rowNo, i) => ({
    rowNo,
    document: document.record.externalId,
    as: document.as,
    line: held === undefined ? (document.rowLines[i] ?? 0) : 0,
    code: held?.code ?? rule,
    message: held?.message ?? '',
  }))
}

interface Running {
  readonly as: string
  readonly rule: string
  readonly currency: string
  documents: number
  rows: number
  exact: Big
  rounded: Big
  unmeasured: number
}

/** Adds up exactly, without keeping documents. */
class Tally {
  rows = 0
  documents = 0
  readonly #totals = new Map<string, Running>()
  readonly #held = new Map<string, { documents: number; readonly firstRow: number; readonly message: string }>()

  add(document: ImportedDocument): void {
    const { as, currency } = document
    const rule = document.held?.code ?? document.rule
    const key = JSON.stringify([as, rule, currency])
    const total = this.#totals.get(key) ?? { as, rule, currency, documents: 0, rows: 0, exact: Big(0), rounded: Big(0), unmeasured: 0 }
    this.#totals.set(key, total)
    this.rows += document.rowNos.length
    this.documents++
    total.documents++
    total.rows += document.rowNos.length
    if (document.exact === undefined || document.rounded === undefined) total.unmeasured++
    total.exact = total.exact.plus(document.exact ?? 0)
    total.rounded = total.rounded.plus(document.rounded ?? 0)
    if (document.held === undefined) return
    const held = this.#held.get(document.held.code) ?? { documents: 0, firstRow: document.rowNos[0] ?? 0, message: document.held.message }
    held.documents++
    this.#held.set(document.held.code, held)
  }

  report(): Omit<ImportReport, 'appended' | 'unchanged' | 'stored'> {
    const totals = [...this.#totals.values()]
      .map((total): DispositionTotal => ({ ...total, ...amounts(total.exact, total.rounded) }))
      .sort((a, b) => (`${a.as} ${a.rule}` < `${b.as} ${b.rule}` ? -1 : 1))
    const currencies = [...new Set(totals.map((total) => total.currency))].sort()
    const sums = currencies.map((currency) => {
      const own = totals.filter((total) => total.currency === currency)
      const add = (pick: (total: DispositionTotal) => string): Big => own.reduce((sum, total) => sum.plus(pick(total)), Big(0))
      return {
        currency,
        ...amounts(
          add((total) => total.exact),
          add((total) => total.rounded),
        ),
      }
    })
    return { rows: this.rows, documents: this.documents, totals, sums, heldBy: [...this.#held].map(([code, held]) => ({ code, ...held })) }
  }
}

const amounts = (exact: Big, rounded: Big): { readonly exact: string; readonly rounded: string; readonly rounding: string } => ({
  exact: exact.toFixed(),
  rounded: rounded.toFixed(),
  rounding: exact.minus(rounded).toFixed(),
})
