import { Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.ts'
import { settingText } from './setting-text.ts'

interface SettingEditorProps {
  readonly name: string
  readonly value: unknown
  readonly mayWrite: boolean
  readonly onChange: (value: unknown) => void
}

const parsed = (text: string): { readonly value: unknown } | undefined => {
  if (text.trim() === '') return { value: undefined }
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** One setting that steers the mapping, as data; what is no JSON yet stays on the page. */
export const SettingEditor = ({ name, value, mayWrite, onChange }: SettingEditorProps): ReactElement => {
  const { t, label } = useWords()
  const [text, setText] = useState(() => settingText(value))
  const valid = parsed(text) !== undefined
  return (
    <label className="col g4">
      <h3>{label('mappingSetting', name)}</h3>
      <Input.TextArea
        className="mono"
        autoSize={{ minRows: 4, maxRows: 22 }}
        spellCheck={false}
        value={text}
        disabled={!mayWrite}
        status={valid ? '' : 'error'}
        onChange={(event) => {
          setText(event.target.value)
          const read = parsed(event.target.value)
          if (read !== undefined) onChange(read.value)
        }}
      />
      {!valid && (
        <span className="s12 bad" role="alert">
          {t('form.json')}
        </span>
      )}
    </label>
  )
}
