import { Modal, Switch } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../i18n/use-words.ts'
import { setSingleKeys, singleKeysOn } from '../ui/keys.ts'

const sheet: readonly (readonly [string, readonly string[]])[] = [
  ['keys.ask', ['⌘K', 'Ctrl K']],
  ['keys.search', ['/']],
  ['keys.move', ['j', 'k']],
  ['keys.select', ['x']],
  ['keys.range', ['⇧ x']],
  ['keys.panel', ['Enter']],
  ['keys.page', ['o']],
  ['keys.replay', ['e']],
  ['keys.fix', ['f']],
  ['keys.fixGo', ['⌘ ↵', 'Ctrl ↵']],
  ['keys.close', ['Esc']],
  ['keys.go', ['g o', 'g c', 'g f', 'g i']],
  ['keys.sheet', ['?']],
]

/** The sheet of keys, with the switch that silences single letters. */
export const Help = ({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const [single, setSingle] = useState(singleKeysOn())
  return (
    <Modal open={open} onCancel={onClose} footer={null} title={t('keys.title')} width={440}>
      <dl className="kv" style={{ gridTemplateColumns: '1fr max-content' }}>
        {sheet.map(([word, presses]) => (
          <div key={word} style={{ display: 'contents' }}>
            <dt>{t(word)}</dt>
            <dd className="row g4">
              {presses.map((press) => (
                <kbd key={press} className="kbd">
                  {press}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label className="row g8" style={{ marginTop: 16 }}>
        <Switch
          size="small"
          checked={single}
          aria-label={t('keys.single')}
          onChange={(on) => {
            setSingleKeys(on)
            setSingle(on)
          }}
        />{' '}
        {t('keys.single')}
      </label>
    </Modal>
  )
}
