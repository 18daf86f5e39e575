import { Link } from '@tanstack/react-router'
import type { ReactElement } from 'react'
import { useAddress } from '../../app/use-search.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'
import { ArrivalsTab } from './arrivals.tsx'
import { BundlesTab } from './bundles.tsx'
import { Came } from './came.tsx'
import { PlacesTab } from './places.tsx'

const tabs = ['places', 'bundles', 'arrivals'] as const

const PlacesPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const tab = tabs.find((one) => one === search['tab']) ?? 'places'
  return (
    <>
      <div className="ph">
        <h1>{t('places.title')}</h1>
        <div className="seg">
          {tabs.map((one) => (
            <button key={one} type="button" aria-pressed={one === tab} onClick={() => setSearch({ tab: one === 'places' ? undefined : one })}>
              {t(`places.tab.${one}`)}
            </button>
          ))}
        </div>
        <Link to="/stock" className="row g6 m5 end">
          <Icon name="box" />
          {t('nav.stock')}
        </Link>
      </div>
      <p className="t2" style={{ marginBottom: 12 }}>
        {t(`places.text.${tab}`)}
      </p>
      {tab === 'places' ? (
        <PlacesTab />
      ) : tab === 'bundles' ? (
        <BundlesTab />
      ) : (
        <>
          <ArrivalsTab />
          <Came />
        </>
      )}
    </>
  )
}

export default PlacesPage
