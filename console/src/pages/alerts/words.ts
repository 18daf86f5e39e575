import type { FactBook } from '../../api/alerts.ts'
import { formatCount } from '../../format/number.ts'
import type { Language } from '../../format/time.ts'

/** A rule by its own name, or by the hub's word for one that came with it. */
export const nameOf = (rule: { readonly name: string | null; readonly names: Readonly<Record<string, string>> | null }, language: Language): string =>
  rule.name ?? rule.names?.[language] ?? ''

/** What a fact means, by the name conditions use. */
export const factWord = (book: FactBook | undefined, path: string, language: Language): string => {
  const [scope, name] = path.split('.')
  const known: Readonly<Record<string, Readonly<Record<string, { readonly en: string; readonly zh: string }>>>> = book?.facts ?? {}
  const fact = known[scope ?? '']?.[name ?? '']
  return fact === undefined ? path : language === 'en' ? fact.en : fact.zh
}

/** Spans that never end are this long. */
const never = 99_999_999

/** Facts with their meaning: "Orders past the deadline: 12". */
export const factsText = (book: FactBook | undefined, facts: Readonly<Record<string, string | number | boolean>>, language: Language): string =>
  Object.entries(facts)
    .map(([path, value]) => {
      const shown = typeof value === 'number' ? (value >= never ? '∞' : formatCount(String(Math.round(value * 1000) / 1000))) : String(value)
      return `${factWord(book, path, language)}: ${shown}`
    })
    .join(' · ')
