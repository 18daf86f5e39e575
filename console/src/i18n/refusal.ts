import i18next from 'i18next'

export type RefusalParams = Readonly<Record<string, string | number | readonly string[]>>

/** What the hub says is wrong with one value. */
interface Flaw {
  readonly pointer?: string
  readonly code?: string
  readonly message: string
  readonly params?: RefusalParams
}

interface Refusal {
  readonly code: string
  readonly params?: RefusalParams | undefined
  readonly detail: string
  readonly fields: readonly Flaw[]
}

const held = (code: string): string => (i18next.exists(`hold.${code}`) ? i18next.t(`hold.${code}`) : code)

const valueOf = (name: string, value: string | number | readonly string[]): string | number => {
  if (!Array.isArray(value)) return typeof value === 'number' ? value : String(value)
  return value.map((one) => (name === 'codes' ? held(one) : one)).join(i18next.language === 'zh-CN' ? '、' : ', ')
}

/** The sentence of a key, where there is one and everything it names is known; none before the words are there. */
const sentence = (key: string, params: RefusalParams): string | undefined => {
  if (!i18next.isInitialized) return undefined
  const words: unknown = i18next.getResource(i18next.language, 'translation', key)
  if (typeof words !== 'string') return undefined
  const named = [...words.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name)
  if (named.some((name) => String(params[name] ?? '') === '')) return undefined
  return i18next.t(key, Object.fromEntries(Object.entries(params).map(([name, value]) => [name, valueOf(name, value)])))
}

/** Why the hub refused, in the console's language; what has no words is told as the hub said it, in English. */
export const wordRefusal = ({ code, params = {}, detail, fields }: Refusal): string => {
  if (code === 'input-invalid' && fields.length > 0 && i18next.isInitialized) return fields.map(placed).join(' ')
  const known = { ...params, detail }
  const why = String(params['why'] ?? '')
  return (why === '' ? undefined : sentence(`refusal.${code}_${why}`, known)) ?? sentence(`refusal.${code}`, known) ?? detail
}

/** What is wrong with a value, without saying which. */
export const wordFlaw = ({ code = '', params = {}, message }: Flaw): string => {
  const why = String(params['why'] ?? '')
  const rule = why === '' ? undefined : (sentence(`flaw.${code}_${why}`, params) ?? sentence(`flawRule.${why}`, params))
  return rule ?? (code === 'custom' ? undefined : sentence(`flaw.${code}`, params)) ?? message
}

const placed = (flaw: Flaw): string => {
  const steps = (flaw.pointer ?? '').split(/[/?.]/).filter((step) => step !== '' && step !== 'items')
  const place = steps.map((step) => {
    if (/^\d+$/.test(step)) return i18next.t('flaw.nth', { n: Number(step) + 1 })
    return i18next.exists(`flawField.${step}`) ? i18next.t(`flawField.${step}`) : step
  })
  const why = wordFlaw(flaw)
  return place.length === 0 ? why : i18next.t('flaw.at', { place: place.join(' › '), why })
}

/** Nobody answered: the hub is away, or the way to it. */
export const wordNoAnswer = (): string => i18next.t('common.noAnswer')
