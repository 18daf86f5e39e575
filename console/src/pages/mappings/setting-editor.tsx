import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import type { FieldProblem } from '../../api/http.ts'
import { useWords } from '../../i18n/use-words.ts'
import { isTree, text as scalar } from '../../ui/read-doc.ts'
import { kindOf } from './form/field-map.ts'
import { MapForm } from './form/map-form.tsx'
import { ProblemText } from './form/problem-text.tsx'
import type { Picking } from './form/use-picking.ts'
import { settingText } from './setting-text.ts'

interface SettingEditorProps {
  readonly name: string
  readonly value: unknown
  /** What a preset that is only named stands for. */
  readonly writtenOut: unknown
  readonly mayWrite: boolean
  readonly problems: readonly FieldProblem[]
  /** The document beside it, as text. */
  readonly raw: string
  readonly picking: Picking
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

/** A setting as data; what is no JSON yet stays on the page. */
const AsText = ({ name, value, mayWrite, onChange }: Pick<SettingEditorProps, 'name' | 'value' | 'mayWrite' | 'onChange'>): ReactElement => {
  const { t, label } = useWords()
  const [text, setText] = useState(() => settingText(value))
  const valid = parsed(text) !== undefined
  return (
    <>
      <Input.TextArea
        className="mono"
        aria-label={label('mappingSetting', name)}
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
    </>
  )
}

/** A preset is named, not written: it can be looked at as text, or made one's own. */
const Preset = ({ name, writtenOut, mayWrite, onChange }: Omit<SettingEditorProps, 'problems' | 'raw' | 'picking' | 'value'>): ReactElement => {
  const { t } = useWords()
  return (
    <div className="note">
      <span className="grow">{t('fieldMap.preset', { name })}</span>
      {mayWrite && (
        <Button size="small" onClick={() => onChange(writtenOut)}>
          {t('fieldMap.ownMap')}
        </Button>
      )}
    </div>
  )
}

/** One setting that steers the mapping: a field map as a form or as text, anything else as text. */
export const SettingEditor = (props: SettingEditorProps): ReactElement => {
  const { t, label } = useWords()
  const { name, value, writtenOut, problems, raw, picking, mayWrite, onChange } = props
  const [asText, setAsText] = useState(false)
  const kind = kindOf(value)
  const isPreset = kind === undefined && kindOf(writtenOut) !== undefined
  const formed = kind !== undefined || isPreset
  return (
    <section className="col g6" aria-label={label('mappingSetting', name)}>
      <div className="row g8">
        <h3 className="grow">{label('mappingSetting', name)}</h3>
        {formed && (
          <div className="seg s">
            {[false, true].map((way) => (
              <button key={String(way)} type="button" aria-pressed={asText === way} onClick={() => setAsText(way)}>
                {t(way ? 'fieldMap.text' : 'fieldMap.form')}
              </button>
            ))}
          </div>
        )}
      </div>
      {asText || !formed ? (
        <>
          <AsText name={name} value={value} mayWrite={mayWrite} onChange={onChange} />
          <ProblemText problems={problems} />
        </>
      ) : isPreset ? (
        <Preset name={scalar(value) ?? ''} writtenOut={writtenOut} mayWrite={mayWrite} onChange={onChange} />
      ) : (
        kind !== undefined &&
        isTree(value) && (
          <MapForm
            map={value}
            beside={{ kind, raw, lines: scalar(value['lines']) ?? '', picking }}
            problems={problems}
            disabled={!mayWrite}
            onChange={onChange}
          />
        )
      )}
    </section>
  )
}
