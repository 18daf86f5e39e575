import { useMemo } from 'react'
import type { ReactElement } from 'react'
import { encode } from 'uqr'

const quiet = 4

/** A text as a QR code: dark on light in either theme, as cameras expect. */
export const QrCode = ({ text, label, size = 180 }: { readonly text: string; readonly label: string; readonly size?: number }): ReactElement => {
  const { cells, path } = useMemo(() => {
    const { data, size: count } = encode(text, { border: quiet })
    const squares = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { cells: count, path: squares.join('') }
  }, [text])
  return (
    <svg role="img" aria-label={label} width={size} height={size} viewBox={`0 0 ${cells} ${cells}`} shapeRendering="crispEdges">
      <rect width={cells} height={cells} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  )
}
