import { MappingError } from '../../src/core/fault.ts'
import { at, text } from '../parts/read.ts'

/** Lists of an order come as they are or as JSON inside a text; the pointer is that of the whole. Amounts have two places and lose nothing on the way. */
export function nested(doc: unknown, pointer: string): unknown {
  const value = at(doc, pointer)
  if (value === undefined || value === '') return []
  if (typeof value !== 'string') return value
  try {
    return JSON.parse(value)
  } catch {
    throw new MappingError('type-unexpected', 'JSON inside a text was expected.', pointer)
  }
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

/** A word of an enumeration the channel does not document. */
export const unmapped = (word: string, pointer: string): MappingError =>
  new MappingError('status-unmapped', `"${word.slice(0, 40)}" is not a state the channel documents.`, pointer)

/** The part of the order the channel could not put together in time (`incmp_code` -1): it says itself that it has to be read again. */
export function refuseIncomplete(doc: unknown): void {
  if (text(doc, '/incmp_code') === '-1')
    throw new MappingError('document-incomplete', 'The channel marks this document as incomplete; it is read again by the next sweep.', '/incmp_code')
}
