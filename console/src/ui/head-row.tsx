import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.ts'

interface HeadRowProps {
  /** Keys of the column titles, in order. */
  readonly words: readonly string[]
  /** Keys among them whose column holds figures. */
  readonly figures?: readonly string[]
  /** A last column of buttons. */
  readonly actions?: boolean
}

/** The head of a small table. */
export const HeadRow = ({ words, figures = [], actions = false }: HeadRowProps): ReactElement => {
  const { t } = useWords()
  return (
    <thead>
      <tr>
        {words.map((word) => (
          <th key={word} scope="col" className={figures.includes(word) ? 'n' : ''}>
            {t(word)}
          </th>
        ))}
        {actions && (
          <th scope="col">
            <span className="visually-hidden">{t('connections.actions')}</span>
          </th>
        )}
      </tr>
    </thead>
  )
}
