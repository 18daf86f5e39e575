import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button, Input, Select } from 'antd'
import type { ReactElement } from 'react'
import { changeConnection } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { tell } from '../../ui/undo.tsx'

const presets = ['generic-orders', 'pos-receipts', 'orders-zh', 'uci-online-retail'] as const

interface EditorProps {
  readonly value: string
  readonly onChange: (map: string) => void
  readonly changed: boolean
  readonly connection: Connection | undefined
}

const parses = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** The field map as data: a preset by name or a map of its own. What it makes of the file stands beside it. */
export const FieldMapEditor = ({ value, onChange, changed, connection }: EditorProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const valid = parses(value)
  const preset = presets.find((one) => value === JSON.stringify(one))
  const save = useMutation({
    mutationFn: async () => {
      if (connection === undefined) return
      const map: unknown = JSON.parse(value)
      await changeConnection(connection.id, connection.version, { config: { ...connection.config, fieldMap: map } })
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['/v1/connections'] })
      tell(t('connections.saved'))
    },
  })
  return (
    <div className="col g8">
      <div className="row g8">
        <span className="m5 grow">{t('files.map')}</span>
        <Select
          size="small"
          aria-label={t('files.preset')}
          placeholder={t('files.preset')}
          style={{ width: 170 }}
          value={preset}
          onChange={(name) => onChange(JSON.stringify(name))}
          options={presets.map((name) => ({ value: name, label: t(`preset.${name}`) }))}
        />
      </div>
      <Input.TextArea
        className="mono"
        aria-label={t('files.map')}
        autoSize={{ minRows: 4, maxRows: 18 }}
        value={value}
        status={valid || value === '' ? '' : 'error'}
        onChange={(event) => onChange(event.target.value)}
      />
      {!valid && value !== '' && (
        <span className="s12 bad" role="alert">
          {t('form.json')}
        </span>
      )}
      {save.isError && (
        <span className="s12 bad" role="alert">
          {save.error.message}
        </span>
      )}
      {changed && (
        <div>
          <Button
            size="small"
            loading={save.isPending}
            aria-disabled={!valid}
            onClick={() => {
              if (valid) save.mutate()
            }}
          >
            {t('files.saveMap')}
          </Button>
        </div>
      )}
    </div>
  )
}
