import './stock-rules.css'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useMemo, useState } from 'react'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useScope } from '../../api/session.ts'
import { rulesPath, useRules } from '../../api/stock-rules.ts'
import type { Rule, RuleChange } from '../../api/stock-rules.ts'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Editor } from './editor.tsx'
import { History } from './history.tsx'
import { ImportRules } from './import-rules.tsx'
import { PreviewPane } from './preview.tsx'
import { bodyOf, draftOf, emptyDraft } from './rule-form.ts'
import { RuleTable } from './rule-table.tsx'
import type { RuleActions } from './rule-table.tsx'
import { Timeline } from './timeline.tsx'

/** A change somebody asked for and has not looked at yet. */
interface Asked {
  readonly title: string
  readonly change: RuleChange
  readonly moments: readonly string[]
  readonly draftOnly: boolean
}

/** Rules of one plan together, those without a plan last. */
const byPlan = (rules: readonly Rule[]): readonly (readonly [string | null, readonly Rule[]])[] => {
  const plans = [...new Set(rules.map((rule) => rule.plan))].toSorted((a, b) => (a === null ? 1 : b === null ? -1 : a.localeCompare(b)))
  return plans.map((plan) => [plan, rules.filter((rule) => rule.plan === plan)] as const)
}

const Plans = ({ rules, mayWrite, ...actions }: RuleActions & { readonly rules: readonly Rule[]; readonly mayWrite: boolean }): ReactElement => {
  const { t } = useWords()
  const connections = useConnections(60_000)
  const names = useMemo(() => new Map((connections.data?.items ?? []).map((one) => [one.id, one.name])), [connections.data])
  return (
    <div className="col g12">
      {byPlan(rules).map(([plan, own]) => (
        <section key={plan ?? ''} className="card rule-plan" aria-label={plan ?? t('rules.standingRules')}>
          <div className="card-head wrap">
            <h2 className="grow">{plan ?? t('rules.standingRules')}</h2>
            {mayWrite && plan !== null && (
              <>
                {own.some((rule) => !rule.enabled) && (
                  <Button size="small" onClick={() => actions.onSwitch(own, true)}>
                    {t('rules.planOn')}
                  </Button>
                )}
                {own.some((rule) => rule.enabled) && (
                  <Button size="small" onClick={() => actions.onSwitch(own, false)}>
                    {t('rules.planOff')}
                  </Button>
                )}
              </>
            )}
          </div>
          <Timeline rules={own} />
          <RuleTable rules={own} names={names} mayWrite={mayWrite} {...actions} />
        </section>
      ))}
    </div>
  )
}

const Head = ({
  mayWrite,
  onNew,
  onImport,
}: {
  readonly mayWrite: boolean
  readonly onNew: () => void
  readonly onImport: (asked: Asked) => void
}): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  return (
    <div className="ph wrap">
      <h1>{t('rules.title')}</h1>
      <div className="seg">
        {(['rules', 'history'] as const).map((view) => (
          <button
            key={view}
            type="button"
            aria-pressed={(search['view'] ?? 'rules') === view}
            onClick={() => setSearch({ view: view === 'rules' ? undefined : view })}
          >
            {t(`rules.view.${view}`)}
          </button>
        ))}
      </div>
      <span className="end row g8 wrap">
        <Link to="/stock" className="row g6 m5">
          <Icon name="box" />
          {t('nav.stock')}
        </Link>
        <a className="row g6 m5" href={`${rulesPath}/export`} download="stock-rules.csv">
          <Icon name="download" />
          {t('rules.export')}
        </a>
        {mayWrite && (
          <>
            <ImportRules
              onRead={(put) =>
                onImport({
                  title: t('rules.importTitle', { count: put.length }),
                  change: { put },
                  moments: put.flatMap(({ from }) => from ?? []),
                  draftOnly: false,
                })
              }
            />
            <Button type="primary" icon={<Icon name="plus" />} onClick={onNew}>
              {t('rules.new')}
            </Button>
          </>
        )}
      </span>
    </div>
  )
}

const momentsOf = (rules: readonly Rule[]): readonly string[] =>
  [...new Set(rules.flatMap(({ from, until }) => [from, until].flatMap((at) => at ?? [])))].toSorted()

const StockRulesPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const mayWrite = useScope('stock:write')
  const rules = useRules()
  const [asked, setAsked] = useState<Asked | undefined>(undefined)
  const items = rules.data?.items ?? []
  const edited = items.find((rule) => String(rule.id) === search['edit'])
  const close = (): void => {
    setAsked(undefined)
    setSearch({ edit: undefined })
  }
  const actions: RuleActions = {
    onEdit: (rule) => setSearch({ edit: String(rule.id) }),
    onSwitch: (some, on) =>
      setAsked({
        title: t(on ? 'rules.onTitle' : 'rules.offTitle', { names: some.map(({ name }) => name).join(', ') }),
        change: { put: some.filter(({ enabled }) => enabled !== on).map((rule) => ({ ...bodyOf(rule), enabled: on })) },
        moments: momentsOf(some),
        draftOnly: false,
      }),
    onRemove: (rule) =>
      setAsked({
        title: t('rules.removeTitle', { name: rule.name }),
        change: { remove: [rule.id] },
        moments: momentsOf([rule]),
        draftOnly: !rule.enabled,
      }),
  }
  const restore = (version: number): void =>
    setAsked({ title: t('rules.restoreTitle', { version: version + 1 }), change: { restore: version }, moments: [], draftOnly: false })
  const editing = mayWrite && (search['edit'] === 'new' || edited !== undefined)
  return (
    <>
      <Head mayWrite={mayWrite} onNew={() => setSearch({ edit: 'new' })} onImport={setAsked} />
      {asked !== undefined ? (
        <div className="col g12">
          <h2>{asked.title}</h2>
          <PreviewPane
            change={asked.change}
            moments={asked.moments}
            draftOnly={asked.draftOnly}
            action={t('rules.apply')}
            onDone={close}
            onCancel={close}
          />
        </div>
      ) : editing ? (
        <Editor
          key={search['edit']}
          start={edited === undefined ? { ...emptyDraft, plan: search['plan'] ?? '' } : draftOf(edited)}
          wasEnabled={edited?.enabled ?? false}
          onDone={close}
          onCancel={close}
        />
      ) : search['view'] === 'history' ? (
        <History mayWrite={mayWrite} onRestore={restore} />
      ) : (
        <>
          <p className="t2 rule-lead">{t('rules.text')}</p>
          <Loaded
            query={rules}
            what={t('rules.title')}
            count={items.length}
            empty={
              <div className="card">
                <State icon="box" title={t('rules.none')}>
                  {t('rules.noneHint')}
                </State>
              </div>
            }
          >
            <Plans rules={items} mayWrite={mayWrite} {...actions} />
          </Loaded>
        </>
      )}
    </>
  )
}

export default StockRulesPage
