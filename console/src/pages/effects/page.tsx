import { Link } from '@tanstack/react-router'
import { Select } from 'antd'
import type { ReactElement } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useEffects } from '../../api/effects.ts'
import type { EffectRow } from '../../api/orders.ts'
import { useAddress } from '../../app/use-search.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { ConnectionSelect } from '../../ui/connection-select.tsx'
import { effectKinds } from '../../ui/effect-status.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { member, text } from '../../ui/read-doc.ts'
import { useEffectSaid } from '../../ui/said.ts'
import { State } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Ago } from '../../ui/time.tsx'
import { EffectActions } from './effect-actions.tsx'

const states = ['unknown', 'refused', 'pending', 'sending', 'done', 'cancelled'] as const
const kinds = ['stock', 'shipment', 'cancel'] as const

/** What the write says, in a few words: the level, the tracking number, the decision. */
const Subject = ({ effect }: { readonly effect: EffectRow }): ReactElement => {
  const { t, label } = useWords()
  const { intent } = effect
  const listing = effect.listing_key ?? text(member(intent, 'listing_key', 'key'))
  const number = effect.channel_order_no ?? text(member(intent, 'channel_order_no', 'channelOrderNo'))
  const quantity = text(member(intent, 'quantity'))
  const tracking = text(member(intent, 'tracking_no', 'trackingNo'))
  const decision = text(member(intent, 'decision'))
  return (
    <div className="col">
      <span className="m5 break">
        {effect.order_id !== null && effect.order_id !== undefined ? (
          <Link to="/orders/$id" params={{ id: effect.order_id }}>
            {number ?? effect.order_id}
          </Link>
        ) : (
          (effect.sku ?? text(member(intent, 'sku')) ?? listing ?? '—')
        )}
      </span>
      <span className="s12 t2 break">
        {[
          quantity === undefined ? undefined : t('effects.setTo', { value: formatCount(quantity) }),
          tracking,
          decision === undefined ? undefined : label('decision', decision),
          effect.kind === 'stock' ? listing : undefined,
        ]
          .filter((part) => part !== undefined)
          .join(' · ')}
      </span>
    </div>
  )
}

const Row = ({ effect, name }: { readonly effect: EffectRow; readonly name: string }): ReactElement => {
  const { t, label } = useWords()
  const said = useEffectSaid()(effect)
  return (
    <tr>
      <td>
        <Status kind={effectKinds[effect.state]}>{label('effectState', effect.state)}</Status>
      </td>
      <td>{label('effectKind', effect.kind)}</td>
      <td>
        <Subject effect={effect} />
      </td>
      <td>
        <span className="row g8">
          <Tile title={name} small />
          <span className="el">{name}</span>
        </span>
      </td>
      <td className="break">
        {said !== '' && <span className="t2">{said}</span>} {(effect.code ?? '') !== '' && <span className="mono t3">{effect.code}</span>}
      </td>
      <td className="n nw">{t('effects.attempts', { count: effect.attempts })}</td>
      <td className="nw">
        <Ago at={effect.settled_at ?? effect.sent_at ?? effect.created_at} className="t3" />
      </td>
      <td>
        <EffectActions effect={effect} />
      </td>
    </tr>
  )
}

const words = ['effects.state', 'effects.kind', 'effects.subject', 'common.connection', 'effects.answer', 'effects.tries', 'effects.when'] as const

const NoEffects = ({ filtered }: { readonly filtered: boolean }): ReactElement => {
  const { t } = useWords()
  return (
    <State icon="send" title={t(filtered ? 'common.noMatch' : 'effects.none')}>
      {t('effects.noneHint')}
    </State>
  )
}

const EffectsPage = (): ReactElement => {
  const { t, label } = useWords()
  const [search, setSearch] = useAddress()
  const effects = useEffects({ state: search['state'], kind: search['kind'], connection: search['connection'] })
  const connections = useConnections(30_000)
  const nameOf = (id: string): string => connections.data?.items.find((one) => one.id === id)?.name ?? id
  const { query, items } = effects
  return (
    <>
      <div className="ph">
        <h1>{t('nav.effects')}</h1>
        <div className="seg">
          <button type="button" aria-pressed={search['state'] === undefined} onClick={() => setSearch({ state: undefined })}>
            {t('common.all')}
          </button>
          {states.map((state) => (
            <button key={state} type="button" aria-pressed={search['state'] === state} onClick={() => setSearch({ state })}>
              {label('effectState', state)}
            </button>
          ))}
        </div>
        <Select
          aria-label={t('effects.kind')}
          style={{ width: 150 }}
          value={search['kind'] ?? ''}
          onChange={(kind) => setSearch({ kind })}
          options={[{ value: '', label: t('effects.allKinds') }, ...kinds.map((kind) => ({ value: kind, label: label('effectKind', kind) }))]}
        />
        <ConnectionSelect />
      </div>
      <p className="t2" style={{ marginBottom: 12 }}>
        {t('effects.text')}
      </p>
      <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('nav.effects')}>
        <Loaded query={query} what={t('nav.effects')} count={items.length} height={48} empty={<NoEffects filtered={search['state'] !== undefined} />}>
          <table className="grid">
            <HeadRow words={words} figures={['effects.tries']} actions />
            <tbody>
              {items.map((effect) => (
                <Row key={effect.id} effect={effect} name={nameOf(effect.connection_id)} />
              ))}
            </tbody>
          </table>
        </Loaded>
        <MoreButton query={query} />
      </section>
    </>
  )
}

export default EffectsPage
