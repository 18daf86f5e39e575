import type { ReactElement } from 'react'
import { useMappings } from '../../api/mappings.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Ago } from '../../ui/time.tsx'

/** Every connection with the version of its mapping in force, and whether a draft waits. */
export const MappingList = (): ReactElement => {
  const { t } = useWords()
  const setSearch = useAddress()[1]
  const mappings = useMappings()
  const items = mappings.data?.items ?? []
  return (
    <section className="card map-wide" tabIndex={0} role="region" aria-label={t('mappings.title')}>
      <Loaded query={mappings} what={t('mappings.title')} count={items.length} empty={<State icon="plug" title={t('mappings.noConnections')} />}>
        <table className="grid">
          <thead>
            <tr>
              <th scope="col">{t('common.connection')}</th>
              <th scope="col">{t('mappings.inForce')}</th>
              <th scope="col" className="n">
                {t('mappings.rules')}
              </th>
              <th scope="col">{t('mappings.draft')}</th>
              <th scope="col">{t('mappings.lastChange')}</th>
            </tr>
          </thead>
          <tbody>
            {items.map((row) => (
              <tr key={row.connection_id}>
                <td>
                  <span className="row g8">
                    <Tile title={row.name} small />
                    <button type="button" className="linkish m5" onClick={() => setSearch({ connection: row.connection_id })}>
                      {row.name}
                    </button>
                  </span>
                </td>
                <td>{row.version === 0 ? <span className="t3">{t('mappings.asSetUp')}</span> : t('mappings.version', { version: row.version })}</td>
                <td className="n">{formatCount(row.rules)}</td>
                <td>
                  {row.draft_at === null ? (
                    <span className="t3">—</span>
                  ) : (
                    <span className="tag prog">{t('mappings.draftBy', { name: (row.draft_by ?? '').replace(/^(user|key):/, '') })}</span>
                  )}
                </td>
                <td className="s12 t2">
                  {row.last_at === null ? (
                    '—'
                  ) : (
                    <>
                      {(row.last_by ?? '').replace(/^(user|key):/, '')} · <Ago at={row.last_at} />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
    </section>
  )
}
