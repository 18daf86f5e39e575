import { type JsonType, type Place, RIPE, type Shape } from '../../store/drift/shape.ts'

export interface News {
  readonly what: 'field' | 'type' | 'value'
  readonly path: string
  /** The type, or the word. */
  readonly detail: string
}

interface Compared {
  /** New where much was seen before. */
  readonly news: readonly (News & { readonly place: Place })[]
  /** Not new, or new where little was seen yet: to be learned. */
  readonly learn: Shape
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/**
 * One document beside what is known. A member is news where its object was seen often; below one that is news itself nothing is said. A place that was empty so far
 * (null, an empty list) is being filled for the first time, not new.
 */
export function compareShape(document: Shape, known: Shape): Compared {
  const news: (News & { readonly place: Place })[] = []
  const learn = new Map<string, Place>()
  const silent = new Set<string>()
  for (const [path, place] of document) {
    const before = known.get(path)
    if (before === undefined) {
      const parent = parentOf(path)
      if (silent.has(parent) && path !== '') silent.add(path)
      else if (path !== '' && (known.get(parent)?.seen ?? 0) >= RIPE && !path.endsWith('/*')) {
        news.push({ what: 'field', path, detail: typeNames(place.types), place })
        silent.add(path)
      } else learn.set(path, place)
      continue
    }
    const ripe = before.seen >= RIPE && before.types.size > 0
    const types = [...place.types].filter((type) => !before.types.has(type))
    const words = before.words === undefined ? [] : [...(place.words ?? [])].filter((word) => before.words?.has(word) !== true)
    if (ripe && types.length > 0)
      for (const type of types) news.push({ what: 'type', path, detail: type, place: { types: new Set([type]), seen: 0 } })
    if (ripe && types.length === 0)
      for (const word of words) news.push({ what: 'value', path, detail: word, place: { types: new Set(), seen: 0, words: new Set([word]) } })
    if (!ripe && (before.seen < RIPE || types.length > 0 || words.length > 0)) learn.set(path, place.types.size > 0 ? place : { ...place, seen: 0 })
  }
  return { news, learn }
}

const typeNames = (types: ReadonlySet<JsonType>): string => (types.size === 0 ? 'empty' : [...types].toSorted().join(', '))
