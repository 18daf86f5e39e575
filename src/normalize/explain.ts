import { setImmediate } from 'node:timers/promises'
import { leavesOf, watched, withValue, type RawLeaf, type Vocabulary } from './explain-document.ts'
import { nudgesOf } from './explain-nudges.ts'
import { canonicalValues, type CanonicalValue } from './explain-values.ts'
import type { MappedRaw } from './prepare.ts'

/** One value of the document changed, and what the mapping made of it then. */
export interface Trial {
  readonly put: unknown
  /** Canonical values that came out otherwise; undefined where the mapping took the document no more. */
  readonly moved: ReadonlyMap<string, CanonicalValue | undefined> | undefined
}

interface Tried {
  readonly leaf: RawLeaf
  readonly trials: readonly Trial[]
}

/** What decides one canonical value. */
export interface Origin {
  readonly value: CanonicalValue
  /** A change of any of these changes the value. */
  readonly sources: readonly Tried[]
  /** The document is only taken with these as they are; none of them was seen to change the value. */
  readonly conditions: readonly RawLeaf[]
  /** With everything else changed at once, the value stayed: the sources are all there is to it. */
  readonly sufficient: boolean
  /** The document with everything but sources and conditions changed: the mapping gives the same value for it. */
  readonly alone: unknown
}

/** Which values of one document decide what came out of it. */
export interface Analysis {
  /** Empty where the mapping does not take the document. */
  readonly values: ReadonlyMap<string, CanonicalValue>
  /** false = the document is too large to try everything within the time given. */
  readonly complete: boolean
  /** Undefined for a path that has no value. */
  originOf(path: string): Promise<Origin | undefined>
}

interface AnalysisOptions {
  readonly vocabulary: Vocabulary
  /** Milliseconds of work; what was not tried by then is not, and the answer says so. */
  readonly budgetMs: number
}

type Outcome = ReadonlyMap<string, CanonicalValue> | undefined
type Run = (doc: unknown) => Outcome

/** Work is done in bites this long, so that nobody at the door waits for it. */
const BITE_MS = 8

class Bites {
  readonly #until: number
  #pause = performance.now() + BITE_MS
  constructor(budgetMs: number) {
    this.#until = performance.now() + budgetMs
  }
  /** Lets others have a turn when it is time; false once the budget is used up. */
  async next(): Promise<boolean> {
    if (performance.now() > this.#pause) {
      await setImmediate()
      this.#pause = performance.now() + BITE_MS
    }
    return performance.now() < this.#until
  }
}

/**
 * Finds out by experiment what a mapping's results depend on: each value it reads is changed and the mapping run again. That a
 * mapping is a pure function (I3) makes the answer exact, whatever code it is made of. Nothing is written anywhere.
 */
export async function analyse(
  doc: unknown,
  map: (doc: unknown) => MappedRaw['outcome'],
  { vocabulary, budgetMs }: AnalysisOptions,
): Promise<Analysis> {
  const bites = new Bites(budgetMs)
  const run: Run = (changed) => canonicalValues(map(changed))
  const seen = watched(doc, run)
  const values = seen.result ?? new Map<string, CanonicalValue>()
  const wanted =
    seen.result === undefined
      ? []
      : [...leavesOf(doc).filter((leaf) => wasRead(leaf, seen.read)), ...seen.absent.filter((leaf) => vocabulary.has(leaf.general))]
  const tried: Tried[] = []
  let complete = true
  for (const leaf of wanted) {
    complete = await bites.next()
    if (!complete) break
    const trials = nudgesOf(leaf, vocabulary).map((put): Trial => ({ put, moved: differences(values, run(withValue(doc, leaf.steps, put))) }))
    tried.push({ leaf, trials })
  }
  const bench: Bench = { doc, tried, run, bites }
  const originOf = async (path: string): Promise<Origin | undefined> => {
    const value = values.get(path)
    return value === undefined ? undefined : findOrigin(path, value, bench)
  }
  return { values, complete, originOf }
}

/** A text that carries JSON was read as a whole. */
const wasRead = (leaf: RawLeaf, read: ReadonlySet<string>): boolean => read.has(leaf.pointer.split('#')[0] ?? '')

const sameValue = (a: CanonicalValue | undefined, b: CanonicalValue | undefined): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && a.amount === b.amount && a.currency === b.currency)

function differences(base: ReadonlyMap<string, CanonicalValue>, now: Outcome): Trial['moved'] {
  if (now === undefined) return undefined
  const moved = new Map<string, CanonicalValue | undefined>()
  for (const [path, value] of base) if (!sameValue(value, now.get(path))) moved.set(path, now.get(path))
  return moved
}

interface Bench {
  readonly doc: unknown
  readonly tried: readonly Tried[]
  readonly run: Run
  readonly bites: Bites
}

const isContainer = ({ leaf }: Tried): boolean => leaf.holds === true

async function findOrigin(path: string, value: CanonicalValue, bench: Bench): Promise<Origin> {
  // A change that took the value away (its line is gone) says nothing about what the value is.
  const moves = ({ trials }: Tried): boolean => trials.some(({ moved }) => moved?.get(path) !== undefined)
  const moving = bench.tried.filter(moves)
  const under = (one: Tried): boolean =>
    moving.some((other) => other !== one && other.leaf.pointer.startsWith(one.leaf.pointer) && !isContainer(other))
  // A list or a group that holds a source is no source of its own.
  const sources = new Set(moving.filter((one) => !isContainer(one) || !under(one)))
  const rest = bench.tried.filter((one) => !isContainer(one) && !sources.has(one) && !one.leaf.absent)
  const free = rest.filter(({ trials }) => trials.some(({ moved }) => moved?.has(path) === false))
  const conditions = new Set(rest.filter(({ trials }) => trials.length > 0 && trials.every(({ moved }) => moved === undefined || moved.has(path))))
  const originWith = (sufficient: boolean): Origin => ({
    value,
    sources: [...sources],
    conditions: [...conditions].map(({ leaf }) => leaf),
    sufficient,
    alone: scrambled(path, bench.doc, loose),
  })
  // What stays unmoved by each change alone may move together: then one more value belongs to the sources.
  let loose = free
  for (let round = 0; round < MAX_JOINT; round++) {
    await bench.bites.next()
    const culprit = firstCulprit(path, value, loose, bench)
    if (culprit === undefined) return originWith(true)
    loose = loose.filter((one) => one !== culprit.one)
    if (culprit.refused) conditions.add(culprit.one)
    else sources.add(culprit.one)
  }
  return originWith(false)
}

const MAX_JOINT = 24

/** The first of these whose change, on top of the changes before it, moves the value; undefined when all changes together do not. */
function firstCulprit(
  path: string,
  value: CanonicalValue,
  loose: readonly Tried[],
  bench: Bench,
): { readonly one: Tried; readonly refused: boolean } | undefined {
  const changed = (count: number): Outcome => bench.run(scrambled(path, bench.doc, loose.slice(0, count)))
  const stands = (outcome: Outcome): boolean => outcome !== undefined && sameValue(outcome.get(path), value)
  if (stands(changed(loose.length))) return undefined
  let [low, high] = [0, loose.length]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (stands(changed(middle))) low = middle
    else high = middle
  }
  const one = loose[high - 1]
  return one && { one, refused: changed(high)?.has(path) !== true }
}

/** The document with each of these changed to something the mapping took, preferably without consequences. */
const scrambled = (path: string, doc: unknown, changed: readonly Tried[]): unknown =>
  changed.reduce((now, { leaf, trials }) => {
    const taken = trials.filter(({ moved }) => moved?.has(path) === false)
    const trial = taken.find(({ moved }) => moved?.size === 0) ?? taken[0]
    return trial === undefined ? now : withValue(now, leaf.steps, trial.put)
  }, doc)
