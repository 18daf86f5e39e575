import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useJob } from '../../api/jobs.ts'
import { askChannel, repullDay, setCutOff, signDay } from '../../api/ledger.ts'
import type { LedgerDetail } from '../../api/ledger.ts'
import { useCanWrite, useScope } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'

interface Place {
  readonly connection: string
  readonly day: string
}

/** Has the channel asked again which orders it has; says how far that is. */
export const AskAgain = ({ connection, day, asked }: Place & { readonly asked: boolean }): ReactElement => {
  const { t } = useWords()
  const may = useScope('orders:write')
  const [jobId, setJobId] = useState<string | undefined>(undefined)
  const job = useJob(jobId)
  const ask = useMutation({ mutationFn: () => askChannel(connection, day), onSuccess: ({ id }) => setJobId(id) })
  const busy = ask.isPending || job.data?.state === 'planned' || job.data?.state === 'running'
  return (
    <>
      <Button
        icon={<Icon name="replay" />}
        loading={busy}
        disabled={!may}
        title={may ? undefined : t('common.forbidden')}
        onClick={() => ask.mutate()}
      >
        {t(asked ? 'ledger.ask' : 'ledger.askFirst')}
      </Button>
      {(job.data?.state === 'failed' || ask.isError) && <span className="bad s12">{job.data?.message ?? ask.error?.message}</span>}
    </>
  )
}

/** Reads again what is missing, out of date or worth something else. */
export const Repull = ({ connection, day }: Place): ReactElement => {
  const { t } = useWords()
  const may = useScope('orders:write')
  const repull = useMutation({ mutationFn: () => repullDay(connection, day) })
  return (
    <>
      <Button
        // Once is enough: what comes of it is seen above.
        type={repull.data === undefined ? 'primary' : 'default'}
        icon={<Icon name="download" />}
        loading={repull.isPending}
        disabled={!may}
        onClick={() => repull.mutate()}
      >
        {t('ledger.repull')}
      </Button>
      {repull.data !== undefined && <span className="s12 t2">{t('ledger.repulled', { count: repull.data.requested })}</span>}
      {repull.isError && <span className="bad s12">{repull.error.message}</span>}
    </>
  )
}

/** Signs the day off under one's own name; one that is not green needs a reason. */
export const SignOff = ({ detail }: { readonly detail: LedgerDetail }): ReactElement => {
  const { t, label } = useWords()
  const may = useScope('feed:read')
  const client = useQueryClient()
  const [open, setOpen] = useState(false)
  const sign = useMutation({
    mutationFn: (note: string) =>
      signDay(detail.connection_id, detail.day, { set_hash: detail.hub.set_hash ?? '', ...(note.trim() !== '' && { note: note.trim() }) }),
    onSuccess: async () => {
      setOpen(false)
      await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/v1/ledger') })
    },
  })
  const ready = detail.state !== 'running'
  return (
    <>
      <Button icon={<Icon name="check" />} disabled={!may || !ready} title={ready ? undefined : t('ledger.notOver')} onClick={() => setOpen(true)}>
        {t('ledger.sign')}
      </Button>
      <Confirm
        open={open}
        title={t('ledger.signTitle', { day: detail.day })}
        action={t('ledger.sign')}
        reason={detail.state !== 'green'}
        busy={sign.isPending}
        error={sign.error}
        onConfirm={(note) => sign.mutate(note)}
        onClose={() => setOpen(false)}
      >
        <p>{t('ledger.signText', { count: detail.hub.orders ?? 0, state: label('ledgerState', detail.state) })}</p>
      </Confirm>
    </>
  )
}

/** When the business day begins. */
export const CutOff = ({
  connection,
  value,
  timezone,
}: {
  readonly connection: string
  readonly value: string
  readonly timezone: string
}): ReactElement => {
  const { t } = useWords()
  const may = useCanWrite()
  const client = useQueryClient()
  const [draft, setDraft] = useState<string | undefined>(undefined)
  const save = useMutation({
    mutationFn: (cutOff: string) => setCutOff(connection, cutOff),
    onSuccess: async () => {
      setDraft(undefined)
      await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('/v1/ledger') })
    },
  })
  const text = draft ?? value
  return (
    <span className="row g4 s12 t2 nw">
      <label htmlFor="ledger-cut-off">{t('ledger.cutOff')}</label>
      <Input
        id="ledger-cut-off"
        type="time"
        size="small"
        style={{ width: 124 }}
        value={text}
        disabled={!may}
        onChange={(event) => setDraft(event.target.value)}
      />
      <span className="t3">{timezone}</span>
      {draft !== undefined && draft !== value && (
        <Button size="small" loading={save.isPending} onClick={() => save.mutate(text)}>
          {t('common.save')}
        </Button>
      )}
      {save.isError && <span className="bad">{save.error.message}</span>}
    </span>
  )
}
