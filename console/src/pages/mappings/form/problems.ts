import { HubProblem } from '../../../api/http.ts'
import type { FieldProblem } from '../../../api/http.ts'

/** What the hub says about a setting, each complaint once; pointers begin inside the setting. */
export const problemsOf = (setting: string, errors: readonly (Error | null)[]): readonly FieldProblem[] => {
  const start = `/settings/${setting}`
  const own = errors
    .flatMap((error) => (error instanceof HubProblem ? error.fields : []))
    .flatMap((field) =>
      field.pointer === start || field.pointer?.startsWith(`${start}/`) === true ? [{ ...field, pointer: field.pointer.slice(start.length) }] : [],
    )
  return [...new Map(own.map((field) => [`${field.pointer} ${field.message}`, field])).values()]
}

/** Those about one place and what is in it. */
export const problemsAt = (problems: readonly FieldProblem[], pointer: string): readonly FieldProblem[] =>
  problems.filter((problem) => problem.pointer === pointer || problem.pointer?.startsWith(`${pointer}/`) === true)
