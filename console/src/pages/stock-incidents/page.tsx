import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useIncidents } from '../../api/incidents.ts'
import type { Incident } from '../../api/incidents.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'
import { Cause } from './cause.tsx'

const views = ['open', 'closed', 'all'] as const
const words = ['incidents.item', 'incidents.missing', 'incidents.why', 'incidents.since'] as const

const Row = ({ incident, nameOf }: { readonly incident: Incident; readonly nameOf: (id: string) => string }): ReactElement => {
  const { t } = useWords()
  const [first] = incident.causes
  const isOpen = incident.closed_at === null
  return (
    <tr>
      <td>
        <div className="col">
          <Link to="/stock/incidents/$id" params={{ id: incident.id }} className="m5 break">
            {incident.sku}
          </Link>
          {incident.title !== incident.sku && <span className="s12 t2 break">{incident.title}</span>}
        </div>
      </td>
      <td className="n nw">
        {isOpen ? (
          <Status kind="oversell">{t('incidents.shortNow', { value: formatCount(incident.short_now) })}</Status>
        ) : (
          <Status kind="ok">{t('incidents.isOver')}</Status>
        )}
        <div className="s12 t3">{t('incidents.shortMost', { value: formatCount(incident.short_most) })}</div>
      </td>
      <td className="break">{first === undefined ? t('incidents.noCause') : <Cause cause={first} nameOf={nameOf} />}</td>
      <td className="nw">
        <Ago at={incident.opened_at} className="t3" />
      </td>
    </tr>
  )
}

const IncidentsPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const view = views.find((one) => one === search['view']) ?? 'open'
  const incidents = useIncidents({ state: view === 'all' ? undefined : view })
  const connections = useConnections(30_000)
  const nameOf = (id: string): string => connections.data?.items.find((one) => one.id === id)?.name ?? id
  const { query, items } = incidents
  const empty = (
    <State icon="box" title={t(view === 'closed' ? 'incidents.noneClosed' : 'incidents.none')}>
      {t('incidents.noneHint')}
    </State>
  )
  return (
    <>
      <div className="ph">
        <h1>{t('incidents.title')}</h1>
        <div className="seg">
          {views.map((one) => (
            <button key={one} type="button" aria-pressed={one === view} onClick={() => setSearch({ view: one === 'open' ? undefined : one })}>
              {t(`incidents.view.${one}`)}
            </button>
          ))}
        </div>
        <Link to="/stock" className="row g6 m5 end">
          <Icon name="box" />
          {t('nav.stock')}
        </Link>
      </div>
      <p className="t2" style={{ marginBottom: 12 }}>
        {t('incidents.text')}
      </p>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('incidents.title')}>
        <Loaded query={query} what={t('incidents.title')} count={items.length} height={48} empty={empty}>
          <table className="grid">
            <HeadRow words={words} figures={['incidents.missing']} />
            <tbody>
              {items.map((incident) => (
                <Row key={incident.id} incident={incident} nameOf={nameOf} />
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
    </>
  )
}

export default IncidentsPage
