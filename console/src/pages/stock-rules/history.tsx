import { Button } from 'antd'
import type { ReactElement } from 'react'
import { useRuleChanges } from '../../api/stock-rules.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'

/** Who changed which rules when and why; each version before can be put back. */
export const History = ({ mayWrite, onRestore }: { readonly mayWrite: boolean; readonly onRestore: (version: number) => void }): ReactElement => {
  const { t } = useWords()
  const changes = useRuleChanges()
  const items = changes.data?.items ?? []
  return (
    <section className="card">
      <Loaded query={changes} what={t('rules.history')} count={items.length} rows={4} empty={<State icon="file" title={t('rules.noHistory')} />}>
        <ul className="rule-history">
          {items.map((change, index) => (
            <li key={change.version} className="row g12 wrap">
              <span className="tag">{t('rules.version', { version: change.version })}</span>
              <span className="grow col">
                <span>
                  {change.rules
                    .slice(0, 4)
                    .map((rule) => t(`rules.did.${rule.what}`, { name: rule.name }))
                    .join(' · ')}
                  {change.rules.length > 4 && ` · ${t('rules.andMore', { count: change.rules.length - 4 })}`}
                </span>
                <span className="s12 t3">
                  {change.actor} · <Ago at={change.at} />
                  {change.reason !== '' && ` · “${change.reason}”`}
                </span>
              </span>
              {mayWrite && (
                <Button size="small" icon={<Icon name="replay" />} onClick={() => onRestore(change.version - 1)}>
                  {t(index === 0 ? 'rules.undo' : 'rules.backTo')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      </Loaded>
    </section>
  )
}
