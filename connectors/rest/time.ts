import { DateTime } from 'luxon'
import { z } from 'zod'
import { ChannelError } from '../../src/core/fault.ts'

/** How a channel writes a moment: ISO with its zone, the same without one (local time of `timezone`), or seconds or milliseconds since 1970. */
export const Clock = z.strictObject({
  format: z.enum(['iso', 'iso-local', 'seconds', 'milliseconds']).default('iso'),
  timezone: z
    .string()
    .max(60)
    .refine((zone) => DateTime.local({ zone }).isValid, 'This is no time zone. Write it as "Asia/Shanghai".')
    .default('UTC'),
})
export type Clock = z.output<typeof Clock>

/** Windows begin and end on whole units of the channel's clock. */
export const unitMs = (clock: Clock): number => (clock.format === 'milliseconds' ? 1 : 1000)

export function writeTime(ms: number, clock: Clock): string {
  if (clock.format === 'milliseconds') return String(ms)
  if (clock.format === 'seconds') return String(Math.floor(ms / 1000))
  if (clock.format === 'iso') return `${new Date(ms).toISOString().slice(0, 19)}Z`
  return DateTime.fromMillis(ms, { zone: clock.timezone }).toFormat("yyyy-MM-dd'T'HH:mm:ss")
}

/** Milliseconds since 1970. @throws ChannelError `unreadable` */
export function readTime(text: string, clock: Clock): number {
  const isNumber = /^\d{1,16}(?:\.\d+)?$/.test(text)
  if (clock.format === 'milliseconds' && isNumber) return Math.floor(Number(text))
  if (clock.format === 'seconds' && isNumber) return Math.floor(Number(text) * 1000)
  const time = /^\d{4}-\d{2}-\d{2}/.test(text) ? DateTime.fromISO(text.trim().replace(' ', 'T'), { zone: clock.timezone }) : undefined
  if (!time?.isValid)
    throw new ChannelError({ kind: 'unreadable', code: 'time-unreadable', message: 'A time of change is not written as the settings say.' })
  return time.toMillis()
}
