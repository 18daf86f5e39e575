import { useLayoutEffect, useState } from 'react'
import type { ReactElement } from 'react'
import type { Leaf } from './leaves.ts'

interface Ends {
  readonly from: readonly [number, number]
  readonly to: readonly [number, number]
}

const middle = (box: DOMRect): number => box.top + box.height / 2

/** Where the lit line leaves its pane and where the lit value begins; undefined while either is scrolled away. */
const measure = (): Ends | undefined => {
  const line = document.querySelector('.raw .lit')
  const leaf = document.querySelector('.leaf.lit')
  const left = line?.closest('.pane')?.getBoundingClientRect()
  const right = leaf?.closest('.pane')?.getBoundingClientRect()
  if (line === null || leaf === null || left === undefined || right === undefined || right.left < left.right) return undefined
  const [start, end] = [middle(line.getBoundingClientRect()), middle(leaf.getBoundingClientRect())]
  const seen = start > left.top && start < left.bottom && end > right.top && end < right.bottom
  return seen ? { from: [left.right, start], to: [right.left, end] } : undefined
}

/** A thin line from the document's value to the canonical one. It only repeats what both sides show by colour. */
export const Wire = ({ leaf }: { readonly leaf: Leaf | undefined }): ReactElement | null => {
  const [ends, setEnds] = useState<Ends | undefined>(undefined)
  useLayoutEffect(() => {
    const draw = (): void => setEnds(leaf === undefined ? undefined : measure())
    draw()
    document.addEventListener('scroll', draw, { capture: true, passive: true })
    window.addEventListener('resize', draw)
    return () => {
      document.removeEventListener('scroll', draw, { capture: true })
      window.removeEventListener('resize', draw)
    }
  }, [leaf])
  if (ends === undefined) return null
  const { from, to } = ends
  const bend = (from[0] + to[0]) / 2
  return (
    <svg className="wire" aria-hidden="true">
      <path d={`M${from[0]} ${from[1]} C ${bend} ${from[1]}, ${bend} ${to[1]}, ${to[0]} ${to[1]}`} />
    </svg>
  )
}
