import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Radio } from 'antd'
import type { ReactElement } from 'react'
import { changeConnection } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Failed } from '../../ui/state.tsx'

const modes = ['shared', 'quota'] as const

/** One pool for all, or units that are this connection's alone and can be sold nowhere else. */
export const StockMode = ({ connection }: { readonly connection: Connection }): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const change = useMutation({
    mutationFn: (mode: (typeof modes)[number]) => changeConnection(connection.id, connection.version, { stock_mode: mode }),
    onSuccess: () => queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(connection.id)}`] }),
  })
  return (
    <section className="card sect col g8">
      <h2>{t('arm.mode')}</h2>
      <Radio.Group
        aria-label={t('arm.mode')}
        value={connection.stock_mode}
        disabled={change.isPending}
        onChange={(event) => change.mutate(event.target.value === 'quota' ? 'quota' : 'shared')}
        options={modes.map((mode) => ({ value: mode, label: t(`arm.modes.${mode}`) }))}
      />
      <p className="s12 t2">{t(`arm.modeText.${connection.stock_mode}`)}</p>
      {change.isError && <Failed error={change.error} what={t('arm.mode')} retry={() => change.reset()} />}
    </section>
  )
}
