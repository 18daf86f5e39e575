import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { placeOf } from './folders.ts'

/** A check a channel cannot pass, and who says so. */
const skip = z.object({
  check: z.string().min(1),
  /** What the channel does instead, as a fact. */
  reason: z.string().min(20),
  /** Where the vendor says it: an address, or a page of docs/channels with its section. */
  source: z.string().regex(/^https?:\/\/\S+|^docs\/channels\/\S+/),
})
export type Skip = z.output<typeof skip>

export const MAX_SKIPS = 2

/** `connectors/<id>/kit-skips.json`, at most two entries; none where there is no such file. */
export function skipsOf(id: string): readonly Skip[] {
  const file = placeOf(id, 'kit-skips.json')
  return existsSync(file)
    ? z
        .array(skip)
        .max(MAX_SKIPS)
        .parse(JSON.parse(readFileSync(file, 'utf8')))
    : []
}
