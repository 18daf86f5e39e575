import { Link } from '@tanstack/react-router'
import { Select } from 'antd'
import type { ReactElement } from 'react'
import { planFile, planViews, usePlan, useSuppliers } from '../../api/stock-plan.ts'
import type { PlanView } from '../../api/stock-plan.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { TextFilter } from '../../ui/text-filter.tsx'
import { Ago } from '../../ui/time.tsx'
import { ImportSupply } from './import-supply.tsx'
import { OrdersTab } from './orders.tsx'
import { Proposals } from './proposals.tsx'
import { SuppliersTab } from './suppliers.tsx'
import { PlanTable } from './table.tsx'

const tabs = [...planViews, 'orders', 'suppliers'] as const

const Filters = ({ view }: { readonly view: PlanView }): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const suppliers = useSuppliers()
  return (
    <div className="row g8 wrap" style={{ marginBottom: 8 }}>
      <TextFilter name="q" label={t('stock.search')} />
      <Select
        allowClear
        style={{ minWidth: 180 }}
        aria-label={t('plan.supplier')}
        placeholder={t('plan.anySupplier')}
        value={search['supplier'] ?? null}
        onChange={(id: string | undefined) => setSearch({ supplier: id })}
        options={(suppliers.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
      />
      {(view === 'out' || view === 'over') && (
        <Select
          aria-label={t(`plan.within.${view}`)}
          value={search['days'] ?? (view === 'out' ? '14' : '90')}
          onChange={(days: string) => setSearch({ days })}
          options={(view === 'out' ? ['7', '14', '30', '60'] : ['60', '90', '180', '365']).map((days) => ({
            value: days,
            label: t(`plan.within.${view}Days`, { days }),
          }))}
        />
      )}
      <span className="end row g12">
        <ImportSupply />
        {(['csv', 'xlsx'] as const).map((format) => (
          <a key={format} className="row g6 t2 m5 nw" href={planFile(filtersOf(view, search), format)} download>
            <Icon name="download" />
            {format.toUpperCase()}
          </a>
        ))}
      </span>
    </div>
  )
}

const dayMs = 86_400_000
/** Whole days, so that the same filter is the same question for a while. */
const inDays = (days: number): string => new Date(Math.floor(Date.now() / dayMs + 1 + days) * dayMs).toISOString()

const filtersOf = (view: PlanView, search: Readonly<Record<string, string | undefined>>) => ({
  view,
  q: search['q'],
  supplier: search['supplier'],
  before: view === 'out' ? inDays(Number(search['days'] ?? 14)) : undefined,
  over_days: view === 'over' ? Number(search['days'] ?? 90) : undefined,
})

const PlanList = ({ view }: { readonly view: PlanView }): ReactElement => {
  const { t } = useWords()
  const [search] = useAddress()
  const plan = usePlan(filtersOf(view, search))
  const { query, items } = plan
  const empty = (
    <State icon="box" title={t(`plan.none.${view}`)}>
      {plan.measuredAt === null ? t('plan.notMeasured') : t('plan.noneHint')}
    </State>
  )
  return (
    <>
      <Filters view={view} />
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t(`plan.tab.${view}`)}>
        <Loaded query={query} what={t('plan.title')} count={items.length} height={48} empty={empty}>
          {view === 'proposals' ? <Proposals rows={items} supplier={search['supplier']} /> : <PlanTable rows={items} view={view} />}
        </Loaded>
        <MoreButton query={query} />
      </section>
      {plan.measuredAt !== null && plan.measuredAt !== undefined && (
        <p className="s12 t3" style={{ paddingTop: 8 }}>
          {t('plan.measured')} <Ago at={plan.measuredAt} />
          {t('plan.measuredEnd')} {t('plan.formula')}
        </p>
      )}
    </>
  )
}

const PlanPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const tab = tabs.find((one) => one === search['tab']) ?? 'low'
  const { totals } = usePlan({ view: 'low', q: search['q'], supplier: search['supplier'] })
  const view = planViews.find((one) => one === tab)
  const countOf = (one: (typeof tabs)[number]): string => {
    const known = planViews.find((each) => each === one)
    return known === undefined || totals === undefined || known === 'turnover' || known === 'all' ? '' : ` ${formatCount(totals[known])}`
  }
  return (
    <>
      <div className="ph">
        <h1>{t('plan.title')}</h1>
        <div className="seg">
          {tabs.map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={one === tab}
              onClick={() => setSearch({ tab: one === 'low' ? undefined : one, days: undefined })}
            >
              {t(`plan.tab.${one}`)}
              {countOf(one)}
            </button>
          ))}
        </div>
        <Link to="/stock" className="row g6 m5 end">
          <Icon name="box" />
          {t('nav.stock')}
        </Link>
      </div>
      <p className="t2" style={{ marginBottom: 12 }}>
        {t(`plan.text.${tab}`)}
      </p>
      {view !== undefined ? <PlanList key={view} view={view} /> : tab === 'orders' ? <OrdersTab /> : <SuppliersTab />}
    </>
  )
}

export default PlanPage
