import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { removeSandbox } from '../../api/admin.ts'
import { useOverview } from '../../api/overview.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { JobProgress } from '../../ui/job-progress.tsx'
import { Skeleton, State } from '../../ui/state.tsx'
import { StatusTag } from '../../ui/status.tsx'

/** The practice channels and everything that came from them, removed in one step. */
export const SandboxTab = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const { data } = useOverview()
  const [asking, setAsking] = useState(false)
  const remove = useMutation({
    mutationFn: () => removeSandbox(),
    onSuccess: async () => {
      setAsking(false)
      await queries.invalidateQueries()
    },
  })
  if (data === undefined) return <Skeleton rows={2} />
  if (!data.sandbox.on && data.sandbox.connections === 0)
    return (
      <div className="card">
        <State icon="box" title={t('sandbox.gone')} />
      </div>
    )
  return (
    <section className="card sect col g12" style={{ maxWidth: 720 }}>
      <div className="row g12">
        <StatusTag kind="sandbox" />
        <div className="grow">
          <h2>{t('sandbox.title', { count: data.sandbox.connections })}</h2>
          <p className="t2">{t('sandbox.text')}</p>
        </div>
        <Button danger onClick={() => setAsking(true)}>
          {t('sandbox.remove')}
        </Button>
      </div>
      {remove.data?.id !== undefined && <JobProgress id={remove.data.id} title={t('sandbox.removing')} />}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        danger
        busy={remove.isPending}
        error={remove.error}
        title={t('sandbox.removeTitle')}
        action={t('sandbox.remove')}
        onConfirm={() => remove.mutate()}
      >
        {t('sandbox.removeText')}
      </Confirm>
    </section>
  )
}
