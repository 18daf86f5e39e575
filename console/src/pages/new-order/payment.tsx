import { Input, Select } from 'antd'
import type { ReactElement } from 'react'
import { useWords } from '../../i18n/use-words.ts'
import { payments } from './draft.ts'
import type { Draft, Errors } from './draft.ts'
import { Field, Labelled } from './field.tsx'

/** Shipping, reductions, how it is paid, and what else was said. */
export const Payment = ({
  draft,
  errors,
  onChange,
  onLeave,
}: {
  readonly draft: Draft
  readonly errors: Errors
  readonly onChange: (change: Partial<Draft>) => void
  readonly onLeave: (field: string) => void
}): ReactElement => {
  const { t } = useWords()
  const amount = (field: 'shipping' | 'discount' | 'paid'): ReactElement => (
    <Field
      name={t(`entry.${field === 'discount' ? 'orderDiscount' : field}`)}
      value={draft[field]}
      error={errors[field]}
      inputMode="decimal"
      maxLength={20}
      placeholder="0.00"
      onChange={(text) => onChange({ [field]: text })}
      onLeave={() => onLeave(field)}
    />
  )
  return (
    <>
      <section className="card sect col g12">
        <h2>{t('entry.money')}</h2>
        <div className="entry-row n3">
          {amount('shipping')}
          {amount('discount')}
          <Labelled name={t('entry.payment')}>
            {({ id }) => (
              <Select
                id={id}
                value={draft.payment}
                options={payments.map((one) => ({ value: one, label: t(`entry.paymentState.${one}`) }))}
                onChange={(payment) => onChange({ payment })}
              />
            )}
          </Labelled>
        </div>
        <div className={`entry-row n${draft.payment === 'partially_paid' ? 3 : 2}`}>
          {draft.payment === 'partially_paid' && amount('paid')}
          <Field name={t('entry.method')} value={draft.method} maxLength={60} onChange={(method) => onChange({ method })} />
          <Field name={t('entry.reference')} value={draft.reference} maxLength={100} onChange={(reference) => onChange({ reference })} />
        </div>
      </section>
      <section className="card sect col g12">
        <h2>{t('entry.notes')}</h2>
        {(['buyerNote', 'sellerNote'] as const).map((field) => (
          <Labelled key={field} name={t(`entry.${field}`)}>
            {({ id }) => (
              <Input.TextArea
                id={id}
                rows={2}
                maxLength={2000}
                value={draft[field]}
                onChange={(event) => onChange({ [field]: event.target.value })}
              />
            )}
          </Labelled>
        ))}
      </section>
    </>
  )
}
