import { marksClash, titleFeatures, titleMarks } from './title-features.ts'

export interface TitleMatch {
  /** Position of the title in the order they were added. */
  readonly at: number
  /** 0 to 1: share of weighted features both have. */
  readonly score: number
}

/** Mentions looked at to find candidates, the rarest features first: a question costs the same among 1,000 titles and 100,000. */
const MOST_MENTIONS = 20_000
const CANDIDATES = 64
const CLASH = 0.8

/** Titles by what they are made of. A feature counts the more the fewer titles have it. */
export class TitleIndex {
  readonly #numbers = new Map<string, number>()
  readonly #titlesOf: number[][] = []
  readonly #featuresOf: Uint32Array[] = []
  readonly #marksOf: ReadonlySet<string>[] = []

  add(title: string): void {
    const at = this.#featuresOf.length
    const features = Array.from(titleFeatures(title), (feature) => this.#numberOf(feature))
    for (const feature of features) this.#titlesOf[feature]?.push(at)
    this.#featuresOf.push(Uint32Array.from(features))
    this.#marksOf.push(titleMarks(title))
  }

  #numberOf(feature: string): number {
    const known = this.#numbers.get(feature)
    if (known !== undefined) return known
    const number = this.#titlesOf.length
    this.#numbers.set(feature, number)
    this.#titlesOf.push([])
    return number
  }

  #weight = (mentions: number): number => Math.log(1 + this.#featuresOf.length / (mentions + 0.5)) ** 2

  #weightOf = (feature: number): number => this.#weight(this.#titlesOf[feature]?.length ?? 0)

  /** The most alike, best first. */
  ask(title: string, most: number): readonly TitleMatch[] {
    const known: number[] = []
    let whole = 0
    for (const feature of titleFeatures(title)) {
      const number = this.#numbers.get(feature)
      if (number !== undefined) known.push(number)
      whole += number === undefined ? this.#weight(0) : this.#weightOf(number)
    }
    const asked = new Set(known)
    const marks = titleMarks(title)
    return this.#candidates(known)
      .map((at) => ({ at, score: this.#alike(at, asked, whole) * (marksClash(marks, this.#marksOf[at] ?? NONE) ? CLASH : 1) }))
      .toSorted((a, b) => b.score - a.score || a.at - b.at)
      .slice(0, most)
  }

  #candidates(known: readonly number[]): readonly number[] {
    const sums = new Map<number, number>()
    let mentions = 0
    for (const feature of known.toSorted((a, b) => this.#weightOf(b) - this.#weightOf(a))) {
      const titles = this.#titlesOf[feature] ?? []
      if (mentions > 0 && mentions + titles.length > MOST_MENTIONS) break
      mentions += titles.length
      const weight = this.#weightOf(feature)
      for (const at of titles.slice(0, MOST_MENTIONS)) sums.set(at, (sums.get(at) ?? 0) + weight)
    }
    return [...sums]
      .toSorted(([a, x], [b, y]) => y - x || a - b)
      .slice(0, CANDIDATES)
      .map(([at]) => at)
  }

  #alike(at: number, asked: ReadonlySet<number>, whole: number): number {
    let [shared, own] = [0, 0]
    for (const feature of this.#featuresOf[at] ?? []) {
      const weight = this.#weightOf(feature)
      own += weight
      if (asked.has(feature)) shared += weight
    }
    return whole + own === 0 ? 0 : (2 * shared) / (whole + own)
  }
}

const NONE: ReadonlySet<string> = new Set()
