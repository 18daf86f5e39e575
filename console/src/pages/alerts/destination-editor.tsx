import { Button, Checkbox, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { addDestination, changeDestination, destinationKinds } from '../../api/alerts.ts'
import type { Destination } from '../../api/alerts.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Dialog, Field } from '../stock-places/dialog.tsx'
import { draftOf, emptyForm, formOf, isReady, newWebhookSecret } from './destination-form.ts'
import type { DestinationForm } from './destination-form.ts'

interface PartProps {
  readonly form: DestinationForm
  readonly set: (change: Partial<DestinationForm>) => void
}

const MailFields = ({ form, set }: PartProps): ReactElement => {
  const { t } = useWords()
  return (
    <>
      <div className="row g8 wrap top-aligned">
        <Field label={t('alerts.host')}>
          <Input value={form.host} autoComplete="off" onChange={(event) => set({ host: event.target.value })} />
        </Field>
        <Field label={t('alerts.port')}>
          <InputNumber min={1} max={65_535} precision={0} value={form.port} onChange={(port) => set({ port })} />
        </Field>
        <Field label={t('alerts.security')}>
          <Select
            aria-label={t('alerts.security')}
            style={{ width: 140 }}
            value={form.security}
            onChange={(security) => set({ security })}
            options={(['tls', 'starttls', 'none'] as const).map((one) => ({ value: one, label: t(`alerts.securities.${one}`) }))}
          />
        </Field>
      </div>
      <Field label={t('alerts.from')}>
        <Input value={form.from} placeholder="hub@example.com" autoComplete="off" onChange={(event) => set({ from: event.target.value })} />
      </Field>
      <Field label={t('alerts.to')} hint={t('alerts.toHint')}>
        <Input value={form.to} autoComplete="off" onChange={(event) => set({ to: event.target.value })} />
      </Field>
      {form.security !== 'none' && (
        <div className="row g8 wrap top-aligned">
          <Field label={t('alerts.user')}>
            <Input value={form.user} autoComplete="off" onChange={(event) => set({ user: event.target.value })} />
          </Field>
          <Field label={t('alerts.password')}>
            <Input.Password value={form.password} autoComplete="new-password" onChange={(event) => set({ password: event.target.value })} />
          </Field>
        </div>
      )}
    </>
  )
}

const AddressFields = ({ form, set }: PartProps): ReactElement => {
  const { t } = useWords()
  return (
    <>
      <Field label={t('alerts.url')} hint={t(`alerts.urlHint.${form.kind}`)}>
        <Input value={form.url} autoComplete="off" spellCheck={false} onChange={(event) => set({ url: event.target.value })} />
      </Field>
      {form.kind !== 'wecom' && (
        <Field label={t('alerts.secret')} hint={t(`alerts.secretHint.${form.kind}`)}>
          <Input value={form.secret} autoComplete="off" spellCheck={false} onChange={(event) => set({ secret: event.target.value })} />
        </Field>
      )}
      {form.kind === 'webhook' && (
        <div>
          <Button size="small" onClick={() => set({ secret: newWebhookSecret() })}>
            {t('alerts.makeSecret')}
          </Button>
        </div>
      )}
    </>
  )
}

/** Where messages go, in what words, and when not. */
export const DestinationEditor = ({ one, onClose }: { readonly one: Destination | undefined; readonly onClose: () => void }): ReactElement => {
  const { t, language } = useWords()
  const [form, setForm] = useState<DestinationForm>(one === undefined ? emptyForm(language) : formOf(one))
  const set = (change: Partial<DestinationForm>): void => setForm((before) => ({ ...before, ...change }))
  const save = (): Promise<unknown> => {
    const { kind, ...rest } = draftOf(form)
    return one === undefined ? addDestination({ kind, ...rest }) : changeDestination(one, rest)
  }
  return (
    <Dialog
      title={one === undefined ? t('alerts.addDestination') : one.name}
      ready={isReady(form)}
      save={save}
      saved={t('alerts.destinationSaved')}
      onClose={onClose}
    >
      {one === undefined && (
        <Field label={t('alerts.kind')}>
          <Select
            aria-label={t('alerts.kind')}
            value={form.kind}
            onChange={(kind) => set({ kind })}
            options={destinationKinds.map((kind) => ({ value: kind, label: t(`alerts.kinds.${kind}`) }))}
          />
        </Field>
      )}
      <Field label={t('alerts.destinationName')}>
        <Input autoFocus value={form.name} maxLength={120} onChange={(event) => set({ name: event.target.value })} />
      </Field>
      {form.kind === 'email' ? <MailFields form={form} set={set} /> : <AddressFields form={form} set={set} />}
      <div className="row g8 wrap top-aligned">
        <Field label={t('alerts.language')}>
          <Select
            aria-label={t('alerts.language')}
            style={{ width: 140 }}
            value={form.language}
            onChange={(chosen) => set({ language: chosen })}
            options={[
              { value: 'zh-CN', label: '中文' },
              { value: 'en', label: 'English' },
            ]}
          />
        </Field>
        <Field label={t('alerts.timezone')}>
          <Input value={form.timezone} onChange={(event) => set({ timezone: event.target.value })} />
        </Field>
      </div>
      <Checkbox checked={form.quiet} onChange={(event) => set({ quiet: event.target.checked })}>
        {t('alerts.quiet')}
      </Checkbox>
      {form.quiet && (
        <div className="row g8 wrap">
          <Input
            aria-label={t('alerts.quietFrom')}
            type="time"
            style={{ width: 130 }}
            value={form.quietFrom}
            onChange={(event) => set({ quietFrom: event.target.value })}
          />
          <span>–</span>
          <Input
            aria-label={t('alerts.quietTo')}
            type="time"
            style={{ width: 130 }}
            value={form.quietTo}
            onChange={(event) => set({ quietTo: event.target.value })}
          />
        </div>
      )}
      <Checkbox checked={form.enabled} onChange={(event) => set({ enabled: event.target.checked })}>
        {t('alerts.enabled')}
      </Checkbox>
    </Dialog>
  )
}
