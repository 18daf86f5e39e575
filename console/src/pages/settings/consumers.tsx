import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, Input } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createConsumer, removeConsumer, useConsumers } from '../../api/admin.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Failed, Skeleton, State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'
import { tell } from '../../ui/undo.tsx'

/** Who reads the feed, and how far each has confirmed it. */
export const ConsumersTab = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const consumers = useConsumers()
  const [name, setName] = useState('')
  const [sandbox, setSandbox] = useState(false)
  const [leaving, setLeaving] = useState<string | undefined>(undefined)
  const refresh = (): Promise<void> => queries.invalidateQueries({ queryKey: ['/v1/consumers'] })
  const add = useMutation({
    mutationFn: () => createConsumer({ name: name.trim(), include_sandbox: sandbox }),
    onSuccess: async () => {
      setName('')
      await refresh()
    },
  })
  const drop = useMutation({
    mutationFn: (one: string) => removeConsumer(one),
    onSuccess: async () => {
      setLeaving(undefined)
      await refresh()
      tell(t('settings.consumerRemoved'))
    },
  })
  const ready = name.trim() !== ''
  return (
    <section className="card" style={{ overflowX: 'auto' }}>
      <div className="card-head">
        <span className="t2 grow">{t('settings.consumersText')}</span>
      </div>
      {consumers.isError ? (
        <Failed error={consumers.error} what={t('settings.consumers')} />
      ) : consumers.data === undefined ? (
        <Skeleton rows={3} />
      ) : consumers.data.items.length === 0 ? (
        <State icon="people" title={t('settings.noConsumers')} />
      ) : (
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('settings.consumerName')}</th>
              <th scope="col" className="n">
                {t('settings.position')}
              </th>
              <th scope="col" className="n">
                {t('settings.behind')}
              </th>
              <th scope="col">{t('settings.lastAck')}</th>
              <th scope="col">{t('common.sandbox')}</th>
              <th scope="col">
                <span className="visually-hidden">{t('connections.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {consumers.data.items.map((one) => (
              <tr key={one.name}>
                <td className="m5">{one.name}</td>
                <td className="n">{formatCount(one.acked_seq)}</td>
                <td className="n">{formatCount(one.lag)}</td>
                <td>
                  <Ago at={one.acked_at} className="t3" />
                </td>
                <td>{t(one.include_sandbox ? 'common.yes' : 'common.no')}</td>
                <td className="n">
                  <Button size="small" danger onClick={() => setLeaving(one.name)}>
                    {t('common.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
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
