import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { useKeys } from '../../api/admin.ts'
import { addPlace, changePlace, placeKinds, usePlaces } from '../../api/places.ts'
import type { StockPlace } from '../../api/places.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { Status } from '../../ui/status.tsx'
import { Dialog, Field } from './dialog.tsx'

const anybody = 'anybody'
const owners = ['console', 'file'] as const

/** Who may write the counts of a place, in words; a key by its name where it may be seen. */
const useOwnerName = (): ((owner: string | null) => string) => {
  const { t } = useWords()
  const keys = useKeys()
  return (owner) => {
    if (owner === null) return t('places.anybody')
    if (owner === 'console' || owner === 'file') return t(`places.owner.${owner}`)
    const key = keys.data?.items.find((one) => `key:${one.id}` === owner)
    return key === undefined ? owner : t('places.ownerKey', { name: key.name })
  }
}

const Editor = ({ place, onClose }: { readonly place: StockPlace | undefined; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const keys = useKeys()
  const nameOf = useOwnerName()
  const [id, setId] = useState(place?.id ?? '')
  const [name, setName] = useState(place?.name ?? '')
  const [kind, setKind] = useState(place?.kind ?? placeKinds[0])
  const [priority, setPriority] = useState<number | null>(place?.priority ?? 100)
  const [sellable, setSellable] = useState(place?.sellable ?? true)
  const [owner, setOwner] = useState(place?.owner ?? anybody)
  const named = [...owners, ...(keys.data?.items ?? []).filter((key) => key.revoked_at === null).map((key) => `key:${key.id}`)]
  const choices = [...new Set([...named, ...(owner === anybody ? [] : [owner])])]
  const body = { name: name.trim() === '' ? id : name.trim(), kind, priority: priority ?? 100, sellable, owner: owner === anybody ? null : owner }
  return (
    <Dialog
      title={place === undefined ? t('places.add') : t('places.change', { name: place.name })}
      ready={/^[A-Za-z0-9][A-Za-z0-9_.-]{0,59}$/.test(id)}
      save={() => (place === undefined ? addPlace({ id, ...body }) : changePlace(place.id, body))}
      saved={t('places.saved', { name: body.name })}
      onClose={onClose}
    >
      {place === undefined && (
        <Field label={t('places.id')} hint={t('places.idHint')}>
          <Input autoFocus value={id} maxLength={60} onChange={(event) => setId(event.target.value.trim())} />
        </Field>
      )}
      <Field label={t('places.name')}>
        <Input value={name} maxLength={120} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t('places.kind')}>
        <Select
          aria-label={t('places.kind')}
          value={kind}
          onChange={(value) => {
            setKind(value)
            setSellable(value === 'warehouse' || value === 'store')
          }}
          options={placeKinds.map((one) => ({ value: one, label: t(`places.kinds.${one}`) }))}
        />
      </Field>
      <Field label={t('places.priority')} hint={t('places.priorityHint')}>
        <InputNumber min={0} max={100_000} precision={0} value={priority} onChange={setPriority} />
      </Field>
      <Checkbox checked={sellable} onChange={(event) => setSellable(event.target.checked)}>
        {t('places.sellableHint')}
      </Checkbox>
      <Field label={t('places.whoCounts')} hint={t('places.ownerHint')}>
        <Select
          aria-label={t('places.whoCounts')}
          value={owner}
          onChange={setOwner}
          options={[{ value: anybody, label: t('places.anybody') }, ...choices.map((one) => ({ value: one, label: nameOf(one) }))]}
        />
      </Field>
    </Dialog>
  )
}

const words = ['places.name', 'places.kind', 'places.priority', 'places.sale', 'places.whoCounts', 'places.skus'] as const

/** Places where goods are, in the order in which orders take from them. */
export const PlacesTab = (): ReactElement => {
  const { t } = useWords()
  const places = usePlaces()
  const nameOf = useOwnerName()
  const [editing, setEditing] = useState<StockPlace | 'new' | undefined>(undefined)
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('places.tab.places')}>
      <div className="card-head">
        <h2 className="grow">{t('places.tab.places')}</h2>
        <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setEditing('new')}>
          {t('places.add')}
        </Button>
      </div>
      {places.isError ? (
        <Failed error={places.error} what={t('places.title')} />
      ) : places.data === undefined ? (
        <Skeleton rows={3} />
      ) : (
        <table className="grid">
          <HeadRow words={words} figures={['places.priority', 'places.skus']} actions />
          <tbody>
            {places.data.items.map((place) => (
              <tr key={place.id}>
                <td>
                  <div className="m5 break">{place.name}</div>
                  <div className="s12 t3 mono">{place.id}</div>
                </td>
                <td className="nw">{t(`places.kinds.${place.kind}`)}</td>
                <td className="n">{formatCount(place.priority)}</td>
                <td className="nw">
                  <Status kind={place.sellable ? 'ok' : 'paused'}>{t(place.sellable ? 'places.forSale' : 'places.notForSale')}</Status>
                </td>
                <td className="break">{nameOf(place.owner)}</td>
                <td className="n">{formatCount(place.skus)}</td>
                <td className="n">
                  <Button size="small" onClick={() => setEditing(place)} aria-label={t('places.change', { name: place.name })}>
                    {t('places.edit')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing !== undefined && <Editor place={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
    </section>
  )
}
