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
type Skip = z.output<typeof skip>

const MAX_SKIPS = 2

/** What a channel skips; or why its list says nothing, which then skips nothing and fails that channel alone. */
export interface Skips {
  readonly skips: readonly Skip[]
  readonly problem?: string
}

/** `connectors/<id>/kit-skips.json`, at most two entries; none where there is no such file. Throws nothing: this is read while tests are collected. */
export function skipsOf(id: string): Skips {
  const file = placeOf(id, 'kit-skips.json')
  return existsSync(file) ? skipsIn(readFileSync(file, 'utf8')) : { skips: [] }
}

/** The list in a text. */
export function skipsIn(text: string): Skips {
  try {
    return { skips: z.array(skip).max(MAX_SKIPS).parse(JSON.parse(text)) }
  } catch (error) {
    return {
      skips: [],
      problem: `kit-skips.json is no list of at most ${MAX_SKIPS} skips: ${error instanceof Error ? error.message : String(error)}`,
    }
  }
}
