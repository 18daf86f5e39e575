import { Input } from 'antd'
import type { InputRef } from 'antd'
import type { CSSProperties, ReactElement, ReactNode, Ref } from 'react'
import { useId } from 'react'
import { useWords } from '../../i18n/use-words.ts'

/** A label above its control and, once somebody was there, what is wrong with it below. */
export const Labelled = ({
  name,
  error,
  hint,
  className = '',
  children,
}: {
  readonly name: string
  readonly error?: string | undefined
  readonly hint?: string | undefined
  readonly className?: string
  readonly children: (ids: { readonly id: string; readonly describedBy: string | undefined }) => ReactNode
}): ReactElement => {
  const { t } = useWords()
  const id = useId()
  const said = error === undefined ? hint : t(`entry.error.${error}`)
  return (
    <div className={`col g4 ${className}`}>
      <label className="m5" htmlFor={id}>
        {name}
      </label>
      {children({ id, describedBy: said === undefined ? undefined : `${id}-said` })}
      {said !== undefined && (
        <span id={`${id}-said`} className={`s12 ${error === undefined ? 't3' : 'bad'}`}>
          {said}
        </span>
      )}
    </div>
  )
}

/** One line of text with its label. */
export const Field = ({
  name,
  value,
  onChange,
  onLeave,
  error,
  hint,
  className = '',
  style,
  input,
  ...more
}: {
  readonly name: string
  readonly value: string
  readonly onChange: (text: string) => void
  readonly onLeave?: (() => void) | undefined
  readonly error?: string | undefined
  readonly hint?: string | undefined
  readonly className?: string
  readonly style?: CSSProperties
  readonly input?: Ref<InputRef>
  readonly inputMode?: 'decimal' | 'tel' | 'email' | 'text'
  readonly autoComplete?: string
  readonly maxLength?: number
  readonly placeholder?: string
}): ReactElement => (
  <Labelled name={name} error={error} hint={hint} className={className}>
    {({ id, describedBy }) => (
      <Input
        id={id}
        {...(input === undefined ? {} : { ref: input })}
        value={value}
        autoComplete="off"
        {...more}
        {...(style === undefined ? {} : { style })}
        {...(error === undefined ? {} : { status: 'error' as const, 'aria-invalid': true })}
        {...(describedBy === undefined ? {} : { 'aria-describedby': describedBy })}
        onChange={(event) => onChange(event.target.value)}
        {...(onLeave === undefined ? {} : { onBlur: onLeave })}
      />
    )}
  </Labelled>
)
