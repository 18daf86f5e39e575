import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { endOverride, useOverrides } from '../../api/fixes.ts'
import type { Override } from '../../api/fixes.ts'
import { HubProblem } from '../../api/http.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'
import { useFixed } from './fixes/fix-props.ts'

const fails = (error: Error | null): boolean => error instanceof HubProblem && error.code === 'mapping-newly-fails'

/** The rules people made for a connection: what each says, who made it and why, and the way back. */
export const Rules = ({ connection }: { readonly connection: string | null }): ReactElement | null => {
  const { t } = useWords()
  const fixed = useFixed()
  const { data } = useOverrides(connection ?? undefined)
  const [ending, setEnding] = useState<Override | undefined>(undefined)
  const end = useMutation({
    mutationFn: ({ reason, anyway }: { readonly reason: string; readonly anyway: boolean }) =>
      endOverride(ending?.id ?? '', reason, anyway ? reason : undefined),
    onSuccess: async () => {
      setEnding(undefined)
      await fixed()
      tell(t('fixes.takenBack'))
    },
  })
  if (data === undefined || data.items.length === 0) return null
  return (
    <section className="sect col g8">
      <h3>{t('fixes.rules')}</h3>
      <ul className="col g4">
        {data.items.map((rule) => (
          <li key={rule.id} className="row g8 s12">
            <span className="grow break" title={rule.reason}>
              {t(`fixes.rule.${rule.kind}`, { from: rule.from, to: rule.to, field: rule.field, entity: rule.entity })}
              <span className="t3"> · {rule.reason}</span>
            </span>
            <span className="t3 nw">
              {rule.author.replace(/^(user|key):/, '')} · <Ago at={rule.created_at} />
            </span>
            <Button size="small" type="link" onClick={() => setEnding(rule)}>
              {t('fixes.takeBack')}
            </Button>
          </li>
        ))}
      </ul>
      <Confirm
        open={ending !== undefined}
        onClose={() => {
          setEnding(undefined)
          end.reset()
        }}
        reason
        busy={end.isPending}
        error={end.error}
        title={t('fixes.takeBackTitle')}
        action={t('fixes.takeBack')}
        // Refused once, with how many would fail again: who confirms it means it.
        onConfirm={(reason) => end.mutate({ reason, anyway: fails(end.error) })}
      >
        {t('fixes.takeBackText')}
      </Confirm>
    </section>
  )
}
