import type { ChannelPlace, OrderPlaces } from '../../src/core/mapping.ts'
import { optionalText } from './read.ts'

interface FoundPlace {
  readonly id: string | undefined
  readonly name?: string | undefined
  /** The channel's number of a line whose goods are there. */
  readonly line?: string | undefined
}

/** Places of which each has one id; those without one are left out. Lines are named where each finding names one: else nobody knows which line is where. */
export function distinctPlaces(found: readonly FoundPlace[]): readonly ChannelPlace[] {
  const places = new Map<string, { name: string; lines: string[] }>()
  for (const { id, name = '', line } of found) {
    if (id === undefined || id === '') continue
    const place = places.get(id) ?? { name, lines: [] }
    places.set(id, { name: name || place.name, lines: line === undefined || place.lines.includes(line) ? place.lines : [...place.lines, line] })
  }
  const knows = places.size > 1 && found.every(({ line }) => line !== undefined)
  return [...places].map(([id, { name, lines }]) => ({ id, ...(name !== '' && { name }), ...(knows && { lines }) }))
}

/** One place at a pointer, its name at another. "0" is how some say none. */
export const placeAt =
  (id: string, name?: string): OrderPlaces['of'] =>
  (doc) => {
    const found = optionalText(doc, id)
    return found === '0' ? [] : distinctPlaces([{ id: found, name: name === undefined ? undefined : optionalText(doc, name) }])
  }

/** Where people say themselves how documents are read: an extra value called `place`. */
export const extraPlace: OrderPlaces = { of: (_doc, order) => distinctPlaces([{ id: order.extra['place']?.trim() }]) }
