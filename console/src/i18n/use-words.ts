import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import type { Language } from '../format/time.ts'
import { asLanguage } from './index.ts'

export type Params = Readonly<Record<string, string | number | null | undefined>>

const keyOf = (area: string, code: string): string => `${area}.${code.replaceAll('.', '_')}`

interface Words {
  readonly t: ReturnType<typeof useTranslation>['t']
  readonly language: Language
  /** The word for a code the hub sends; a code without a word yet is shown as it came, never hidden. */
  readonly label: (area: string, code: string, params?: Params) => string
  /** The sentence for a code, or undefined where none is written. */
  readonly sentence: (area: string, code: string, params?: Params) => string | undefined
}

export const useWords = (): Words => {
  const { t, i18n } = useTranslation()
  const language = asLanguage(i18n.language)
  return useMemo(
    () => ({
      t,
      language,
      label: (area, code, params) => (i18n.exists(keyOf(area, code), { ...params }) ? t(keyOf(area, code), { ...params }) : code),
      sentence: (area, code, params) => (i18n.exists(keyOf(area, code), { ...params }) ? t(keyOf(area, code), { ...params }) : undefined),
    }),
    [t, i18n, language],
  )
}
