import type { Rule, RuleBody } from '../../api/stock-rules.ts'

/** A rule as it stands in the form: every field is text until it is read. */
export interface RuleDraft {
  readonly id: number | null
  readonly name: string
  readonly plan: string
  readonly connection: string
  readonly category: string
  /** One pattern a line. */
  readonly skus: string
  /** Percent. */
  readonly share: string
  readonly quota: string
  readonly priority: string
  readonly maximum: string
  readonly buffer: string
  readonly locations: readonly string[]
  readonly exclusive: boolean
  readonly stop: '' | 'yes' | 'no'
  readonly at_hand: '' | 'yes' | 'no'
  /** As the browser's field has it, in the reader's zone. */
  readonly from: string
  readonly until: string
  readonly enabled: boolean
  readonly reason: string
}
export type DraftField = keyof RuleDraft
export type DraftFaults = Readonly<Partial<Record<DraftField, string>>>

export const emptyDraft: RuleDraft = {
  id: null,
  name: '',
  plan: '',
  connection: '',
  category: '',
  skus: '',
  share: '',
  quota: '',
  priority: '',
  maximum: '',
  buffer: '',
  locations: [],
  exclusive: false,
  stop: '',
  at_hand: '',
  from: '',
  until: '',
  enabled: true,
  reason: '',
}

/** "0.125" is 12.5 percent; by moving the point, without floats. */
export const toPercent = (share: string): string => {
  const [whole = '0', fraction = ''] = share.split('.')
  const digits = `${whole}${fraction.padEnd(2, '0')}`
  const at = whole.length + 2
  return `${digits.slice(0, at).replace(/^0+(?=\d)/, '')}${digits.length > at ? `.${digits.slice(at)}` : ''}`
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '')
}
/** The other way; undefined where it is not between 0 and 100. */
export const fromPercent = (percent: string): string | undefined => {
  const match = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(percent)
  if (match === null) return undefined
  const [, whole = '', fraction = ''] = match
  const value = Number(percent)
  if (value > 100) return undefined
  const digits = `${whole.padStart(3, '0')}${fraction}`
  return `${Number(digits.slice(0, -2 - fraction.length))}.${digits.slice(-2 - fraction.length)}`.replace(/0+$/, '').replace(/\.$/, '')
}

const two = (value: number): string => String(value).padStart(2, '0')
/** An instant in the form of the browser's date and time field, in the reader's zone. */
const toLocal = (iso: string | null): string => {
  if (iso === null) return ''
  const at = new Date(iso)
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}
const toInstant = (local: string): string | null => (local === '' ? null : new Date(local).toISOString())

const textOf = (value: number | null): string => (value === null ? '' : String(value))

export const draftOf = (rule: Rule): RuleDraft => ({
  id: rule.id,
  name: rule.name,
  plan: rule.plan ?? '',
  connection: rule.connection ?? '',
  category: rule.category ?? '',
  skus: rule.skus?.join('\n') ?? '',
  share: rule.share === null ? '' : toPercent(rule.share),
  quota: textOf(rule.quota),
  priority: textOf(rule.priority),
  maximum: textOf(rule.maximum),
  buffer: textOf(rule.buffer),
  locations: rule.locations ?? [],
  exclusive: rule.exclusive,
  stop: rule.stop === null ? '' : rule.stop ? 'yes' : 'no',
  at_hand: rule.at_hand === null ? '' : rule.at_hand ? 'yes' : 'no',
  from: toLocal(rule.from),
  until: toLocal(rule.until),
  enabled: rule.enabled,
  reason: rule.reason,
})

const counts = ['quota', 'maximum', 'buffer'] as const

/** What is wrong with a form before anybody is asked, by field, as codes. */
export const faultsOf = (draft: RuleDraft): DraftFaults => {
  const faults: Partial<Record<DraftField, string>> = {}
  if (draft.name.trim() === '') faults.name = 'name-missing'
  if (draft.share !== '' && fromPercent(draft.share.trim()) === undefined) faults.share = 'not-percent'
  for (const field of counts) if (draft[field] !== '' && !/^\d{1,9}$/.test(draft[field].trim())) faults[field] = 'not-count'
  if (draft.priority !== '' && !/^-?\d{1,3}$/.test(draft.priority.trim())) faults.priority = 'not-priority'
  if (draft.from !== '' && draft.until !== '' && draft.until <= draft.from) faults.until = 'range-invalid'
  if (draft.exclusive && draft.locations.length > 0 && draft.connection === '') faults.exclusive = 'exclusive-alone'
  const says =
    draft.stop !== '' ||
    draft.at_hand !== '' ||
    draft.locations.length > 0 ||
    [draft.share, draft.quota, draft.priority, draft.maximum, draft.buffer].some((text) => text.trim() !== '')
  if (!says) faults.stop = 'says-nothing'
  return faults
}

const orNull = (text: string): string | null => (text.trim() === '' ? null : text.trim())
const numberOrNull = (text: string): number | null => (text.trim() === '' ? null : Number(text))

/** The rule a sound form stands for. */
export const ruleOf = (draft: RuleDraft): RuleBody => {
  const skus = draft.skus
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return {
    ...(draft.id === null ? {} : { id: draft.id }),
    name: draft.name.trim(),
    plan: orNull(draft.plan),
    connection: orNull(draft.connection),
    category: orNull(draft.category),
    skus: skus.length === 0 ? null : skus,
    share: draft.share.trim() === '' ? null : (fromPercent(draft.share.trim()) ?? null),
    quota: numberOrNull(draft.quota),
    priority: numberOrNull(draft.priority),
    maximum: numberOrNull(draft.maximum),
    buffer: numberOrNull(draft.buffer),
    locations: draft.locations.length === 0 ? null : draft.locations,
    exclusive: draft.exclusive && draft.locations.length > 0,
    stop: draft.stop === '' ? null : draft.stop === 'yes',
    at_hand: draft.at_hand === '' ? null : draft.at_hand === 'yes',
    from: toInstant(draft.from),
    until: toInstant(draft.until),
    enabled: draft.enabled,
    reason: draft.reason.trim(),
  }
}

/** A stored rule in the form it is sent in. */
export const bodyOf = ({
  standing: _standing,
  author: _author,
  version: _version,
  updated_at: _updated,
  ...rule
}: Rule): RuleBody & { readonly id: number } => rule
