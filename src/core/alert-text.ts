import { type FactValue, NEVER, factOf } from './alert-facts.ts'
import { type AlertLanguage, BUILT_IN_RULES, type Severity } from './alert-rules.ts'
import type { NodeCode } from './nodes.ts'

/** What one message says, before it is put into the words of a language. */
export interface AlertNews {
  readonly kind: 'open' | 'remind' | 'over' | 'test'
  readonly rule: { readonly name: string | null; readonly built_in: string | null }
  readonly severity: Severity
  /** Name of the connection; null = the hub as a whole. */
  readonly connection: string | null
  /** Station of the orders, where the rule is about one. */
  readonly node: string | null
  /** The facts the condition looked at, by their names. */
  readonly facts: Readonly<Record<string, FactValue>>
  readonly since: string
  readonly until: string | null
  /** Where the console shows it. */
  readonly link: string | null
}

const WORDS = {
  en: {
    severity: { urgent: 'Urgent', warning: 'Warning', info: 'Note' },
    kind: { open: '', remind: 'still: ', over: 'Over: ', test: 'Test: ' },
    since: (at: string): string => `Since ${at}`,
    lasted: (from: string, to: string): string => `From ${from} to ${to}`,
    hub: 'The hub',
    testText: 'This is how alerts arrive here. Nothing is wrong.',
    never: 'no end',
    yes: 'yes',
    no: 'no',
    more: (count: number): string => `${count} alerts`,
    colon: ': ',
  },
  'zh-CN': {
    severity: { urgent: '紧急', warning: '警告', info: '提示' },
    kind: { open: '', remind: '仍未恢复：', over: '已恢复：', test: '测试：' },
    since: (at: string): string => `开始于 ${at}`,
    lasted: (from: string, to: string): string => `${from} 至 ${to}`,
    hub: '整个中枢',
    testText: '告警消息会以这种形式送达，目前一切正常。',
    never: '无期限',
    yes: '是',
    no: '否',
    more: (count: number): string => `${count} 条告警`,
    colon: '：',
  },
} as const

const STATIONS: Readonly<Record<NodeCode, Readonly<Record<AlertLanguage, string>>>> = {
  placed: { en: 'to be placed', 'zh-CN': '待下单' },
  paid: { en: 'to be paid', 'zh-CN': '待付款' },
  ingested: { en: 'to be received by the hub', 'zh-CN': '待接入' },
  normalised: { en: 'to normalise', 'zh-CN': '待标准化' },
  validated: { en: 'to validate', 'zh-CN': '待校验' },
  approved: { en: 'to approve', 'zh-CN': '待审核' },
  allocated: { en: 'to allocate', 'zh-CN': '待锁库' },
  released: { en: 'to release', 'zh-CN': '待下发' },
  picked: { en: 'to pick', 'zh-CN': '待拣货' },
  packed: { en: 'to pack', 'zh-CN': '待打包' },
  shipped: { en: 'to ship', 'zh-CN': '待出库' },
  channel_confirmed: { en: 'to tell the channel', 'zh-CN': '待回传' },
  in_transit: { en: 'to be moving', 'zh-CN': '待运输' },
  out_for_delivery: { en: 'to go out for delivery', 'zh-CN': '待派送' },
  received: { en: 'to be delivered', 'zh-CN': '待签收' },
}

/** A rule's own name, or the word of one that came with the hub. */
export const ruleName = (rule: AlertNews['rule'], language: AlertLanguage): string =>
  rule.name ?? BUILT_IN_RULES[rule.built_in ?? '']?.[language] ?? rule.built_in ?? ''

const stationOf = (node: string, language: AlertLanguage): string => {
  const known: Readonly<Record<string, Readonly<Record<AlertLanguage, string>>>> = STATIONS
  return known[node]?.[language] ?? node
}

export interface AlertText {
  readonly title: string
  readonly body: string
}

/** One message in words: what, where, the facts behind it, since when, and where to look. */
export function alertText(news: AlertNews, language: AlertLanguage, timezone: string): AlertText {
  const words = WORDS[language]
  const where = [news.connection ?? words.hub, ...(news.node === null ? [] : [stationOf(news.node, language)])].join(' · ')
  const title = inert(`[${words.severity[news.severity]}] ${words.kind[news.kind]}${ruleName(news.rule, language)}${words.colon}${where}`)
  if (news.kind === 'test') return { title, body: words.testText }
  const from = clock(news.since, timezone)
  const lines = [
    ...Object.entries(news.facts).map(([path, value]) => `${meaning(path, language)}${words.colon}${shown(value, language)}`),
    news.until === null ? words.since(from) : words.lasted(from, clock(news.until, timezone)),
    ...(news.link === null ? [] : [news.link]),
  ]
  return { title, body: lines.map(inert).join('\n') }
}

/** Several messages as one: groups that take twenty a minute are not flooded. */
export function digestText(texts: readonly AlertText[], language: AlertLanguage): AlertText {
  return {
    title: WORDS[language].more(texts.length),
    body: texts.map(({ title, body }) => `${title}\n${body}`).join('\n\n'),
  }
}

function meaning(path: string, language: AlertLanguage): string {
  const fact = factOf(path)
  return fact === undefined ? path : language === 'en' ? fact.en : fact.zh
}

function shown(value: FactValue, language: AlertLanguage): string {
  const words = WORDS[language]
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'number') return value >= NEVER ? words.never : String(Math.round(value * 1000) / 1000)
  return value
}

/** Robots read tags in a text: `<at user_id="all">` calls a whole company. */
const inert = (text: string): string => text.replaceAll('<', '‹').replaceAll('>', '›')

const clock = (at: string, timezone: string): string =>
  new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short', hourCycle: 'h23' }).format(new Date(at))
