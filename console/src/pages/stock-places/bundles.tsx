import { Button, InputNumber } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { removeBundle, setBundle, useBundles } from '../../api/places.ts'
import type { Bundle } from '../../api/places.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { MoreButton } from '../../ui/more-button.tsx'
import { SkuPicker } from '../../ui/sku-picker.tsx'
import { State } from '../../ui/state.tsx'
import { Dialog, Field } from './dialog.tsx'

interface DraftPart {
  readonly sku: string | undefined
  readonly quantity: number | null
}

const Editor = ({ bundle, onClose }: { readonly bundle: Bundle | undefined; readonly onClose: () => void }): ReactElement => {
  const { t } = useWords()
  const [sku, setSku] = useState(bundle?.sku)
  const [parts, setParts] = useState<readonly DraftPart[]>(
    bundle?.parts.map((part) => ({ sku: part.sku, quantity: Number(part.quantity) })) ?? [{ sku: undefined, quantity: 1 }],
  )
  const change = (at: number, part: DraftPart): void => setParts(parts.map((one, index) => (index === at ? part : one)))
  const whole = parts.flatMap((part) =>
    part.sku === undefined || part.quantity === null || part.quantity <= 0 ? [] : [{ sku: part.sku, quantity: String(part.quantity) }],
  )
  return (
    <Dialog
      title={bundle === undefined ? t('places.addBundle') : t('places.change', { name: bundle.sku })}
      ready={sku !== undefined && whole.length > 0 && whole.length === parts.length}
      save={() => setBundle(sku ?? '', whole)}
      saved={t('places.saved', { name: sku ?? '' })}
      onClose={onClose}
    >
      {bundle === undefined && (
        <Field label={t('places.bundle')}>
          <SkuPicker value={sku} onChange={setSku} label={t('places.bundle')} />
        </Field>
      )}
      <div className="col g8" role="group" aria-label={t('places.parts')}>
        <span className="m5">{t('places.parts')}</span>
        {parts.map((part, index) => (
          <div key={index} className="row g8">
            <InputNumber
              aria-label={t('places.pieces', { n: index + 1 })}
              min={0.000001}
              value={part.quantity}
              onChange={(quantity) => change(index, { ...part, quantity })}
              style={{ width: 88 }}
            />
            <span className="t3">×</span>
            <span className="grow">
              <SkuPicker value={part.sku} onChange={(picked) => change(index, { ...part, sku: picked })} label={t('places.part', { n: index + 1 })} />
            </span>
            <button
              type="button"
              className="icb"
              aria-label={t('places.dropPart', { n: index + 1 })}
              onClick={() => setParts(parts.filter((_, at) => at !== index))}
            >
              <Icon name="close" />
            </button>
          </div>
        ))}
        <div>
          <Button size="small" icon={<Icon name="plus" />} onClick={() => setParts([...parts, { sku: undefined, quantity: 1 }])}>
            {t('places.addPart')}
          </Button>
        </div>
      </div>
      <p className="s12 t3">{t('places.bundleHint')}</p>
    </Dialog>
  )
}

/** SKUs that are made of others. */
export const BundlesTab = (): ReactElement => {
  const { t } = useWords()
  const bundles = useBundles()
  const [editing, setEditing] = useState<Bundle | 'new' | undefined>(undefined)
  const [removing, setRemoving] = useState<Bundle | undefined>(undefined)
  const { query, items } = bundles
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('places.tab.bundles')}>
      <div className="card-head">
        <h2 className="grow">{t('places.tab.bundles')}</h2>
        <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setEditing('new')}>
          {t('places.addBundle')}
        </Button>
      </div>
      <Loaded query={query} what={t('places.tab.bundles')} count={items.length} empty={<State icon="box" title={t('places.noBundles')} />}>
        <table className="grid">
          <HeadRow words={['places.bundle', 'places.parts']} actions />
          <tbody>
            {items.map((bundle) => (
              <tr key={bundle.sku}>
                <td>
                  <div className="m5 break">{bundle.sku}</div>
                  {bundle.title !== '' && <div className="s12 t2 break">{bundle.title}</div>}
                </td>
                <td className="break">{bundle.parts.map((part) => `${part.quantity} × ${part.sku}`).join(' · ')}</td>
                <td className="n nw">
                  <Button size="small" onClick={() => setEditing(bundle)} aria-label={t('places.change', { name: bundle.sku })}>
                    {t('places.edit')}
                  </Button>{' '}
                  <Button size="small" danger onClick={() => setRemoving(bundle)} aria-label={t('places.dissolve', { name: bundle.sku })}>
                    {t('places.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      <MoreButton query={query} />
      {editing !== undefined && <Editor bundle={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {removing !== undefined && (
        <Dialog
          title={t('places.dissolve', { name: removing.sku })}
          ready
          save={() => removeBundle(removing.sku)}
          saved={t('places.dissolved', { name: removing.sku })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('places.dissolveHint')}</p>
        </Dialog>
      )}
    </section>
  )
}
