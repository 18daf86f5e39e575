import { useEffect, useState, useSyncExternalStore } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.ts'
import { Icon } from './icon.tsx'

interface Notice {
  readonly id: number
  readonly text: string
  readonly undo?: (() => void) | undefined
}

const life = 10_000
let current: Notice | undefined
let lastId = 0
const listeners = new Set<() => void>()

const show = (next: Notice | undefined): void => {
  current = next
  for (const listener of listeners) listener()
}

/** Says what was done, at the bottom of the page, with a way back where there is one. Errors stay where they happened. */
export const tell = (text: string, undo?: () => void): void => {
  lastId += 1
  show({ id: lastId, text, undo })
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const Line = ({ notice }: { readonly notice: Notice }): ReactElement => {
  const { t } = useWords()
  const [left, setLeft] = useState(life / 1000)
  useEffect(() => {
    const timer = setInterval(() => setLeft((before) => before - 1), 1000)
    return () => clearInterval(timer)
  }, [])
  useEffect(() => {
    if (left <= 0) show(undefined)
  }, [left])
  return (
    <div className="undo" role="status">
      <Icon name="ok" tone="ok" />
      <span>{notice.text}</span>
      {notice.undo !== undefined && (
        <button
          type="button"
          className="linkish m5"
          onClick={() => {
            notice.undo?.()
            show(undefined)
          }}
        >
          {t('common.undo')}
        </button>
      )}
      <button type="button" className="icb" aria-label={t('common.close')} onClick={() => show(undefined)}>
        <Icon name="close" small />
      </button>
    </div>
  )
}

export const UndoLine = (): ReactElement | null => {
  const notice = useSyncExternalStore(subscribe, () => current)
  return notice === undefined ? null : <Line key={notice.id} notice={notice} />
}
