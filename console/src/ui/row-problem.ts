import type { RowProblem } from '../api/rows.ts'
import { useWords } from '../i18n/use-words.ts'

/** Why a row of a file was left out, in the reader's words; a reason without words yet is shown as it came. */
export const useRowProblem = (): ((problem: RowProblem) => string) => {
  const { t, sentence } = useWords()
  return ({ row, column, code, value, message }) => {
    const why = sentence('rowProblem', code, { value, column }) ?? message
    return row === null ? why : t('rowProblem.atRow', { row, why })
  }
}
