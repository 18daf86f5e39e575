import { Input } from 'antd'
import type { ReactElement } from 'react'
import { useWords } from '../../../i18n/use-words.ts'

/** Why, for whoever looks at it later; the placeholder is what is written where nothing is. */
export const Reason = ({
  value,
  onChange,
  placeholder,
}: {
  readonly value: string
  readonly onChange: (value: string) => void
  readonly placeholder: string
}): ReactElement => {
  const { t } = useWords()
  return (
    <Input
      size="small"
      value={value}
      maxLength={300}
      aria-label={t('common.reason')}
      placeholder={placeholder}
      onChange={(event) => onChange(event.target.value)}
    />
  )
}
