import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useEffect, useRef, useState } from 'react'
import type { DragEvent, ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import type { Connection } from '../../api/connections.ts'
import { previewFile, uploadFile } from '../../api/files.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { formatCount } from '../../format/number.ts'
import { FieldMapEditor } from './field-map-editor.tsx'
import { PreviewResult } from './preview-result.tsx'

const settle = 400

const Drop = ({ file, onFile }: { readonly file: File | undefined; readonly onFile: (file: File) => void }): ReactElement => {
  const { t } = useWords()
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const drop = (event: DragEvent): void => {
    event.preventDefault()
    setOver(false)
    const dropped = event.dataTransfer.files[0]
    if (dropped !== undefined) onFile(dropped)
  }
  return (
    <div
      className={`drop${over ? ' over' : ''}`}
      onDragOver={(event) => {
        event.preventDefault()
        setOver(true)
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Icon name="upload" tone="mute" />
      {file === undefined ? (
        <span>{t('files.drop')}</span>
      ) : (
        <span className="m5 break">
          {file.name} <span className="t3">{t('files.kb', { size: formatCount(Math.max(1, Math.round(file.size / 1024))) })}</span>
        </span>
      )}
      <input
        ref={input}
        type="file"
        hidden
        accept=".csv,.tsv,.txt,.xlsx,.json,.xml"
        aria-label={t('files.choose')}
        onChange={(event) => {
          const chosen = event.target.files?.[0]
          if (chosen !== undefined) onFile(chosen)
          event.target.value = ''
        }}
      />
      <Button size="small" onClick={() => input.current?.click()}>
        {t('files.choose')}
      </Button>
    </div>
  )
}

const mapOf = (connection: Connection | undefined): string => {
  const map = connection?.config['fieldMap'] ?? connection?.config['field_map']
  return map === undefined ? '' : JSON.stringify(map, null, 2)
}

/** A file, the connection it belongs to, and what the hub would read out of it before anything is stored. */
export const Upload = ({ onStarted }: { readonly onStarted: (job: string) => void }): ReactElement => {
  const { t } = useWords()
  const connections = useConnections(30_000)
  const targets = (connections.data?.items ?? []).filter((one) => one.channel === 'files')
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const [file, setFile] = useState<File | undefined>(undefined)
  const [map, setMap] = useState<string | undefined>(undefined)
  const connection = targets.find((one) => one.id === chosen) ?? targets[0]
  const fieldMap = map ?? mapOf(connection)
  const preview = useMutation({ mutationFn: (input: { readonly file: File; readonly map: string }) => previewFile(input.file, input.map) })
  const start = useMutation({
    mutationFn: () => (file === undefined || connection === undefined ? Promise.reject(new Error(t('files.drop'))) : uploadFile(connection.id, file)),
    onSuccess: (job) => onStarted(job.id),
  })
  const { mutate } = preview
  useEffect(() => {
    if (file === undefined || fieldMap === '') return undefined
    const timer = setTimeout(() => mutate({ file, map: fieldMap }), settle)
    return () => clearTimeout(timer)
  }, [file, fieldMap, mutate])
  if (connections.data !== undefined && targets.length === 0) {
    return (
      <section className="card sect row g12">
        <Icon name="plug" tone="mute" />
        <span className="grow">{t('files.noConnection')}</span>
        <Link to="/connections/new">{t('connections.add')}</Link>
      </section>
    )
  }
  const ready = file !== undefined && connection !== undefined
  return (
    <div className="files-two">
      <section className="card sect col g12">
        <div className="col g4">
          <label className="m5" htmlFor="files-connection">
            {t('files.into')}
          </label>
          <Select
            id="files-connection"
            value={connection?.id}
            onChange={(id) => {
              setChosen(id)
              setMap(undefined)
            }}
            options={targets.map((one) => ({ value: one.id, label: one.name }))}
          />
        </div>
        <Drop file={file} onFile={setFile} />
        <FieldMapEditor value={fieldMap} onChange={setMap} changed={map !== undefined && map !== mapOf(connection)} connection={connection} />
        {start.isError && (
          <div className="note bad" role="alert">
            {start.error.message}
          </div>
        )}
        <Button
          type="primary"
          icon={<Icon name="upload" />}
          loading={start.isPending}
          aria-disabled={!ready}
          title={ready ? undefined : t('files.drop')}
          onClick={() => {
            if (ready) start.mutate()
          }}
        >
          {t('files.import')}
        </Button>
        <p className="s12 t3">{t('files.twice')}</p>
      </section>
      <section className="card sect">
        {preview.isError ? (
          <div className="note bad" role="alert">
            {preview.error.message}
          </div>
        ) : preview.data === undefined ? (
          <p className="t2">{t(preview.isPending ? 'common.loading' : 'files.previewHint')}</p>
        ) : (
          <PreviewResult preview={preview.data} />
        )}
      </section>
    </div>
  )
}
