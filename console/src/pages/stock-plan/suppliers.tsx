import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { addSupplier, changeSupplier, removeSupplier, useMailAccounts, useSuppliers } from '../../api/stock-plan.ts'
import type { Supplier } from '../../api/stock-plan.ts'
import { formatCount } from '../../format/number.ts'
import { useWords } from '../../i18n/use-words.ts'
import { HeadRow } from '../../ui/head-row.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Loaded } from '../../ui/loaded.tsx'
import { State } from '../../ui/state.tsx'
import { Dialog, Field } from '../stock-places/dialog.tsx'

const SupplierDialog = ({ supplier, onClose }: { readonly supplier: Supplier | undefined; readonly onClose: () => void }): ReactElement => {
  const { t, language } = useWords()
  const accounts = useMailAccounts().data?.items ?? []
  const before = supplier?.by_itself ?? null
  const [cap, setCap] = useState<number | null>(before === null ? null : Number(before.pieces_per_day))
  const [account, setAccount] = useState<string | undefined>(before?.account_id ?? undefined)
  const [name, setName] = useState(supplier?.name ?? '')
  const [email, setEmail] = useState(supplier?.email ?? '')
  const [lead, setLead] = useState<number | null>(supplier?.lead_days ?? null)
  const [note, setNote] = useState(supplier?.note ?? '')
  const empty = (text: string): string | null => (text.trim() === '' ? null : text.trim())
  const save = (): Promise<unknown> => {
    const fields = { name: name.trim(), email: empty(email), lead_days: lead, note: empty(note) }
    if (supplier === undefined) return addSupplier(fields)
    // Whoever says it anew answers for it: what was not touched is not said again.
    const same = cap === (before === null ? null : Number(before.pieces_per_day)) && (cap === null || account === (before?.account_id ?? undefined))
    if (same) return changeSupplier(supplier.id, fields)
    return changeSupplier(supplier.id, {
      ...fields,
      by_itself: cap === null ? null : { pieces_per_day: cap, language, ...(account !== undefined && { account_id: account }) },
    })
  }
  return (
    <Dialog
      title={supplier === undefined ? t('plan.addSupplier') : t('places.change', { name: supplier.name })}
      ready={name.trim() !== ''}
      save={save}
      saved={t('places.saved', { name: name.trim() })}
      onClose={onClose}
    >
      <Field label={t('plan.supplierName')}>
        <Input autoFocus value={name} maxLength={120} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label={t('plan.email')}>
        <Input type="email" value={email} maxLength={200} onChange={(event) => setEmail(event.target.value)} />
      </Field>
      <Field label={t('plan.lead')} hint={t('plan.leadHint')}>
        <InputNumber min={0} max={3650} precision={0} value={lead} onChange={setLead} style={{ width: 120 }} />
      </Field>
      <Field label={t('plan.note')}>
        <Input value={note} maxLength={500} onChange={(event) => setNote(event.target.value)} />
      </Field>
      {supplier !== undefined && (
        <Field label={t('plan.byItself')} hint={t('plan.byItselfHint')}>
          <InputNumber min={1} max={1_000_000_000} precision={0} value={cap} onChange={setCap} style={{ width: 160 }} />
        </Field>
      )}
      {supplier !== undefined && cap !== null && accounts.length > 1 && (
        <Field label={t('plan.byItselfFrom')}>
          <Select
            value={account}
            onChange={setAccount}
            options={accounts.map(({ id, name: of, from }) => ({ value: id, label: `${of} (${from})` }))}
          />
        </Field>
      )}
    </Dialog>
  )
}

const words = ['plan.supplierName', 'plan.email', 'plan.lead', 'places.skus', 'plan.byItself', 'plan.note'] as const

/** Whom goods are ordered from. */
export const SuppliersTab = (): ReactElement => {
  const { t } = useWords()
  const suppliers = useSuppliers()
  const [editing, setEditing] = useState<Supplier | 'new' | undefined>(undefined)
  const [removing, setRemoving] = useState<Supplier | undefined>(undefined)
  const items = suppliers.data?.items ?? []
  return (
    <section className="card" style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={t('plan.tab.suppliers')}>
      <div className="card-head">
        <h2 className="grow">{t('plan.tab.suppliers')}</h2>
        <Button size="small" type="primary" icon={<Icon name="plus" />} onClick={() => setEditing('new')}>
          {t('plan.addSupplier')}
        </Button>
      </div>
      <Loaded query={suppliers} what={t('plan.tab.suppliers')} count={items.length} empty={<State icon="box" title={t('plan.noSuppliers')} />}>
        <table className="grid">
          <HeadRow words={words} figures={['plan.lead', 'places.skus']} actions />
          <tbody>
            {items.map((one) => (
              <tr key={one.id}>
                <td className="m5 break">{one.name}</td>
                <td className="break">{one.email}</td>
                <td className="n nw">{formatCount(one.lead_days)}</td>
                <td className="n nw">{formatCount(one.skus)}</td>
                <td className="break">
                  {one.by_itself !== null && t('plan.byItselfUpTo', { count: Number(one.by_itself.pieces_per_day), by: one.by_itself.author })}
                </td>
                <td className="break">{one.note}</td>
                <td className="n nw">
                  <Button size="small" aria-label={t('places.change', { name: one.name })} onClick={() => setEditing(one)}>
                    {t('places.edit')}
                  </Button>{' '}
                  <Button size="small" danger aria-label={t('plan.removeTitle', { name: one.name })} onClick={() => setRemoving(one)}>
                    {t('plan.remove')}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Loaded>
      {editing !== undefined && <SupplierDialog supplier={editing === 'new' ? undefined : editing} onClose={() => setEditing(undefined)} />}
      {removing !== undefined && (
        <Dialog
          title={t('plan.removeTitle', { name: removing.name })}
          ready
          save={() => removeSupplier(removing.id)}
          saved={t('plan.removed', { name: removing.name })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{t('plan.removeHint')}</p>
        </Dialog>
      )}
    </section>
  )
}
