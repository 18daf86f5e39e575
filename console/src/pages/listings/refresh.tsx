import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect } from 'react'
import type { ReactElement } from 'react'
import { refreshListings } from '../../api/connections.ts'
import { isOver, useJob } from '../../api/jobs.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'

/** Reads a connection's own SKUs from its channel again. */
export const RefreshListings = ({ connection }: { readonly connection: string | undefined }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const start = useMutation({ mutationFn: (id: string) => refreshListings(id) })
  const job = useJob(start.data?.id)
  const running = job.data !== undefined && !isOver(job.data)
  const finished = job.data?.state
  useEffect(() => {
    if (finished === 'done') void queries.invalidateQueries({ queryKey: ['/v1/listings'] })
  }, [finished, queries])
  const error = start.error?.message ?? (job.data?.state === 'failed' ? job.data.message : undefined)
  return (
    <span className="row g8">
      {error !== undefined && error !== null && (
        <span className="bad s12" role="alert">
          {error}
        </span>
      )}
      <Button
        icon={<Icon name="download" />}
        loading={start.isPending || running}
        aria-disabled={connection === undefined}
        title={connection === undefined ? t('listings.chooseConnection') : undefined}
        onClick={() => {
          if (connection !== undefined) start.mutate(connection)
        }}
      >
        {t('listings.refresh')}
      </Button>
    </span>
  )
}
