/** How soon somebody should look. What is urgent is told in quiet hours, too. */
export const SEVERITIES = ['urgent', 'warning', 'info'] as const
export type Severity = (typeof SEVERITIES)[number]

export const DESTINATION_KINDS = ['email', 'webhook', 'wecom', 'dingtalk', 'feishu'] as const
export type DestinationKind = (typeof DESTINATION_KINDS)[number]
export type AlertLanguage = 'en' | 'zh-CN'

/** The rules that come with the hub, in the words of both languages. */
export const BUILT_IN_RULES: Readonly<Record<string, Readonly<Record<AlertLanguage, string>>>> = {
  stopped: { en: 'Connection stopped', 'zh-CN': '连接已停止' },
  behind: { en: 'Connection is behind', 'zh-CN': '连接拉取落后' },
  silent: { en: 'Suspiciously quiet', 'zh-CN': '安静得可疑' },
  webhook: { en: 'Webhook subscription lost', 'zh-CN': '推送订阅丢失' },
  expiring: { en: 'Access expires soon', 'zh-CN': '授权即将到期' },
  failing: { en: 'Many documents fail', 'zh-CN': '大量单据异常' },
  doubt: { en: 'Writes in doubt', 'zh-CN': '外发结果未知' },
  overdue: { en: 'Orders overdue', 'zh-CN': '订单超时' },
  short: { en: 'Oversold', 'zh-CN': '出现超卖' },
  backlog: { en: 'Backlog grows', 'zh-CN': '积压过多' },
  ledger: { en: 'Ledger is red', 'zh-CN': '账目不平' },
  privacy: { en: 'Privacy request due soon', 'zh-CN': '个人信息请求即将到期' },
}

/** Hours in which only what is urgent is told: minutes after midnight by a clock. `to` before `from` goes over midnight. */
export interface QuietHours {
  readonly from: number
  readonly to: number
}

/** Minutes after midnight of an instant, by the clock of a zone. */
function minuteOfDay(now: Date, timezone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).formatToParts(now)
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value ?? 0)
  return of('hour') * 60 + of('minute')
}

export function isQuiet(quiet: QuietHours | null, timezone: string, now: Date): boolean {
  if (quiet === null || quiet.from === quiet.to) return false
  const minute = minuteOfDay(now, timezone)
  return quiet.from < quiet.to ? minute >= quiet.from && minute < quiet.to : minute >= quiet.from || minute < quiet.to
}
