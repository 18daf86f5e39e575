import { Checkbox, Input, Select } from 'antd'
import { useId, useMemo, useState } from 'react'
import type { ReactElement, ReactNode } from 'react'
import { useConnections } from '../../api/connections.ts'
import { useOne } from '../../api/lists.ts'
import type { RuleBody } from '../../api/stock-rules.ts'
import { useWords } from '../../i18n/use-words.ts'
import { State } from '../../ui/state.tsx'
import { useSettled } from '../new-order/use-settled.ts'
import { PreviewPane } from './preview.tsx'
import { faultsOf, ruleOf } from './rule-form.ts'
import type { DraftFaults, DraftField, RuleDraft } from './rule-form.ts'

interface RowProps {
  readonly field: DraftField
  readonly faults: DraftFaults
  readonly hint?: string
  readonly children: (ids: { readonly id: string; readonly 'aria-describedby'?: string; readonly 'aria-invalid'?: true }) => ReactNode
}

/** A label, its control, and below it what is wrong or what it means. */
const Row = ({ field, faults, hint, children }: RowProps): ReactElement => {
  const { t } = useWords()
  const id = useId()
  const fault = faults[field]
  const said = fault === undefined ? hint : t(`rules.fault.${fault}`)
  return (
    <div className="col g4 grow">
      <label className="m5" htmlFor={id}>
        {t(`rules.field.${field}`)}
      </label>
      {children({
        id,
        ...(said === undefined ? {} : { 'aria-describedby': `${id}-said` }),
        ...(fault === undefined ? {} : { 'aria-invalid': true as const }),
      })}
      {said !== undefined && (
        <span id={`${id}-said`} className={`s12 ${fault === undefined ? 't3' : 'bad'}`}>
          {said}
        </span>
      )}
    </div>
  )
}

interface PartProps {
  readonly draft: RuleDraft
  readonly faults: DraftFaults
  readonly set: (change: Partial<RuleDraft>) => void
}

const Where = ({ draft, faults, set }: PartProps): ReactElement => {
  const { t } = useWords()
  const connections = useConnections(60_000)
  return (
    <fieldset className="rule-part">
      <legend>{t('rules.where')}</legend>
      <Row field="connection" faults={faults}>
        {(ids) => (
          <Select
            {...ids}
            value={draft.connection}
            onChange={(connection) => set({ connection })}
            showSearch={{ optionFilterProp: 'label' }}
            options={[
              { value: '', label: t('rules.everyConnection') },
              ...(connections.data?.items ?? []).map((one) => ({ value: one.id, label: one.name })),
            ]}
          />
        )}
      </Row>
      <Row field="skus" faults={faults} hint={t('rules.skusHint')}>
        {(ids) => (
          <Input.TextArea
            {...ids}
            autoSize={{ minRows: 2, maxRows: 6 }}
            value={draft.skus}
            placeholder={'TEA-*\nCUP-12'}
            onChange={(event) => set({ skus: event.target.value })}
          />
        )}
      </Row>
      <Row field="category" faults={faults} hint={t('rules.categoryHint')}>
        {(ids) => <Input {...ids} value={draft.category} maxLength={200} onChange={(event) => set({ category: event.target.value })} />}
      </Row>
    </fieldset>
  )
}

const figures = [
  ['share', 'rules.shareHint', '%'],
  ['maximum', undefined, undefined],
  ['quota', 'rules.quotaHint', undefined],
  ['buffer', undefined, undefined],
  ['priority', 'rules.priorityHint', undefined],
] as const

const What = ({ draft, faults, set }: PartProps): ReactElement => {
  const { t } = useWords()
  const locations = useOne<{ readonly items: readonly { readonly id: string; readonly name: string }[] }>('/v1/locations')
  return (
    <fieldset className="rule-part">
      <legend>{t('rules.what')}</legend>
      <Row field="stop" faults={faults}>
        {(ids) => (
          <Select
            {...ids}
            value={draft.stop}
            onChange={(stop) => set({ stop })}
            options={[
              { value: '', label: t('rules.says.nothing') },
              { value: 'yes', label: t('rules.says.stop') },
              { value: 'no', label: t('rules.says.go') },
            ]}
          />
        )}
      </Row>
      <Row field="at_hand" faults={faults}>
        {(ids) => (
          <Select
            {...ids}
            value={draft.at_hand}
            onChange={(atHand) => set({ at_hand: atHand })}
            options={[
              { value: '', label: t('rules.says.nothing') },
              { value: 'yes', label: t('rules.says.atHand') },
              { value: 'no', label: t('rules.says.ahead') },
            ]}
          />
        )}
      </Row>
      <div className="rule-figures">
        {figures.map(([field, hint, suffix]) => (
          <Row key={field} field={field} faults={faults} {...(hint === undefined ? {} : { hint: t(hint) })}>
            {(ids) => (
              <Input
                {...ids}
                inputMode="decimal"
                value={draft[field]}
                placeholder={t('rules.unsaid')}
                {...(suffix === undefined ? {} : { suffix })}
                onChange={(event) => set({ [field]: event.target.value })}
              />
            )}
          </Row>
        ))}
      </div>
      <Row field="locations" faults={faults} hint={t('rules.locationsHint')}>
        {(ids) => (
          <Select
            {...ids}
            mode="tags"
            value={[...draft.locations]}
            onChange={(next: string[]) => set({ locations: next })}
            placeholder={t('rules.allLocations')}
            options={(locations.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          />
        )}
      </Row>
      {draft.locations.length > 0 && (
        <Row field="exclusive" faults={faults} hint={t('rules.exclusiveHint')}>
          {(ids) => (
            <Select
              {...ids}
              value={draft.exclusive ? 'yes' : 'no'}
              onChange={(next) => set({ exclusive: next === 'yes' })}
              options={[
                { value: 'no', label: t('rules.says.sharedPlaces') },
                { value: 'yes', label: t('rules.says.keptPlaces') },
              ]}
            />
          )}
        </Row>
      )}
    </fieldset>
  )
}

const When = ({ draft, faults, set }: PartProps): ReactElement => {
  const { t } = useWords()
  return (
    <fieldset className="rule-part">
      <legend>{t('rules.when')}</legend>
      <div className="rule-figures two">
        {(['from', 'until'] as const).map((field) => (
          <Row key={field} field={field} faults={faults}>
            {(ids) => <Input {...ids} type="datetime-local" value={draft[field]} onChange={(event) => set({ [field]: event.target.value })} />}
          </Row>
        ))}
      </div>
      <span className="s12 t3">{t('rules.zone', { zone: Intl.DateTimeFormat().resolvedOptions().timeZone })}</span>
    </fieldset>
  )
}

interface EditorProps {
  readonly start: RuleDraft
  /** What the stored rule is, where there is one: switching an enabled one off is a change as well. */
  readonly wasEnabled: boolean
  readonly onDone: () => void
  readonly onCancel: () => void
}

/** The rule on one side, what it would do on the other, as one types. */
export const Editor = ({ start, wasEnabled, onDone, onCancel }: EditorProps): ReactElement => {
  const { t } = useWords()
  const [draft, setDraft] = useState(start)
  const [touched, setTouched] = useState(start.id !== null)
  const set = (change: Partial<RuleDraft>): void => {
    setTouched(true)
    setDraft((before) => ({ ...before, ...change }))
  }
  const faults = useMemo(() => faultsOf(draft), [draft])
  const sound = Object.keys(faults).length === 0
  const settled = useSettled(JSON.stringify(sound ? ruleOf(draft) : null))
  const rule = useMemo((): RuleBody | null => JSON.parse(settled), [settled])
  const shownFaults = touched ? faults : {}
  const part = { draft, faults: shownFaults, set }
  return (
    <div className="rule-bench">
      <form className="card sect col g12" aria-label={t('rules.editor')} onSubmit={(event) => event.preventDefault()}>
        <h2>{t(start.id === null ? 'rules.newTitle' : 'rules.editTitle')}</h2>
        <Row field="name" faults={shownFaults}>
          {(ids) => <Input {...ids} autoFocus value={draft.name} maxLength={120} onChange={(event) => set({ name: event.target.value })} />}
        </Row>
        <Row field="plan" faults={shownFaults} hint={t('rules.planHint')}>
          {(ids) => (
            <Input
              {...ids}
              value={draft.plan}
              maxLength={120}
              placeholder={t('rules.planExample')}
              onChange={(event) => set({ plan: event.target.value })}
            />
          )}
        </Row>
        <Where {...part} />
        <What {...part} />
        <When {...part} />
        <Row field="reason" faults={shownFaults}>
          {(ids) => <Input {...ids} value={draft.reason} maxLength={500} onChange={(event) => set({ reason: event.target.value })} />}
        </Row>
        <Checkbox checked={draft.enabled} onChange={(event) => set({ enabled: event.target.checked })}>
          {t('rules.enabled')}
        </Checkbox>
      </form>
      {rule === null ? (
        <section className="card">
          <State icon="held" title={t('rules.notYet')}>
            {t('rules.notYetHint')}
          </State>
        </section>
      ) : (
        <PreviewPane
          change={{ put: [rule] }}
          moments={[rule.from, rule.until].flatMap((at) => at ?? [])}
          draftOnly={!rule.enabled && !wasEnabled}
          action={t(!rule.enabled ? 'rules.keepDraft' : start.id === null ? 'rules.putInForce' : 'rules.apply')}
          onDone={onDone}
          onCancel={onCancel}
        />
      )}
    </div>
  )
}
