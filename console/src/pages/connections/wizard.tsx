import './connections.css'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button, Input, Select } from 'antd'
import { useState } from 'react'
import type { ReactElement } from 'react'
import { checkDraft, createConnection, useChannels } from '../../api/connections.ts'
import type { Channel, ConnectionDraft } from '../../api/connections.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Tile } from '../../ui/channel-tile.tsx'
import { Icon } from '../../ui/icon.tsx'
import { defaultsOf, filled, formErrors } from '../../ui/schema-form/schema.ts'
import type { Values } from '../../ui/schema-form/schema.ts'
import { SchemaForm } from '../../ui/schema-form/schema-form.tsx'
import { Failed, Skeleton } from '../../ui/state.tsx'
import { tell } from '../../ui/undo.tsx'
import { CheckSteps } from './check-steps.tsx'

const shownCapabilities = ['pullOrders', 'verifyWebhook', 'pullListings', 'pushInventory', 'pushShipment'] as const

const ChannelCards = ({
  channels,
  chosen,
  onChoose,
}: {
  readonly channels: readonly Channel[]
  readonly chosen: string | undefined
  readonly onChoose: (channel: Channel) => void
}): ReactElement => {
  const { t, language } = useWords()
  const [text, setText] = useState('')
  const wanted = channels.filter((channel) => `${channel.id} ${channel.title.en} ${channel.title.zh}`.toLowerCase().includes(text.toLowerCase()))
  return (
    <section className="card sect col g12">
      <h2>{t('wizard.pick')}</h2>
      {channels.length > 6 && (
        <Input
          allowClear
          prefix={<Icon name="search" tone="mute" />}
          placeholder={t('wizard.searchChannel')}
          aria-label={t('wizard.searchChannel')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      )}
      <div className="channel-cards">
        {wanted.map((channel) => {
          const title = language === 'en' ? channel.title.en : channel.title.zh
          return (
            <button key={channel.id} type="button" className="channel-card" aria-pressed={chosen === channel.id} onClick={() => onChoose(channel)}>
              <span className="row g8">
                <Tile title={title} />
                <span className="b">{title}</span>
              </span>
              <span className="row g4 wrap">
                {shownCapabilities
                  .filter((name) => channel.capabilities[name] !== undefined)
                  .map((name) => (
                    <span key={name} className="tag">
                      {t(`capability.${name}`)}
                    </span>
                  ))}
              </span>
            </button>
          )
        })}
      </div>
    </section>
  )
}

const zones = [
  'Asia/Shanghai',
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'Asia/Tokyo',
  'Asia/Singapore',
  'Australia/Sydney',
]
const currencies = ['CNY', 'USD', 'EUR', 'GBP', 'JPY', 'HKD', 'SGD', 'AUD', 'CAD', 'TWD', 'KRW']
const local = Intl.DateTimeFormat().resolvedOptions().timeZone

interface Draft {
  readonly name: string
  readonly timezone: string
  readonly currency: string
  readonly start: string
  readonly config: Values
  readonly secrets: Values
}
const emptyDraft = (channel: Channel, title: string): Draft => ({
  name: title,
  timezone: local,
  currency: local === 'Asia/Shanghai' ? 'CNY' : 'USD',
  start: '',
  config: defaultsOf(channel.config_schema),
  secrets: {},
})

const asBody = (channel: Channel, draft: Draft): ConnectionDraft => ({
  channel: channel.id,
  name: draft.name.trim(),
  config: filled(draft.config),
  secrets: filled(draft.secrets),
  timezone: draft.timezone,
  currency: draft.currency,
  ...(draft.start === '' ? {} : { start_from: new Date(draft.start).toISOString() }),
})

const Basics = ({ draft, onChange }: { readonly draft: Draft; readonly onChange: (draft: Draft) => void }): ReactElement => {
  const { t } = useWords()
  const options = (values: readonly string[]) => [...new Set(values)].map((value) => ({ value, label: value }))
  return (
    <div className="col g16">
      <label className="col g4">
        <span className="m5">{t('wizard.name')}</span>
        <Input value={draft.name} maxLength={80} onChange={(event) => onChange({ ...draft, name: event.target.value })} />
      </label>
      <div className="two">
        <div className="col g4">
          <label className="m5" htmlFor="wizard-zone">
            {t('wizard.timezone')}
          </label>
          <Select
            id="wizard-zone"
            showSearch
            value={draft.timezone}
            options={options([local, ...zones])}
            onChange={(timezone) => onChange({ ...draft, timezone })}
          />
        </div>
        <div className="col g4">
          <label className="m5" htmlFor="wizard-currency">
            {t('wizard.currency')}
          </label>
          <Select
            id="wizard-currency"
            showSearch
            value={draft.currency}
            options={options(currencies)}
            onChange={(currency) => onChange({ ...draft, currency })}
          />
        </div>
      </div>
      <label className="col g4">
        <span className="m5">
          {t('wizard.start')} <span className="t3 s12">{t('common.optional')}</span>
        </span>
        <Input type="date" style={{ width: 180 }} value={draft.start} onChange={(event) => onChange({ ...draft, start: event.target.value })} />
        <span className="s12 t3">{t('wizard.startHelp')}</span>
      </label>
    </div>
  )
}

/** Settings of one chosen channel, its live check, and the button that saves what was checked. */
const Setup = ({ channel }: { readonly channel: Channel }): ReactElement => {
  const { t, language } = useWords()
  const navigate = useNavigate()
  const queries = useQueryClient()
  const [draft, setDraft] = useState(() => emptyDraft(channel, language === 'en' ? channel.title.en : channel.title.zh))
  const [checked, setChecked] = useState<Draft | undefined>(undefined)
  const [showErrors, setShowErrors] = useState(false)
  const errors = { config: formErrors(channel.config_schema, draft.config), secrets: formErrors(channel.secrets_schema, draft.secrets) }
  const complete = Object.keys(errors.config).length + Object.keys(errors.secrets).length === 0 && draft.name.trim() !== ''
  const check = useMutation({
    mutationFn: () => checkDraft({ channel: channel.id, config: filled(draft.config), secrets: filled(draft.secrets) }),
    onSuccess: (result) => setChecked(result.ok ? draft : undefined),
  })
  const save = useMutation({
    mutationFn: () => createConnection(asBody(channel, draft)),
    onSuccess: async (connection) => {
      await queries.invalidateQueries({ queryKey: ['/v1/connections'] })
      tell(t('wizard.created', { name: connection.name }))
      await navigate({ to: '/connections/$id', params: { id: connection.id } })
    },
  })
  const current = checked !== undefined && checked.config === draft.config && checked.secrets === draft.secrets
  const refused = check.data?.fault?.field === undefined ? undefined : { field: check.data.fault.field, message: check.data.fault.message }
  const run = (): void => {
    setShowErrors(true)
    if (complete) check.mutate()
  }
  const hasSecrets = Object.keys(channel.secrets_schema.properties ?? {}).length > 0
  return (
    <>
      <section className="card sect">
        <h2 style={{ marginBottom: 12 }}>{t('wizard.basics')}</h2>
        <Basics draft={draft} onChange={setDraft} />
      </section>
      <section className="card sect col g16">
        <h2>{t('wizard.access')}</h2>
        <SchemaForm
          schema={channel.config_schema}
          values={draft.config}
          onChange={(config) => setDraft({ ...draft, config })}
          errors={showErrors ? errors.config : {}}
          refused={refused}
        />
        {hasSecrets && (
          <SchemaForm
            secret
            schema={channel.secrets_schema}
            values={draft.secrets}
            onChange={(secrets) => setDraft({ ...draft, secrets })}
            errors={showErrors ? errors.secrets : {}}
            refused={refused}
          />
        )}
        {hasSecrets && (
          <p className="s12 t3 row g6">
            <Icon name="readonly" tone="mute" /> {t('wizard.secretsNote')}
          </p>
        )}
      </section>
      <section className="card sect col g12">
        <div className="row between">
          <h2>{t('wizard.check')}</h2>
          <Button onClick={run} loading={check.isPending}>
            {t(check.data === undefined ? 'wizard.runCheck' : 'wizard.checkAgain')}
          </Button>
        </div>
        {check.data === undefined && !check.isError && <p className="t2">{t('wizard.checkText')}</p>}
        {check.isError && (
          <div className="note bad" role="alert">
            {check.error.message}
          </div>
        )}
        {check.data !== undefined && <CheckSteps result={check.data} />}
      </section>
      {save.isError && (
        <div className="note bad" role="alert">
          {save.error.message}
        </div>
      )}
      <div className="row g8">
        <Button
          type="primary"
          aria-disabled={!current}
          title={current ? undefined : t('wizard.checkFirst')}
          loading={save.isPending}
          onClick={() => {
            if (current) save.mutate()
          }}
        >
          {t('wizard.save')}
        </Button>
        <span className="s12 t3">{t(current ? 'wizard.saveText' : 'wizard.checkFirst')}</span>
      </div>
    </>
  )
}

const WizardPage = (): ReactElement => {
  const { t } = useWords()
  const channels = useChannels()
  const [chosen, setChosen] = useState<Channel | undefined>(undefined)
  if (channels.isError) return <Failed error={channels.error} what={t('wizard.channels')} retry={() => void channels.refetch()} />
  return (
    <div className="wizard">
      <div className="ph" style={{ marginBottom: 0 }}>
        <h1>{t('wizard.title')}</h1>
      </div>
      {channels.data === undefined ? <Skeleton rows={3} /> : <ChannelCards channels={channels.data} chosen={chosen?.id} onChoose={setChosen} />}
      {chosen !== undefined && <Setup key={chosen.id} channel={chosen} />}
    </div>
  )
}

export default WizardPage
