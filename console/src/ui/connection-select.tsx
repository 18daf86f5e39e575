import { Select } from 'antd'
import type { ReactElement } from 'react'
import { useConnections } from '../api/connections.ts'
import { useAddress } from '../app/use-search.ts'
import { useWords } from '../i18n/use-words.ts'

/** The connection filter of a page; it stands in the address. */
export const ConnectionSelect = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const connections = useConnections(30_000)
  const options = (connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))
  return (
    <Select
      aria-label={t('common.connection')}
      style={{ width: 200 }}
      value={search['connection'] ?? ''}
      onChange={(connection) => setSearch({ connection })}
      options={[{ value: '', label: t('effects.allConnections') }, ...options]}
    />
  )
}
