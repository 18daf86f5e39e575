import type { ReactElement } from 'react'

interface ProgressProps {
  readonly done: number
  readonly total: number
  readonly label: string
}

/** Done of total. The label carries the figures; the bar never moves backwards because `done` does not. */
export const ProgressBar = ({ done, total, label }: ProgressProps): ReactElement => {
  const share = total > 0 ? Math.min(100, (done / total) * 100) : 0
  return (
    <div className="bar accent" role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
      <i style={{ width: `${share}%` }} />
    </div>
  )
}
