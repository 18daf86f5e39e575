import './mappings.css'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useMapping } from '../../api/mappings.ts'
import { useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { Icon } from '../../ui/icon.tsx'
import { ReplayDialog } from '../../ui/replay-dialog.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { MappingList } from './list.tsx'
import { Studio } from './studio.tsx'
import { Versions } from './versions.tsx'

/** What a version that has just been published leaves to do: orders that stand are as they were. */
const Published = ({ id, version, onClose }: { readonly id: string; readonly version: number; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const [replaying, setReplaying] = useState(false)
  return (
    <div className="note ok" role="status">
      <Icon name="check" />
      <span className="grow">{t('mappings.published', { version })}</span>
      <Button size="small" icon={<Icon name="replay" />} onClick={() => setReplaying(true)}>
        {t('mappings.replay')}
      </Button>
      <button type="button" className="icb" aria-label={t('common.close')} onClick={onClose}>
        <Icon name="close" />
      </button>
      <ReplayDialog open={replaying} filter={{ connection: id }} onClose={() => setReplaying(false)} />
    </div>
  )
}

const Chosen = ({ id }: { readonly id: string }): ReactElement => {
  const { t } = useWords()
  const [search] = useAddress()
  const mayWrite = useScope('replay')
  const mapping = useMapping(id)
  const [published, setPublished] = useState<number | undefined>(undefined)
  const [reloads, setReloads] = useState(0)
  if (mapping.data === undefined)
    return (
      <section className="card">
        {mapping.isError ? <Failed error={mapping.error} what={t('mappings.title')} retry={() => void mapping.refetch()} /> : <Skeleton rows={8} />}
      </section>
    )
  const done = (version: number): void => {
    setPublished(version)
    setReloads(reloads + 1)
  }
  return (
    <div className="col g12">
      {published !== undefined && <Published key={published} id={id} version={published} onClose={() => setPublished(undefined)} />}
      {search['view'] === 'versions' ? (
        <Versions id={id} live={mapping.data.version} mayWrite={mayWrite} onPublished={done} />
      ) : (
        <Studio key={reloads} mapping={mapping.data} onPublished={done} onReload={() => setReloads(reloads + 1)} />
      )}
    </div>
  )
}

/** What people decide about the documents of a connection, with its versions. */
const MappingsPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const id = search['connection'] ?? ''
  return (
    <>
      <div className="ph wrap">
        <h1>{t('mappings.title')}</h1>
        {id !== '' && (
          <>
            <ConnectionSelect />
            <div className="seg">
              {(['draft', 'versions'] as const).map((view) => (
                <button
                  key={view}
                  type="button"
                  aria-pressed={(search['view'] ?? 'draft') === view}
                  onClick={() => setSearch({ view: view === 'draft' ? undefined : view })}
                >
                  {t(`mappings.view.${view}`)}
                </button>
              ))}
            </div>
          </>
        )}
      </div>
      {id === '' ? <MappingList /> : <Chosen key={id} id={id} />}
    </>
  )
}

export default MappingsPage
