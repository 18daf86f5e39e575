import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { createConnection } from '../../api/connections.ts'
import { useCanWrite } from '../../api/session.ts'
import { useWords } from '../../i18n/use-words.ts'
import { State } from '../../ui/state.tsx'
import { Labelled } from './field.tsx'

const currencies = ['CNY', 'USD', 'EUR', 'GBP', 'JPY', 'HKD', 'SGD', 'AUD', 'CAD', 'TWD', 'KRW']
const local = Intl.DateTimeFormat().resolvedOptions().timeZone

/** The first order by hand needs a connection to stand on: one name and one currency make it. */
export const MakePlace = (): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const mayWrite = useCanWrite()
  const [name, setName] = useState(() => t('entry.phoneOrders'))
  const [currency, setCurrency] = useState(local === 'Asia/Shanghai' ? 'CNY' : 'USD')
  const make = useMutation({
    mutationFn: () => createConnection({ channel: 'push', name: name.trim(), config: {}, secrets: {}, timezone: local, currency }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['/v1/push-connections'] }),
  })
  if (!mayWrite)
    return (
      <State icon="plug" title={t('entry.noPlace')}>
        {t('entry.askForPlace')}
      </State>
    )
  return (
    <form
      className="card sect col g12 entry-place"
      onSubmit={(event) => {
        event.preventDefault()
        if (name.trim() !== '') make.mutate()
      }}
    >
      <h2>{t('entry.noPlace')}</h2>
      <p className="t2">{t('entry.makePlaceText')}</p>
      <div className="entry-row n2">
        <Labelled name={t('wizard.name')}>
          {({ id }) => <Input id={id} value={name} maxLength={80} onChange={(event) => setName(event.target.value)} />}
        </Labelled>
        <Labelled name={t('wizard.currency')}>
          {({ id }) => (
            <Select id={id} showSearch value={currency} options={currencies.map((value) => ({ value, label: value }))} onChange={setCurrency} />
          )}
        </Labelled>
      </div>
      {make.isError && (
        <div className="note bad" role="alert">
          {make.error.message}
        </div>
      )}
      <div>
        <Button type="primary" htmlType="submit" loading={make.isPending}>
          {t('entry.makePlace')}
        </Button>
      </div>
    </form>
  )
}
