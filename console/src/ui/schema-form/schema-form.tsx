import { Input, InputNumber, Select, Switch } from 'antd'
import { useId, useState } from 'react'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.ts'
import { text } from '../read-doc.ts'
import { choicesOf, helpOf, kindOf, titleOf } from './schema.ts'
import type { FieldError, JsonSchema, Values } from './schema.ts'

/** From this many fields on, those with a default stand behind a fold. */
const manyFields = 4

interface SchemaFormProps {
  readonly schema: JsonSchema
  readonly values: Values
  readonly onChange: (values: Values) => void
  /** Values are secret: typed hidden, never shown again. */
  readonly secret?: boolean
  /** What is stored, as its last characters. */
  readonly hints?: Readonly<Record<string, string>>
  readonly errors?: Readonly<Record<string, FieldError>>
  /** The channel's own complaint about one field. */
  readonly refused?: { readonly field: string; readonly message: string } | undefined
}

interface FieldProps {
  readonly id: string
  readonly schema: JsonSchema
  readonly value: unknown
  readonly secret: boolean
  readonly placeholder: string | undefined
  readonly invalid: boolean
  readonly describedBy: string | undefined
  readonly onChange: (value: unknown) => void
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : value === undefined ? '' : JSON.stringify(value, null, 2))

/** Free structure as JSON text; only text that parses is handed on. */
const JsonField = ({ id, value, invalid, describedBy, onChange }: FieldProps): ReactElement => {
  const { t } = useWords()
  const [text, setText] = useState(textOf(value))
  const [bad, setBad] = useState(false)
  const change = (next: string): void => {
    setText(next)
    if (next.trim() === '') return onChange(undefined)
    try {
      onChange(JSON.parse(next))
      setBad(false)
    } catch {
      setBad(true)
    }
    return undefined
  }
  return (
    <>
      <Input.TextArea
        id={id}
        className="mono"
        autoSize={{ minRows: 3, maxRows: 14 }}
        value={text}
        status={bad || invalid ? 'error' : ''}
        aria-describedby={describedBy}
        onChange={(event) => change(event.target.value)}
      />
      {bad && (
        <span className="s12 bad" role="alert">
          {t('form.json')}
        </span>
      )}
    </>
  )
}

const Field = (props: FieldProps): ReactElement => {
  const { id, schema, value, secret, placeholder, invalid, describedBy, onChange } = props
  const status = invalid ? 'error' : ''
  switch (kindOf(schema)) {
    case 'choice':
      return (
        <Select
          id={id}
          style={{ width: '100%' }}
          status={status}
          value={text(value)}
          placeholder={placeholder}
          options={choicesOf(schema).map((one) => ({ value: one, label: one }))}
          onChange={onChange}
          aria-describedby={describedBy}
        />
      )
    case 'switch':
      return (
        <div>
          <Switch id={id} checked={value === true} onChange={onChange} aria-describedby={describedBy} />
        </div>
      )
    case 'number':
      return (
        <InputNumber
          id={id}
          style={{ width: 160 }}
          status={status}
          value={typeof value === 'number' ? value : null}
          placeholder={placeholder}
          onChange={(next) => onChange(next ?? undefined)}
          aria-describedby={describedBy}
        />
      )
    case 'text':
      return secret && (schema.maxLength ?? 0) <= 1000 ? (
        <Input.Password
          id={id}
          autoComplete="off"
          status={status}
          value={textOf(value)}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
          aria-describedby={describedBy}
        />
      ) : (
        <Input
          id={id}
          autoComplete="off"
          status={status}
          value={textOf(value)}
          placeholder={placeholder}
          onChange={(event) => onChange(event.target.value)}
          aria-describedby={describedBy}
        />
      )
    case 'json':
      return <JsonField {...props} />
  }
}

/** A settings form drawn from the schema the channel declares. */
export const SchemaForm = ({ schema, values, onChange, secret = false, hints = {}, errors = {}, refused }: SchemaFormProps): ReactElement => {
  const { t, language } = useWords()
  const base = useId()
  const fields = Object.entries(schema.properties ?? {})
  const isRequired = ([name, field]: readonly [string, JsonSchema]): boolean =>
    (schema.required?.includes(name) ?? false) && field.default === undefined
  const wrong = (name: string): boolean => errors[name] !== undefined || refused?.field === name
  const later = secret || fields.length < manyFields ? [] : fields.filter((field) => !isRequired(field))
  const first = fields.filter((field) => !later.includes(field))
  const draw = (list: typeof fields): ReactElement => (
    <div className="col g16">
      {list.map(([name, field]) => {
        const id = `${base}-${name}`
        const help = helpOf(field, language)
        const error = errors[name]
        const complaint = refused?.field === name ? refused.message : error === undefined ? undefined : t(`form.${error}`)
        const example = field.examples?.[0]
        const required = isRequired([name, field])
        return (
          <div key={name} className="col g4">
            <label htmlFor={id} className="m5">
              {titleOf(name, field, language)} {!required && <span className="t3 s12">{t('common.optional')}</span>}
            </label>
            <Field
              id={id}
              schema={field}
              value={values[name]}
              secret={secret}
              placeholder={hints[name] ?? (typeof example === 'string' ? example : undefined)}
              invalid={complaint !== undefined}
              describedBy={help === undefined ? undefined : `${id}-help`}
              onChange={(value) => onChange({ ...values, [name]: value })}
            />
            {complaint !== undefined && (
              <span className="s12 bad" role="alert">
                {complaint}
              </span>
            )}
            {help !== undefined && (
              <span id={`${id}-help`} className="s12 t3">
                {help}
              </span>
            )}
          </div>
        )
      })}
    </div>
  )
  return (
    <>
      {draw(first)}
      {later.length > 0 && (
        <details className="later" open={later.some(([name]) => wrong(name))}>
          <summary>{t('form.more', { count: later.length })}</summary>
          {draw(later)}
        </details>
      )}
    </>
  )
}
