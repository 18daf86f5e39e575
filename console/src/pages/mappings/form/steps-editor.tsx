import { Input, InputNumber, Select } from 'antd'
import type { ReactElement } from 'react'
import { useWords } from '../../../i18n/use-words.ts'
import { Icon } from '../../../ui/icon.tsx'
import { isTree, list, text } from '../../../ui/read-doc.ts'
import { newSteps } from './field-map.ts'
import type { Step } from './field-map.ts'
import { TableEditor } from './table-editor.tsx'

interface StepProps {
  readonly step: Step
  readonly disabled: boolean
  readonly onChange: (step: Step) => void
}

const tableOf = (value: unknown): Readonly<Record<string, string>> =>
  isTree(value) ? Object.fromEntries(Object.entries(value).flatMap(([key, to]) => (typeof to === 'string' ? [[key, to] as const] : []))) : {}

/** What a step needs to know. */
const Parameters = ({ step, disabled, onChange }: StepProps): ReactElement | null => {
  const { t } = useWords()
  const put = (change: object): void => onChange({ ...step, ...change })
  const line = (name: string, label: string): ReactElement => (
    <Input
      size="small"
      aria-label={label}
      placeholder={label}
      value={text(step[name]) ?? ''}
      maxLength={200}
      disabled={disabled}
      onChange={(event) => put({ [name]: event.target.value })}
    />
  )
  const number = (name: string, label: string): ReactElement => (
    <InputNumber
      size="small"
      aria-label={label}
      placeholder={label}
      min={0}
      max={999}
      precision={0}
      value={typeof step[name] === 'number' ? step[name] : null}
      disabled={disabled}
      onChange={(value) => put({ [name]: value ?? undefined })}
    />
  )
  switch (step.op) {
    case 'default':
      return line('value', t('fieldMap.default'))
    case 'stripPrefix':
    case 'stripSuffix':
      return line('text', t('fieldMap.prefix'))
    case 'decimal':
      return (
        <Select
          size="small"
          aria-label={t('fieldMap.point')}
          value={text(step['point']) ?? '.'}
          disabled={disabled}
          options={[
            { value: '.', label: t('fieldMap.pointDot') },
            { value: ',', label: t('fieldMap.pointComma') },
          ]}
          onChange={(point: string) => put({ point })}
        />
      )
    case 'date':
      return (
        <Select
          size="small"
          mode="tags"
          className="grow"
          aria-label={t('fieldMap.formats')}
          placeholder={t('fieldMap.formats')}
          value={list(step['formats']).flatMap((one) => text(one) ?? [])}
          disabled={disabled}
          options={['yyyy-MM-dd HH:mm:ss', 'yyyy-MM-dd', 'yyyy/M/d H:mm', 'dd.MM.yyyy', 'excel-serial', 'unix-seconds', 'unix-milliseconds'].map(
            (value) => ({ value }),
          )}
          onChange={(formats: readonly string[]) => put({ formats })}
        />
      )
    case 'split':
      return (
        <>
          {line('by', t('fieldMap.by'))}
          {number('index', t('fieldMap.index'))}
        </>
      )
    case 'substring':
      return (
        <>
          {number('from', t('fieldMap.from'))}
          {number('to', t('fieldMap.to'))}
        </>
      )
    default:
      return null
  }
}

const Lookup = ({ step, disabled, onChange }: StepProps): ReactElement => {
  const { t } = useWords()
  return (
    <div className="col g6 map-table">
      <TableEditor table={tableOf(step['table'])} disabled={disabled} onChange={(table) => onChange({ ...step, table })} />
      <label className="row g6 s12 t3">
        {t('fieldMap.otherwise')}
        <Select
          size="small"
          value={text(step['otherwise']) ?? 'hold'}
          disabled={disabled}
          options={(['hold', 'keep'] as const).map((value) => ({ value, label: t(`fieldMap.${value}`) }))}
          onChange={(otherwise: string) => onChange({ ...step, otherwise })}
        />
      </label>
    </div>
  )
}

interface StepsEditorProps {
  readonly steps: readonly Step[]
  readonly disabled: boolean
  readonly onChange: (steps: readonly Step[]) => void
}

/** What is done with a text on its way into the order, one after another. */
export const StepsEditor = ({ steps, disabled, onChange }: StepsEditorProps): ReactElement => {
  const { t, label } = useWords()
  const put = (at: number, step: Step): void => onChange(steps.with(at, step))
  return (
    <div className="col g6">
      <span className="s12 t3">{t('fieldMap.steps')}</span>
      <ol className="col g6 map-steps">
        {steps.map((step, at) => {
          const name = label('fieldStep', step.op)
          return (
            <li key={`${at} ${step.op}`} className="col g4">
              <div className="row g6 wrap">
                <span className="s12">{name}</span>
                <Parameters step={step} disabled={disabled} onChange={(next) => put(at, next)} />
                <span className="row end">
                  {at > 0 && (
                    <button
                      type="button"
                      className="icb"
                      disabled={disabled}
                      aria-label={t('fieldMap.moveUp', { step: name })}
                      onClick={() => onChange(steps.with(at - 1, step).with(at, steps[at - 1] ?? step))}
                    >
                      <Icon name="up" />
                    </button>
                  )}
                  <button
                    type="button"
                    className="icb"
                    disabled={disabled}
                    aria-label={t('fieldMap.removeStep', { step: name })}
                    onClick={() => onChange(steps.filter((_, index) => index !== at))}
                  >
                    <Icon name="close" />
                  </button>
                </span>
              </div>
              {step.op === 'lookup' && <Lookup step={step} disabled={disabled} onChange={(next) => put(at, next)} />}
            </li>
          )
        })}
      </ol>
      <Select
        size="small"
        showSearch={{ optionFilterProp: 'label' }}
        aria-label={t('fieldMap.addStep')}
        placeholder={t('fieldMap.addStep')}
        value={null}
        disabled={disabled || steps.length >= 12}
        options={newSteps.map((step) => ({ value: step.op, label: label('fieldStep', step.op) }))}
        onChange={(op: string | null) => onChange([...steps, ...newSteps.filter((step) => step.op === op)])}
      />
    </div>
  )
}
