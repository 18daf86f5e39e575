import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { subscribeAgain } from '../../../api/fixes.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { tell } from '../../../ui/undo.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'

/** The channel tells us nothing any more; polling goes on meanwhile, so nothing is missed. */
export const SubscribeFix = ({ group }: FixProps): ReactElement => {
  const { t } = useWords()
  const fixed = useFixed()
  const id = group.connection_id ?? ''
  const subscribe = useMutation({
    mutationFn: () => subscribeAgain(id),
    onSuccess: async () => {
      await fixed()
      tell(t('fixes.subscribing'))
    },
  })
  return (
    <section className="sect col g8">
      <h2>{t('failures.fix')}</h2>
      <p className="t2">{t('fixes.fixSubscribe')}</p>
      {subscribe.isError && (
        <div className="note bad" role="alert">
          {subscribe.error.message}
        </div>
      )}
      <div className="row g12 wrap">
        <Button type="primary" className="fix-go" icon={<Icon name="replay" />} loading={subscribe.isPending} onClick={() => subscribe.mutate()}>
          {t('fixes.subscribe')}
        </Button>
        <Link to="/connections/$id" params={{ id }}>
          {t('failures.openConnection')}
        </Link>
      </div>
    </section>
  )
}
