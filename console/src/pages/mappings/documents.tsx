import type { ReactElement } from 'react'
import { usePastDocuments } from '../../api/mappings.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'

interface DocumentsProps {
  readonly id: string
  readonly chosen: string | undefined
  readonly onChoose: (entity: string) => void
}

/** Past documents to try a draft on: those that fail first, then the newest. */
export const Documents = ({ id, chosen, onChoose }: DocumentsProps): ReactElement => {
  const { t } = useWords()
  const documents = usePastDocuments(id)
  const items = documents.data?.items ?? []
  return (
    <section className="card map-pane" aria-label={t('mappings.documents')}>
      <div className="card-head">
        <h2>{t('mappings.documents')}</h2>
      </div>
      <div className="map-scroll" tabIndex={0} role="region" aria-label={t('mappings.documents')}>
        <Loaded
          query={documents}
          what={t('mappings.documents')}
          count={items.length}
          empty={<State icon="orders" title={t('mappings.noDocuments')} />}
        >
          {items.map((document) => (
            <button
              key={document.entity}
              type="button"
              className="map-doc"
              aria-current={document.entity === chosen}
              onClick={() => onChoose(document.entity)}
            >
              <span className="row g6">
                {document.problem !== null && <Icon name="failed" tone="bad" small />}
                <span className="m5 el">{document.channel_order_no ?? document.entity.replace(/^order\//, '')}</span>
              </span>
              <span className="s12 t2 el">{document.problem ?? document.source_status}</span>
            </button>
          ))}
        </Loaded>
      </div>
    </section>
  )
}
