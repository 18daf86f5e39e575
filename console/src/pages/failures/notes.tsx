import { useMutation } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { FailureNote } from '../../api/failures.ts'
import { addNote } from '../../api/fixes.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Ago } from '../../ui/time.tsx'
import { useFixed } from './fixes/fix-props.ts'

/** What a line of the history says in the reader's words. */
const useLine = (): ((note: FailureNote) => string) => {
  const { t } = useWords()
  return ({ kind, text }) => {
    if (kind === 'status') return t('fixes.noteStatus', { status: t(`failures.status.${statusOf(text)}`) })
    if (kind === 'owner') return text === '' ? t('fixes.noteNoOwner') : t('fixes.noteOwner', { name: text })
    if (kind === 'replay') return t('fixes.noteReplay', { job: text })
    const again = /^(push-again|re-emit) (\d+)/.exec(text)
    if (kind === 'fix' && again !== null) return t(again[1] === 're-emit' ? 'fixes.noteReEmit' : 'fixes.notePushAgain', { count: Number(again[2]) })
    return kind === 'fix' ? t('fixes.noteFix', { what: text }) : text
  }
}
const statusOf = (text: string): 'open' | 'acknowledged' | 'ignored' | 'resolved' => {
  const [word] = text.split(' ')
  return word === 'acknowledged' || word === 'ignored' || word === 'resolved' ? word : 'open'
}

/** What people said and did about a cause, newest first, and a line for the next one. */
export const Notes = ({ groupId, notes }: { readonly groupId: string; readonly notes: readonly FailureNote[] }): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const line = useLine()
  const [text, setText] = useState('')
  const add = useMutation({
    mutationFn: () => addNote(groupId, text.trim()),
    onSuccess: async () => {
      setText('')
      await fixed()
    },
  })
  const send = (): void => {
    if (text.trim() !== '') add.mutate()
  }
  return (
    <section className="sect col g8">
      <h3>{t('fixes.notes')}</h3>
      <div className="row g8">
        <Input
          size="small"
          value={text}
          maxLength={2000}
          aria-label={t('fixes.note')}
          placeholder={t('fixes.notePlaceholder')}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={send}
        />
        <Button
          size="small"
          loading={add.isPending}
          aria-disabled={text.trim() === ''}
          title={text.trim() === '' ? t('fixes.note') : undefined}
          onClick={send}
        >
          {t('fixes.addNote')}
        </Button>
      </div>
      {add.isError && (
        <span className="bad s12" role="alert">
          {add.error.message}
        </span>
      )}
      {notes.length > 0 && (
        <ul className="col g4">
          {notes.map((note) => (
            <li key={note.id} className="row g8 s12">
              <span className={`grow break ${note.kind === 'note' ? '' : 't2'}`}>{line(note)}</span>
              <span className="t3 nw">
                {note.author.replace(/^(user|key):/, '')} · <Ago at={note.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
