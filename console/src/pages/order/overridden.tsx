import type { ReactElement } from 'react'
import { useAllOverrides } from '../../api/fixes.ts'
import type { Order } from '../../api/orders.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { list, member, text } from '../../ui/read-doc.ts'

/** The rules of people that shaped this order: where in the document, what they say, who made them and why. */
export const Overridden = ({ order }: { readonly order: Order }): ReactElement | null => {
  const { t } = useWords()
  const applied = list(member(order.doc, 'overridden')).map((one) => ({
    pointer: text(member(one, 'pointer')) ?? '',
    rule: text(member(one, 'rule')) ?? '',
  }))
  const rules = useAllOverrides(order.connection_id, applied.length > 0)
  if (applied.length === 0) return null
  return (
    <div className="note warn">
      <Icon name="attention" tone="warn" />
      <div className="col g4">
        <span className="m5">{t('fixes.overridden')}</span>
        <ul>
          {applied.map(({ pointer, rule }) => {
            const said = rules.data?.items.find((one) => one.id === rule)
            return (
              <li key={`${pointer}/${rule}`} className="s12 break">
                {said?.kind !== 'field' && <span className="mono">{pointer} </span>}
                {said !== undefined && (
                  <>
                    {t(`fixes.rule.${said.kind}`, { from: said.from, to: said.to, field: said.field, entity: said.entity })}
                    <span className="t3">
                      {' '}
                      · {said.reason} · {said.author.replace(/^(user|key):/, '')}
                      {said.ended_at !== null && ` · ${t('fixes.takenBack')}`}
                    </span>
                  </>
                )}
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}
