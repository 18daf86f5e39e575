import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { rollbackMapping, useDifference, useVersions } from '../../api/mappings.ts'
import type { MappingRule, MappingVersion } from '../../api/mappings.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { Skeleton, State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'
import { PublishDialog } from './publish-dialog.tsx'
import { settingChanges } from './setting-changes.ts'

/** What a rule says, in a line. */
const useRuleText = (): ((rule: MappingRule) => string) => {
  const { t } = useWords()
  return ({ kind, from, to, field, entity }) => t(`fixes.rule.${kind}`, { from, to, field, entity })
}

const Difference = ({ id, version }: { readonly id: string; readonly version: number }): ReactElement => {
  const { t, label } = useWords()
  const text = useRuleText()
  const { data } = useDifference(id, version, true)
  if (data === undefined) return <Skeleton rows={2} />
  return (
    <ul className="map-diff s12">
      {data.added.map((rule, index) => (
        <li key={`a${index}`}>
          <Icon name="plus" tone="ok" small /> {text(rule)}
        </li>
      ))}
      {data.changed.map(({ before, after }, index) => (
        <li key={`c${index}`}>
          <Icon name="arrow" tone="prog" small /> <s className="t3">{before.to}</s> {text(after)}
        </li>
      ))}
      {data.removed.map((rule, index) => (
        <li key={`r${index}`}>
          <Icon name="minus" tone="bad" small /> {text(rule)}
        </li>
      ))}
      {data.settings_changed.flatMap(({ name, before, after }) =>
        settingChanges(before, after).map((change) => (
          <li key={`${name}${change.path}`} className="break">
            <Icon name="arrow" tone="prog" small /> {label('mappingSetting', name)} <span className="mono">{change.path}</span>{' '}
            <s className="t3 mono">{change.from === '' ? t('replay.empty') : change.from}</s>{' '}
            <span className="mono">{change.to === '' ? t('replay.empty') : change.to}</span>
          </li>
        )),
      )}
    </ul>
  )
}

interface RowProps {
  readonly id: string
  readonly version: MappingVersion
  readonly isLive: boolean
  readonly onRestore: ((version: number) => void) | undefined
}

const Row = ({ id, version, isLive, onRestore }: RowProps): ReactElement => {
  const { t } = useWords()
  const [open, setOpen] = useState(isLive)
  const origin =
    version.origin === 'rollback' ? t('mappings.origin.rollback', { version: version.restored ?? 0 }) : t(`mappings.origin.${version.origin}`)
  return (
    <li className="col g6">
      <div className="row g12 wrap">
        <span className={`tag ${isLive ? 'ok' : ''}`}>{t('mappings.version', { version: version.version })}</span>
        <span className="grow col">
          <span className="break">{version.reason}</span>
          <span className="s12 t3">
            {origin} · {version.author.replace(/^(user|key):/, '')} · <Ago at={version.at} />
          </span>
        </span>
        <Button size="small" type="link" aria-expanded={open} onClick={() => setOpen(!open)}>
          {t('mappings.difference')}
        </Button>
        {!isLive && onRestore !== undefined && (
          <Button size="small" icon={<Icon name="replay" />} onClick={() => onRestore(version.version)}>
            {t('mappings.bringBack')}
          </Button>
        )}
      </div>
      {version.override_reason !== null && (
        <div className="note warn s12">
          <Icon name="failed" />
          <span className="break">
            {t('mappings.wasPublishedAnyway', { count: version.failing?.length ?? 0 })} “{version.override_reason}”
          </span>
        </div>
      )}
      {open && <Difference id={id} version={version.version} />}
    </li>
  )
}

interface VersionsProps {
  readonly id: string
  readonly live: number
  readonly mayWrite: boolean
  readonly onPublished: (version: number) => void
}

/** Who decided what about the documents of a connection, when and why; each version can be brought back. */
export const Versions = ({ id, live, mayWrite, onPublished }: VersionsProps): ReactElement => {
  const { t } = useWords()
  const { items, query } = useVersions(id)
  const [restored, setRestored] = useState<number | undefined>(undefined)
  return (
    <section className="card" aria-label={t('mappings.versions')}>
      <Loaded
        query={query}
        what={t('mappings.versions')}
        count={items.length}
        rows={4}
        empty={<State icon="file" title={t('mappings.noVersions')} />}
      >
        <ul className="map-versions">
          {items.map((version) => (
            <Row key={version.version} id={id} version={version} isLive={version.version === live} onRestore={mayWrite ? setRestored : undefined} />
          ))}
          {mayWrite && live > 0 && (
            <li className="row g12">
              <span className="tag">{t('mappings.version', { version: 0 })}</span>
              <span className="grow t2">{t('mappings.asSetUp')}</span>
              <Button size="small" icon={<Icon name="replay" />} onClick={() => setRestored(0)}>
                {t('mappings.bringBack')}
              </Button>
            </li>
          )}
        </ul>
        <MoreButton query={query} />
      </Loaded>
      {restored !== undefined && (
        <PublishDialog
          title={t('mappings.bringBackTitle', { version: restored })}
          action={t('mappings.bringBack')}
          text={t('mappings.bringBackText')}
          publish={(body) => rollbackMapping(id, restored, body)}
          onDone={(version) => {
            setRestored(undefined)
            onPublished(version)
          }}
          onClose={() => setRestored(undefined)}
        />
      )}
    </section>
  )
}
