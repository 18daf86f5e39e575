import { unknown } from './number.ts'

export type Language = 'zh-CN' | 'en'

const units = {
  'zh-CN': { d: ' 天', h: ' 小时', m: ' 分', s: ' 秒', gap: ' ' },
  en: { d: ' d', h: ' h', m: ' min', s: ' s', gap: ' ' },
} as const

/** A span in at most two units, or fewer: "3 小时 12 分", "3 h 12 min", "40 s". Negative spans count as zero. */
export const formatSpan = (milliseconds: number, language: Language, most = 2): string => {
  const words = units[language]
  const total = Math.max(0, Math.floor(milliseconds / 1000))
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(total / 86_400), words.d],
    [Math.floor(total / 3600) % 24, words.h],
    [Math.floor(total / 60) % 60, words.m],
    [total % 60, words.s],
  ]
  const first = parts.findIndex(([amount]) => amount > 0)
  if (first === -1) return `0${words.s}`
  return parts
    .slice(first, first + most)
    .filter(([amount]) => amount > 0)
    .map(([amount, word]) => `${amount}${word}`)
    .join(words.gap)
}

/** "12 秒前" / "12 s ago". */
export const formatAgo = (iso: string | null | undefined, now: number, language: Language): string => {
  if (iso === null || iso === undefined) return unknown
  const span = formatSpan(now - Date.parse(iso), language)
  return language === 'zh-CN' ? `${span}前` : `${span} ago`
}

/** A deadline as a countdown: "剩 3 小时 12 分" / "in 3 h 12 min"; once missed "已过 5 分" / "5 min over". */
export const formatUntil = (iso: string, now: number, language: Language): string => {
  const left = Date.parse(iso) - now
  const span = formatSpan(Math.abs(left), language)
  if (language === 'zh-CN') return left >= 0 ? `剩 ${span}` : `已过 ${span}`
  return left >= 0 ? `in ${span}` : `${span} over`
}

const two = (value: number): string => String(value).padStart(2, '0')
const day = (at: Date): string => `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
const clock = (at: Date): string => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`

/** The clock for today, "11-22 13:54" this year, the date otherwise; in the reader's zone. */
export const formatClock = (iso: string | null | undefined, now: number): string => {
  if (iso === null || iso === undefined) return unknown
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const today = new Date(now)
  if (day(at) === day(today)) return clock(at)
  return at.getFullYear() === today.getFullYear() ? `${day(at).slice(5)} ${clock(at).slice(0, 5)}` : day(at)
}

/** Date, seconds and zone, for the hover text: "2026-11-22 09:12:31 +08:00". */
export const formatExact = (iso: string): string => {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const offset = -at.getTimezoneOffset()
  return `${day(at)} ${clock(at)} ${offset < 0 ? '−' : '+'}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`
}
