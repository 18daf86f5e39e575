import { MappingError } from '../../src/core/fault.ts'
import type { Instant } from '../../src/core/order.ts'
import { requiredTime } from '../parts/cny.ts'
import { optionalText } from '../parts/read.ts'

/** One of the codes the channel documents; `usual` where it says nothing. @throws MappingError `status-unmapped` */
export function code<T extends string>(doc: unknown, pointer: string, known: readonly T[], usual: T): T {
  const word = optionalText(doc, pointer)
  if (word === undefined) return usual
  for (const each of known) if (each === word) return each
  throw new MappingError('status-unmapped', `"${word}" is not a value the channel documents.`, pointer)
}

/** The time of the last change: the clock of Beijing or, as pages show it for after-sales documents, seconds since 1970. */
export function changedAt(doc: unknown, ...pointers: readonly string[]): Instant {
  const pointer = pointers.find((each) => optionalText(doc, each) !== undefined) ?? pointers[0] ?? ''
  const value = optionalText(doc, pointer) ?? ''
  if (/^\d{10}$/.test(value)) return `${new Date(Number(value) * 1000).toISOString().slice(0, 19)}Z`
  return requiredTime(doc, pointer)
}
