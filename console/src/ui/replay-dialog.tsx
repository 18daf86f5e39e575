import { useMutation } from '@tanstack/react-query'
import { Button, Modal } from 'antd'
import { useEffect } from 'react'
import type { ReactElement } from 'react'
import { isOver, startReplay, useJob } from '../api/jobs.ts'
import type { ReplayFilter } from '../api/jobs.ts'
import { useWords } from '../i18n/use-words.ts'
import { DryRun } from './dry-run.tsx'
import { JobProgress } from './job-progress.tsx'
import { Skeleton } from './state.tsx'

interface ReplayDialogProps {
  readonly open: boolean
  readonly filter: ReplayFilter
  /** Documents, where they are known before the plan is made. */
  readonly count?: number
  readonly onClose: () => void
}

/** Shows what replaying a set would change, and only then offers to do it. */
const Steps = ({ filter, count, onClose }: Omit<ReplayDialogProps, 'open'>): ReactElement => {
  const { t } = useWords()
  const plan = useMutation({ mutationFn: () => startReplay(filter, true) })
  const apply = useMutation({ mutationFn: () => startReplay(filter, false) })
  const { mutate } = plan
  useEffect(() => {
    mutate()
  }, [mutate])
  const dry = useJob(plan.data?.id)
  const planned = dry.data !== undefined && isOver(dry.data)
  const error = plan.error ?? apply.error
  return (
    <div className="col g12">
      <p className="t2">{t('replay.text')}</p>
      {error !== null && (
        <div className="note bad" role="alert">
          {error.message}
        </div>
      )}
      {apply.data !== undefined ? (
        <JobProgress id={apply.data.id} title={t('replay.running')} />
      ) : dry.data === undefined || dry.data.result === undefined ? (
        <Skeleton rows={3} />
      ) : (
        <DryRun job={dry.data} />
      )}
      <div className="row g8" style={{ justifyContent: 'flex-end' }}>
        <Button onClick={onClose}>{t(apply.data === undefined ? 'common.back' : 'common.close')}</Button>
        {apply.data === undefined && (
          <Button
            type="primary"
            aria-disabled={!planned}
            title={planned ? undefined : t('replay.waitForPlan')}
            loading={apply.isPending}
            onClick={() => {
              if (planned) apply.mutate()
            }}
          >
            {t('replay.apply', { count: count ?? dry.data?.total ?? 0 })}
          </Button>
        )}
      </div>
    </div>
  )
}

export const ReplayDialog = ({ open, ...rest }: ReplayDialogProps): ReactElement => {
  const { t } = useWords()
  return (
    <Modal
      open={open}
      onCancel={rest.onClose}
      footer={null}
      width={640}
      destroyOnHidden
      title={rest.count === undefined ? t('replay.running') : t('replay.title', { count: rest.count })}
    >
      {open && <Steps {...rest} />}
    </Modal>
  )
}
