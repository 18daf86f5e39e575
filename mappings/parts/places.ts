import type { ChannelPlace, OrderPlaces } from '../../src/core/mapping.ts'
import { optionalText } from './read.ts'

/** Places of which each has one id; those without one are left out. */
export const distinctPlaces = (found: readonly { readonly id: string | undefined; readonly name?: string | undefined }[]): readonly ChannelPlace[] =>
  [...new Map(found.flatMap(({ id, name }) => (id === undefined || id === '' ? [] : [[id, name] as const])))].map(([id, name]) => ({
    id,
    ...(name === undefined || name === '' ? {} : { name }),
  }))

/** One place at a pointer, its name at another. "0" is how some say none. */
export const placeAt =
  (id: string, name?: string): OrderPlaces['of'] =>
  (doc) => {
    const found = optionalText(doc, id)
    return found === '0' ? [] : distinctPlaces([{ id: found, name: name === undefined ? undefined : optionalText(doc, name) }])
  }

/** Where people say themselves how documents are read: an extra value called `place`. */
export const extraPlace: OrderPlaces = { of: (_doc, order) => distinctPlaces([{ id: order.extra['place']?.trim() }]) }
