import { Button, Input, Select } from 'antd'
import type { ReactElement } from 'react'
import type { MappingRule } from '../../api/mappings.ts'
import { usePlaces } from '../../api/places.ts'
import { useWords } from '../../i18n/use-words.ts'
import { Icon } from '../../ui/icon.tsx'

interface RuleRowsProps {
  readonly kind: MappingRule['kind']
  readonly rules: readonly MappingRule[]
  /** The document that is looked at: a new rule about one value is about it. */
  readonly entity: string | undefined
  readonly mayWrite: boolean
  readonly onChange: (rules: readonly MappingRule[]) => void
}

/** Which parts of a rule of this kind are typed. */
const parts: Readonly<Record<MappingRule['kind'], readonly ('field' | 'from' | 'to')[]>> = {
  word: ['field', 'from', 'to'],
  field: ['field', 'to'],
  carrier: ['from', 'to'],
  place: ['from', 'to'],
}

interface PlaceInputProps {
  readonly value: string
  readonly disabled: boolean
  readonly onChange: (value: string) => void
}

/** One of our places. */
const PlaceInput = ({ value, disabled, onChange }: PlaceInputProps): ReactElement => {
  const { t } = useWords()
  const places = usePlaces()
  return (
    <Select
      size="small"
      showSearch={{ optionFilterProp: 'label' }}
      aria-label={t('mappings.part.place.to')}
      value={value === '' ? null : value}
      disabled={disabled}
      onChange={onChange}
      options={(places.data?.items ?? []).map(({ id, name }) => ({ value: id, label: name === id ? id : `${name} · ${id}` }))}
    />
  )
}

/** The rules of one kind, each a line that can be typed in. */
export const RuleRows = ({ kind, rules, entity, mayWrite, onChange }: RuleRowsProps): ReactElement => {
  const { t } = useWords()
  const own = rules.flatMap((rule, at) => (rule.kind === kind ? [{ rule, at }] : []))
  const put = (at: number, change: Partial<MappingRule>): void => onChange(rules.map((rule, index) => (index === at ? { ...rule, ...change } : rule)))
  const add = (): void => onChange([...rules, { kind, field: '', entity: kind === 'field' ? (entity ?? '') : '', from: '', to: '' }])
  return (
    <section className="col g6" aria-label={t(`mappings.kind.${kind}`)}>
      <div className="row g8">
        <h3 className="grow">{t(`mappings.kind.${kind}`)}</h3>
        {mayWrite && (
          <Button size="small" icon={<Icon name="plus" />} aria-disabled={kind === 'field' && entity === undefined} onClick={add}>
            {t('common.add')}
          </Button>
        )}
      </div>
      {own.length === 0 && <p className="s12 t3">{t(`mappings.hint.${kind}`)}</p>}
      {own.map(({ rule, at }) => (
        <div key={at} className="map-rule">
          {parts[kind].map((part) => (
            <label key={part} className="col">
              <span className="s12 t3">
                {t(`mappings.part.${kind}.${part}`)}
                {kind === 'field' && part === 'to' && rule.from !== '' && ` (${rule.from})`}
              </span>
              {kind === 'place' && part === 'to' ? (
                <PlaceInput value={rule.to} disabled={!mayWrite} onChange={(to) => put(at, { to })} />
              ) : (
                <Input
                  size="small"
                  className={part === 'field' ? 'mono' : ''}
                  value={rule[part]}
                  maxLength={part === 'field' ? 300 : 200}
                  disabled={!mayWrite}
                  // Another place has another value of before: the hub reads it there.
                  onChange={(event) => put(at, { [part]: event.target.value, ...(kind === 'field' && part === 'field' ? { from: '' } : {}) })}
                />
              )}
            </label>
          ))}
          {mayWrite && (
            <button
              type="button"
              className="icb"
              aria-label={t('mappings.removeRule', { from: rule.from })}
              onClick={() => onChange(rules.filter((_, index) => index !== at))}
            >
              <Icon name="close" />
            </button>
          )}
          {(kind === 'field' || (rule.reason !== null && rule.reason !== undefined)) && (
            <span className="s12 t3 map-about break">
              {kind === 'field' && `${rule.entity} `}
              {rule.reason}
            </span>
          )}
        </div>
      ))}
    </section>
  )
}
