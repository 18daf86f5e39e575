import { useMutation } from '@tanstack/react-query'
import type { UseMutationResult } from '@tanstack/react-query'
import { Button } from 'antd'
import type { ReactElement } from 'react'
import type { FailureGroup } from '../../../api/failures.ts'
import { startReplay } from '../../../api/jobs.ts'
import { formatCount } from '../../../format/number.ts'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { tell } from '../../../ui/undo.tsx'
import { useFixed } from './fix-props.ts'
import type { FixProps } from './fix-props.ts'

type Saving = UseMutationResult<void, Error, boolean>

/** Saves a rule, alone or together with the replay of what waits for it. */
export function useRuleSaving({ group, onReplay }: FixProps, add: () => Promise<unknown>): Saving {
  const { t } = useWords()
  const fixed = useFixed()
  return useMutation({
    mutationFn: async (replayToo: boolean) => {
      await add()
      if (replayToo) onReplay((await startReplay({ group: group.id }, false)).id)
    },
    onSuccess: async () => {
      await fixed()
      tell(t('fixes.ruleSaved'))
    },
  })
}

interface SaveAndReplayProps {
  readonly group: Pick<FailureGroup, 'count'>
  readonly saving: Saving
  /** What is still to be done before; undefined when nothing is. */
  readonly needs: string | undefined
}

/** What was refused, and the two ways to save. */
export const SaveAndReplay = ({ group, saving, needs }: SaveAndReplayProps): ReactElement => {
  const { t } = useWords()
  const unready = needs !== undefined
  return (
    <>
      {saving.isError && (
        <div className="note bad" role="alert">
          {saving.error.message}
        </div>
      )}
      <div className="row g8 wrap">
        <Button loading={saving.isPending} aria-disabled={unready} title={needs} onClick={() => !unready && saving.mutate(false)}>
          {t('fixes.ruleOnly')}
        </Button>
        <Button
          type="primary"
          className="fix-go"
          icon={<Icon name="replay" />}
          loading={saving.isPending}
          aria-disabled={unready}
          title={needs}
          onClick={() => !unready && saving.mutate(true)}
        >
          {t('fixes.ruleAndReplay', { count: formatCount(group.count) })}
        </Button>
      </div>
    </>
  )
}
