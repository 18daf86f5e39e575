import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import { changeFailure } from '../../api/failures.ts'
import type { FailureChange, FailureGroup } from '../../api/failures.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { tell } from '../../ui/undo.tsx'

/** What can be done with the chosen causes at once. */
export const FailureBulk = ({
  groups,
  onReplay,
  onClear,
}: {
  readonly groups: readonly FailureGroup[]
  readonly onReplay: () => void
  readonly onClear: () => void
}): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const refresh = (): Promise<void> => queries.invalidateQueries({ predicate: (query) => String(query.queryKey[0]).startsWith('/v1/failures') })
  const change = useMutation({
    mutationFn: async (next: FailureChange) => {
      for (const group of groups) await changeFailure(group.id, next)
    },
    onSettled: refresh,
    onSuccess: (_, next) => {
      const before = groups
      tell(t(`failures.now.${next.status ?? 'open'}`), () => {
        void Promise.all(before.map(({ id, status }) => changeFailure(id, { status }))).then(refresh)
      })
      onClear()
    },
  })
  const replayable = groups.filter((group) => group.operation === 'normalise' && group.count > 0)
  return (
    <div className="bulk" role="toolbar" aria-label={t('failures.bulk')}>
      <span className="m5">{t('failures.selected', { count: groups.length })}</span>
      <Button
        size="small"
        icon={<Icon name="replay" />}
        aria-disabled={replayable.length === 0}
        title={replayable.length === 0 ? t('failures.noneReplays') : undefined}
        onClick={() => replayable.length > 0 && onReplay()}
      >
        {t('orders.replay')}
      </Button>
      <Button size="small" icon={<Icon name="check" small />} loading={change.isPending} onClick={() => change.mutate({ status: 'acknowledged' })}>
        {t('failures.acknowledge')}
      </Button>
      <Button size="small" loading={change.isPending} onClick={() => change.mutate({ status: 'resolved' })}>
        {t('fixes.resolve')}
      </Button>
      {change.isError && (
        <span className="bad s12" role="alert">
          {change.error.message}
        </span>
      )}
      <button type="button" className="linkish t2 end row g6" onClick={onClear}>
        {t('orders.unselect')} <kbd className="kbd">Esc</kbd>
      </button>
    </div>
  )
}
