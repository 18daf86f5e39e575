import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createConsumer, removeConsumer, useConsumers } from '../../api/admin.ts'
import type { Consumer } from '../../api/admin.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'

const useRefreshConsumers = (): (() => Promise<void>) => {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['/v1/consumers'] })
}

const words = ['settings.consumerName', 'settings.position', 'settings.behind', 'settings.lastAck', 'common.sandbox'] as const

const ConsumerTable = ({ items, onLeave }: { readonly items: readonly Consumer[]; readonly onLeave: (name: string) => void }): ReactElement => {
  const { t } = useWords()
  return (
    <table className="grid">
      <HeadRow words={words} figures={['settings.position', 'settings.behind']} actions />
      <tbody>
        {items.map((one) => (
          <tr key={one.name}>
            <td className="m5">{one.name}</td>
            <td className="n">{formatCount(one.acked_seq)}</td>
            <td className="n">{formatCount(one.lag)}</td>
            <td>
              <Ago at={one.acked_at} className="t3" />
            </td>
            <td>{t(one.include_sandbox ? 'common.yes' : 'common.no')}</td>
            <td className="n">
              <Button size="small" danger onClick={() => onLeave(one.name)}>
                {t('common.remove')}
              </Button>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

const AddConsumer = (): ReactElement => {
  const { t } = useWords()
  const refresh = useRefreshConsumers()
  const [name, setName] = useState('')
  const [sandbox, setSandbox] = useState(false)
  const add = useMutation({
    mutationFn: () => createConsumer({ name: name.trim(), include_sandbox: sandbox }),
    onSuccess: async () => {
      setName('')
      await refresh()
    },
  })
  const ready = name.trim() !== ''
  return (
    <form
      className="card-foot row g8 wrap"
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) add.mutate()
      }}
    >
      <Input
        aria-label={t('settings.consumerName')}
        placeholder="erp-main"
        style={{ width: 200 }}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <Checkbox checked={sandbox} onChange={(event) => setSandbox(event.target.checked)}>
        {t('settings.withSandbox')}
      </Checkbox>
      <Button htmlType="submit" loading={add.isPending} aria-disabled={!ready}>
        {t('settings.addConsumer')}
      </Button>
      {add.isError && (
        <span className="bad s12" role="alert">
          {add.error.message}
        </span>
      )}
    </form>
  )
}

/** Who reads the feed, and how far each has confirmed it. */
export const ConsumersTab = (): ReactElement => {
  const { t } = useWords()
  const consumers = useConsumers()
  const refresh = useRefreshConsumers()
  const [leaving, setLeaving] = useState<string | undefined>(undefined)
  const drop = useMutation({
    mutationFn: (one: string) => removeConsumer(one),
    onSuccess: async () => {
      setLeaving(undefined)
      await refresh()
      tell(t('settings.consumerRemoved'))
    },
  })
  const items = consumers.data?.items ?? []
  return (
    <section className="card" style={{ overflowX: 'auto' }}>
      <div className="card-head">
        <span className="t2 grow">{t('settings.consumersText')}</span>
      </div>
      <Loaded
        query={consumers}
        what={t('settings.consumers')}
        count={items.length}
        rows={3}
        empty={<State icon="people" title={t('settings.noConsumers')} />}
      >
        <ConsumerTable items={items} onLeave={setLeaving} />
      </Loaded>
      <AddConsumer />
      <Confirm
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        danger
        busy={drop.isPending}
        error={drop.error}
        title={t('settings.removeConsumer', { name: leaving })}
        action={t('common.remove')}
        onConfirm={() => {
          if (leaving !== undefined) drop.mutate(leaving)
        }}
      >
        {t('settings.removeConsumerText')}
      </Confirm>
    </section>
  )
}
