import { useState } from 'react'
import type { ReactElement } from 'react'
import type { Suggestion } from '../api/stock.ts'
import { useWords } from '../i18n/use-words.ts'

/** How certain a suggestion is, with what speaks for it. */
export const Confidence = ({ suggestion }: { readonly suggestion: Suggestion }): ReactElement => {
  const { t } = useWords()
  return (
    <span className="row g4">
      <span className={`tag ${suggestion.confidence >= 0.8 ? 'ok' : suggestion.confidence >= 0.5 ? 'warn' : ''}`} title={t('suggestions.confidence')}>
        {Math.round(suggestion.confidence * 100)} %
      </span>
      <span className="t3">{suggestion.why.map((why) => t(`suggestionWhy.${why}`)).join(' · ')}</span>
    </span>
  )
}

/** SKUs that may be meant, the best one first and the others on demand; pressing one chooses it. */
export const SuggestedSkus = ({
  suggestions,
  onChoose,
}: {
  readonly suggestions: readonly Suggestion[]
  readonly onChoose: (sku: string) => void
}): ReactElement | null => {
  const { t } = useWords()
  const [all, setAll] = useState(false)
  if (suggestions.length === 0) return null
  return (
    <div className="col g4 s12">
      {suggestions.slice(0, all ? undefined : 1).map((suggestion) => (
        <div key={suggestion.sku} className="row g8 wrap">
          <button type="button" className="linkish" onClick={() => onChoose(suggestion.sku)}>
            {t('listings.useSuggestion', { sku: suggestion.sku })}
          </button>
          <span className="t2 break">{suggestion.title}</span>
          <Confidence suggestion={suggestion} />
        </div>
      ))}
      {suggestions.length > 1 && (
        <button type="button" className="linkish" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? t('suggestions.fewer') : t('suggestions.more', { count: suggestions.length - 1 })}
        </button>
      )}
    </div>
  )
}
