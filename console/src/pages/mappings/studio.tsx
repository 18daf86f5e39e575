import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { HubProblem } from '../../api/http.ts'
import { dropDraft, mappingsPath, publishMapping, rebaseDraft, usePastDocument, usePastDocuments } from '../../api/mappings.ts'
import type { Mapping } from '../../api/mappings.ts'
import { useScope } from '../../api/session.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Confirm } from '../../ui/confirm.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Ago } from '../../ui/time.tsx'
import { Documents } from './documents.tsx'
import { problemsOf } from './form/problems.ts'
import { usePicking } from './form/use-picking.ts'
import { DryRunPanel } from './dry-run-panel.tsx'
import { PreviewPane } from './preview-pane.tsx'
import { PublishDialog } from './publish-dialog.tsx'
import { RuleRows } from './rule-rows.tsx'
import { TableFiles } from './table-files.tsx'
import { SettingEditor } from './setting-editor.tsx'
import { isComplete, useDraft } from './use-draft.ts'
import type { DraftState } from './use-draft.ts'
import { usePreview } from './use-preview.ts'

const kinds = ['word', 'field', 'carrier', 'place'] as const

interface BarProps {
  readonly mapping: Mapping
  readonly draft: DraftState
  readonly mayWrite: boolean
  readonly onPublish: () => void
  readonly onReload: () => void
}

/** Whether there is a draft, whose, since when; and what can be done with it. */
const DraftBar = ({ mapping, draft, mayWrite, onPublish, onReload }: BarProps): ReactElement => {
  const { t } = useWords()
  const queries = useQueryClient()
  const [dropping, setDropping] = useState(false)
  const reload = async (): Promise<void> => {
    await queries.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith(mappingsPath) })
    onReload()
  }
  const drop = useMutation({ mutationFn: () => dropDraft(mapping.connection_id), onSuccess: reload })
  const rebase = useMutation({ mutationFn: () => rebaseDraft(mapping.connection_id), onSuccess: reload })
  const behind = mapping.draft !== null && mapping.draft.base !== mapping.version
  const stale = draft.error instanceof HubProblem && draft.error.code === 'version-stale'
  const ready = draft.version > 0 && !draft.unsaved && !behind && draft.error === null
  return (
    <div className="col g8">
      <div className="row g8 wrap">
        <span className={`tag ${draft.exists ? 'prog' : ''}`}>{draft.exists ? t('mappings.draft') : t('mappings.noDraftYet')}</span>
        <span className="s12 t3 grow" role="status">
          {draft.unsaved ? (
            t(isComplete(draft.set) ? 'mappings.saving' : 'mappings.incomplete')
          ) : mapping.draft === null ? (
            t('mappings.startTyping')
          ) : (
            <>
              {t('mappings.savedBy', { name: mapping.draft.updated_by.replace(/^(user|key):/, '') })} · <Ago at={mapping.draft.updated_at} />
            </>
          )}
        </span>
        {mayWrite && mapping.draft !== null && (
          <>
            <Button size="small" onClick={() => setDropping(true)}>
              {t('mappings.drop')}
            </Button>
            <Button
              type="primary"
              icon={<Icon name="check" />}
              aria-disabled={!ready}
              title={ready ? undefined : t('mappings.notReady')}
              onClick={() => ready && onPublish()}
            >
              {t('mappings.publish')}
            </Button>
          </>
        )}
      </div>
      {behind && (
        <div className="note warn">
          <span className="grow">{t('mappings.behind', { version: mapping.version })}</span>
          <Button size="small" loading={rebase.isPending} onClick={() => rebase.mutate()}>
            {t('mappings.takeIn')}
          </Button>
        </div>
      )}
      {draft.error !== null && (
        <div className="note bad" role="alert">
          <span className="grow break">{draft.error.message}</span>
          {stale && (
            <Button size="small" onClick={() => void reload()}>
              {t('common.refresh')}
            </Button>
          )}
        </div>
      )}
      <Confirm
        open={dropping}
        title={t('mappings.dropTitle')}
        action={t('mappings.drop')}
        danger
        busy={drop.isPending}
        error={drop.error}
        onConfirm={() => drop.mutate()}
        onClose={() => setDropping(false)}
      >
        {t('mappings.dropText')}
      </Confirm>
    </div>
  )
}

interface StudioProps {
  readonly mapping: Mapping
  readonly onPublished: (version: number) => void
  readonly onReload: () => void
}

/** Rules and field maps of a connection beside its past documents: type, look, try on the last thousands, publish. */
export const Studio = ({ mapping, onPublished, onReload }: StudioProps): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const mayWrite = useScope('replay')
  const maySet = useScope('connections:write') && mayWrite
  const draft = useDraft(mapping)
  const documents = usePastDocuments(mapping.connection_id)
  const entity = search['document'] ?? documents.data?.items[0]?.entity
  const document = usePastDocument(mapping.connection_id, entity)
  const picking = usePicking()
  const preview = usePreview(mapping.connection_id, draft.set, entity)
  const [publishing, setPublishing] = useState(false)
  const { set, change } = draft
  const open = (chosen: string): void => setSearch({ document: chosen }, true)
  return (
    <div className="col g12">
      <div className="map-studio">
        <Documents id={mapping.connection_id} chosen={entity} onChoose={open} />
        <section className="card map-pane" aria-label={t('mappings.rules')}>
          <div className="pad">
            <DraftBar mapping={mapping} draft={draft} mayWrite={mayWrite} onPublish={() => setPublishing(true)} onReload={onReload} />
          </div>
          <div className="map-scroll pad col g16" tabIndex={0} role="region" aria-label={t('mappings.rules')}>
            {mapping.setting_names.map((name) => (
              <SettingEditor
                key={name}
                name={name}
                value={set.settings[name]}
                writtenOut={mapping.written_out[name]}
                problems={problemsOf(name, [draft.error, preview.error])}
                raw={document.data?.text ?? ''}
                picking={picking}
                mayWrite={maySet}
                onChange={(value) => change({ ...set, settings: withSetting(set.settings, name, value) })}
              />
            ))}
            {kinds.map((kind) => (
              <RuleRows
                key={kind}
                kind={kind}
                rules={set.rules}
                entity={entity}
                mayWrite={mayWrite}
                onChange={(rules) => change({ ...set, rules })}
              />
            ))}
            <TableFiles id={mapping.connection_id} rules={set.rules} mayWrite={mayWrite} onChange={(rules) => change({ ...set, rules })} />
          </div>
        </section>
        <PreviewPane id={mapping.connection_id} entity={entity} preview={preview} picking={picking} />
      </div>
      <DryRunPanel id={mapping.connection_id} draft={draft.version} unsaved={draft.unsaved} mayRun={mayWrite} onOpen={open} />
      {publishing && (
        <PublishDialog
          title={t('mappings.publishTitle', { version: mapping.version + 1 })}
          action={t('mappings.publish')}
          text={t('mappings.publishText')}
          publish={(body) => publishMapping(mapping.connection_id, draft.version, body)}
          onDone={onPublished}
          onClose={() => setPublishing(false)}
        />
      )}
    </div>
  )
}

/** A setting that is emptied is unset. */
const withSetting = (settings: Mapping['settings'], name: string, value: unknown): Mapping['settings'] =>
  Object.fromEntries(Object.entries({ ...settings, [name]: value }).filter(([, each]) => each !== undefined))
