import { useState } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'

/** Copies an id; the drawing turns into a tick for a moment. */
export const Copy = ({ text }: { readonly text: string }): ReactElement => {
  const { t } = useWords()
  const [done, setDone] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setDone(true)
    setTimeout(() => setDone(false), 1500)
  }
  return (
    <button
      type="button"
      className="icb"
      aria-label={t('common.copyValue', { value: text })}
      title={t('common.copy')}
      onClick={(event) => {
        event.stopPropagation()
        void copy()
      }}
    >
      <Icon name={done ? 'check' : 'copy'} tone={done ? 'ok' : undefined} />
      <span className="visually-hidden" role="status">
        {done ? t('common.copied') : ''}
      </span>
    </button>
  )
}
