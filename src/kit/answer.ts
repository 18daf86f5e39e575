import type { z } from 'zod'
import { ChannelError } from '../core/fault.ts'

/** Parses one part of a channel's answer; a mismatch names the paths, never the values. @throws ChannelError `unreadable` */
export function readAnswer<T extends z.ZodType>(schema: T, value: unknown, what: string): z.output<T> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const paths = [...new Set(result.error.issues.map((issue) => issue.path.join('.')))].slice(0, 5).join(', ')
  throw new ChannelError({ kind: 'unreadable', code: 'unexpected-answer', message: `The channel's ${what} has an unexpected form at: ${paths}.` })
}
