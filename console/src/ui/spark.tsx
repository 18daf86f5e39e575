import type { ReactElement } from 'react'

interface SparkProps {
  readonly values: readonly number[]
  readonly label: string
  readonly tone?: string
  readonly width?: number
}

const height = 24

/** A small line with its last point marked. The figures are beside it; the drawing only shows the course. */
export const Spark = ({ values, label, tone = 'var(--spark)', width = 104 }: SparkProps): ReactElement => {
  const top = Math.max(1, ...values)
  const step = values.length > 1 ? (width - 6) / (values.length - 1) : 0
  const points = values.map((value, index) => [3 + index * step, height - 4 - (value / top) * (height - 8)] as const)
  const last = points.at(-1)
  return (
    <svg width={width} height={height} role="img" aria-label={label} style={{ display: 'block' }}>
      <path d={`M0 ${height - 1.5}H${width}`} stroke="var(--line)" />
      <polyline
        points={points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ')}
        fill="none"
        stroke="var(--spark)"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
      {last !== undefined && <circle cx={last[0]} cy={last[1]} r="2.4" fill={tone} />}
    </svg>
  )
}
