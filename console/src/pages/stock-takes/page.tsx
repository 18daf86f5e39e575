import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useTakes } from '../../api/stock-takes.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Clock } from '../../ui/time.tsx'
import { NewTake } from './new-take.tsx'
import { TakeDetail } from './take.tsx'

const words = ['takes.ref', 'places.name', 'takes.asOf', 'takes.counted', 'takes.different', 'takes.by'] as const

const TakesPage = (): ReactElement => {
  const { t } = useWords()
  const [search, setSearch] = useAddress()
  const [adding, setAdding] = useState(false)
  const { items, query } = useTakes()
  const open = search['take']
  return (
    <>
      <div className="ph">
        <h1>{t('takes.title')}</h1>
        <Link to="/stock" className="row g6 m5 end">
          <Icon name="box" />
          {t('nav.stock')}
        </Link>
      </div>
      <p className="t2" style={{ marginBottom: 12 }}>
        {t('takes.text')}
      </p>
      {adding && (
        <NewTake
          onClose={() => setAdding(false)}
          onBooked={(id) => {
            setAdding(false)
            setSearch({ take: id })
          }}
        />
      )}
      {open !== undefined && <TakeDetail key={open} id={open} onClose={() => setSearch({ take: undefined })} />}
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('takes.title')}>
        <div className="card-head">
          <h2 className="grow">{t('takes.list')}</h2>
          <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setAdding(true)}>
            {t('takes.add')}
          </Button>
        </div>
        <Loaded
          query={query}
          what={t('takes.title')}
          count={items.length}
          empty={
            <State icon="box" title={t('takes.none')}>
              {t('takes.noneHint')}
            </State>
          }
        >
          <table className="grid">
            <HeadRow words={words} figures={['takes.counted', 'takes.different']} />
            <tbody>
              {items.map((take) => (
                <tr key={take.id} aria-selected={take.id === open}>
                  <td style={{ minWidth: 130 }}>
                    <Link to="/stock/takes" search={{ take: take.id }} className="m5 break">
                      {take.ref}
                    </Link>
                  </td>
                  <td>{take.location}</td>
                  <td className="nw">
                    <Clock at={take.as_of} />
                  </td>
                  <td className="n">{formatCount(take.counted)}</td>
                  <td className="n nw">
                    {take.different === 0 ? <Status kind="ok">0</Status> : <Status kind="drift">{formatCount(take.different)}</Status>}
                  </td>
                  <td className="t2 break">{take.created_by}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
    </>
  )
}

export default TakesPage
