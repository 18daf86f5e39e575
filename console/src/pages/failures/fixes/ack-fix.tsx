import { useMutation } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { reEmitGroup } from '../../../api/fixes.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { tell } from '../../../ui/undo.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'

/** The ERP refused these orders; once it can take them, they go into the feed once more. */
export const AckFix = ({ group }: FixProps): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const send = useMutation({
    mutationFn: () => reEmitGroup(group.id),
    onSuccess: async ({ orders }) => {
      await fixed()
      tell(t('failures.reEmitted', { count: orders }))
    },
  })
  return (
    <section className="sect col g8">
      <h2>{t('failures.fix')}</h2>
      <p className="t2">{t('failures.fixAck')}</p>
      {send.isError && (
        <div className="note bad" role="alert">
          {send.error.message}
        </div>
      )}
      <div>
        <Button type="primary" className="fix-go" icon={<Icon name="send" />} loading={send.isPending} onClick={() => send.mutate()}>
          {t('failures.reEmit', { count: group.orders })}
        </Button>
      </div>
    </section>
  )
}
