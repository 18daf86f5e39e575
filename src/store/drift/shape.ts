import { z } from 'zod'

export type JsonType = 'text' | 'number' | 'yes-no' | 'object' | 'list'

/** What is known of one place in the documents of a connection. */
export interface Place {
  /** Types seen there; empty where it never held anything. */
  readonly types: ReadonlySet<JsonType>
  /** Documents that had something there, counted up to `RIPE`. */
  readonly seen: number
  /** Words of a place that holds statuses and the like; undefined for any other place, or where there are too many to be words. */
  readonly words?: ReadonlySet<string>
  /** Was taken for a place of words, and held too many. */
  readonly wordless?: true
}

/** Path → place. Paths are JSON pointers with `*` for elements of lists and keys that vary. */
export type Shape = ReadonlyMap<string, Place>

/** Sightings after which a place is known: what is new there is news. */
export const RIPE = 30
/** Documents after which a connection's documents are known. */
export const LEARNED = 200
/** More words than this are no words of a state. */
const MOST_WORDS = 24
const MOST_PLACES = 3000

const stored = z.record(
  z.string(),
  z.object({
    t: z.array(z.enum(['text', 'number', 'yes-no', 'object', 'list'])),
    n: z.number(),
    w: z.array(z.string()).nullable().optional(),
  }),
)

export const shapeOf = (json: unknown): Shape =>
  new Map(
    Object.entries(stored.parse(json)).map(([path, { t, n, w }]): [string, Place] => [
      path,
      { types: new Set(t), seen: n, ...(w === null ? { wordless: true } : w === undefined ? {} : { words: new Set(w) }) },
    ]),
  )

export const shapeJson = (shape: Shape): string =>
  JSON.stringify(
    Object.fromEntries(
      [...shape].map(([path, { types, seen, words, wordless }]) => [
        path,
        { t: [...types], n: seen, ...(wordless ? { w: null } : words && words.size > 0 ? { w: [...words] } : {}) },
      ]),
    ),
  )

/** Both together. */
export const joined = (shape: Shape, more: Shape): Shape => join(new Map(shape), more)

/** Adds to `all` what `more` has; no more places than a document can reasonably have. */
export function join(all: Map<string, Place>, more: Shape): Shape {
  for (const [path, place] of more) {
    const before = all.get(path)
    if (before) all.set(path, joinedPlace(before, place))
    else if (all.size < MOST_PLACES) all.set(path, joinedPlace(NOWHERE, place))
  }
  return all
}

const NOWHERE: Place = { types: new Set(), seen: 0 }

function joinedPlace(a: Place, b: Place): Place {
  const seen = Math.min(RIPE, a.seen + b.seen)
  // Most of what comes was there before.
  if (!b.wordless && includes(a.types, b.types) && (b.words === undefined || (a.words !== undefined && includes(a.words, b.words))))
    return seen === a.seen ? a : { ...a, seen }
  const words = new Set([...(a.words ?? []), ...(b.words ?? [])])
  const wordless = a.wordless === true || b.wordless === true || words.size > MOST_WORDS
  return { types: new Set([...a.types, ...b.types]), seen, ...(wordless ? { wordless: true } : words.size > 0 ? { words } : {}) }
}

function includes<T>(all: ReadonlySet<T>, some: ReadonlySet<T>): boolean {
  for (const one of some) if (!all.has(one)) return false
  return true
}
