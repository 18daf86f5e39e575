import type { ReactElement } from 'react'

const isCjk = (text: string): boolean => /[\u3400-\u9fff]/.test(text)

/** Two Latin letters or one Chinese character: enough to tell connections apart without a brand's logo. */
export const tileText = (title: string): string => {
  // Practice connections are all called so; their tag says it, the tile tells them apart.
  const first = title.trim().replace(/^(sandbox|沙盒)[\s·:-]*/i, '')
  if (first === '') return '?'
  if (isCjk(first.charAt(0))) return first.charAt(0)
  const letters = first.replace(/[^\p{L}\p{N}]/gu, '')
  return letters.charAt(0).toUpperCase() + letters.charAt(1).toLowerCase()
}

export const Tile = ({ title, small = false }: { readonly title: string; readonly small?: boolean }): ReactElement => (
  <span className={`tile${small ? ' xs' : ''}`} aria-hidden="true">
    {tileText(title)}
  </span>
)
