import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Checkbox, Radio } from 'antd'
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
    mutationFn: (what: { readonly stock_mode?: (typeof modes)[number]; readonly learned_buffer?: boolean }) =>
      changeConnection(connection.id, connection.version, what),
    onSuccess: () => queries.invalidateQueries({ queryKey: [`/v1/connections/${encodeURIComponent(connection.id)}`] }),
  })
  return (
    <section className="card sect col g8">
      <h2>{t('arm.mode')}</h2>
      <Radio.Group
        aria-label={t('arm.mode')}
        value={connection.stock_mode}
        disabled={change.isPending}
        onChange={(event) => change.mutate({ stock_mode: event.target.value === 'quota' ? 'quota' : 'shared' })}
        options={modes.map((mode) => ({ value: mode, label: t(`arm.modes.${mode}`) }))}
      />
      <p className="s12 t2">{t(`arm.modeText.${connection.stock_mode}`)}</p>
      {connection.stock_mode === 'shared' && (
        <Checkbox
          checked={connection.learned_buffer}
          disabled={change.isPending}
          onChange={(event) => change.mutate({ learned_buffer: event.target.checked })}
        >
          {t('incidents.learn')}
          <span className="s12 t2"> {t('incidents.learnText')}</span>
        </Checkbox>
      )}
      {change.isError && <Failed error={change.error} what={t('arm.mode')} retry={() => change.reset()} />}
    </section>
  )
}
