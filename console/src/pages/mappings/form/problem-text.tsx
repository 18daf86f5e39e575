import type { ReactElement } from 'react'
import type { FieldProblem } from '../../../api/http.ts'

/** What the hub says about a field, beside it. */
export const ProblemText = ({ problems }: { readonly problems: readonly FieldProblem[] }): ReactElement | null =>
  problems.length === 0 ? null : (
    <span className="s12 bad break" role="alert">
      {problems.map(({ message }) => message).join(' ')}
    </span>
  )
