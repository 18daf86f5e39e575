import { useMutation } from '@tanstack/react-query'
import type { ReactElement } from 'react'
import { setOutbound, useOverview, useRefreshOverview } from '../api/overview.ts'
import { useWords } from '../i18n/use-words.ts'
import { formatCount } from '../format/number.ts'
import { Confirm } from '../ui/confirm.tsx'
import { tell } from '../ui/undo.tsx'

/** Stops every write to every channel at once, or lets them go again; either way with a reason. */
export const OutboundSwitch = ({ open, onClose }: { readonly open: boolean; readonly onClose: () => void }): ReactElement | null => {
  const { t } = useWords()
  const { data } = useOverview()
  const refresh = useRefreshOverview()
  const stopped = data?.outbound.state === 'stopped'
  const change = useMutation({
    mutationFn: (reason: string) => setOutbound(!stopped, reason),
    onSuccess: async () => {
      await refresh()
      onClose()
      tell(t(stopped ? 'outbound.resumed' : 'outbound.nowStopped'))
    },
  })
  if (data === undefined) return null
  return (
    <Confirm
      open={open}
      onClose={onClose}
      reason
      danger={!stopped}
      busy={change.isPending}
      error={change.error}
      title={t(stopped ? 'outbound.resumeTitle' : 'outbound.stopTitle')}
      action={t(stopped ? 'outbound.resume' : 'outbound.stop')}
      onConfirm={(reason) => change.mutate(reason)}
    >
      {t(stopped ? 'outbound.resumeText' : 'outbound.stopText', { waiting: formatCount(data.outbound.pending) })}
    </Confirm>
  )
}
