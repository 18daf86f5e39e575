/** A row of a file that was left out, and why. */
export interface RowProblem {
  /** As the file counts; absent where the item could be read and not be taken. */
  readonly row: number | null
  readonly column: string | null
  readonly code: string
  /** The cell, cut. */
  readonly value: string
  readonly message: string
}
