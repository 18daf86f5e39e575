import Big from 'big.js'

/** A number of the document, and by how much the canonical value moves when it grows by one. */
export interface NumberSource {
  readonly pointer: string
  readonly value: Big
  readonly slope: Big
}

export interface Term {
  /** "1", "-1", "0.01": decimal text. */
  readonly scale: string
  /** Pointers whose values are multiplied. */
  readonly factors: readonly string[]
}

interface Formula {
  readonly terms: readonly Term[]
  readonly divisor?: string
  /** Decimal places the sum is rounded to, half away from nought. */
  readonly round?: number
}

const ZERO = new Big(0)
const isPowerOfTen = (slope: Big): boolean => /^-?(?:0\.0*1|10*)$/.test(slope.toFixed())
const MAX_SOURCES = 400

/** The simplest formula that gives the value from these sources: a sum, a sum with products, a quotient. Undefined when there is none. */
export function formulaOf(value: Big, sources: readonly NumberSource[]): Formula | undefined {
  if (sources.length === 0 || sources.length > MAX_SOURCES) return undefined
  const sums = [linear(sources), withProducts(sources, true), withProducts(sources, false)]
  const terms = sums.find((each) => each !== undefined && sumOf(each, sources).eq(value))
  return terms !== undefined ? { terms } : (rounded(value, sources) ?? quotient(value, sources))
}

/** A sum of amounts finer than the currency. How much a source moves it is known only about. */
function rounded(value: Big, sources: readonly NumberSource[]): Formula | undefined {
  const about = sources.map((one) => ({ ...one, slope: one.slope.round(1) }))
  for (const terms of [linear(about), withProducts(about, true)])
    for (const round of [2, 0, 3]) if (terms !== undefined && sumOf(terms, sources).round(round).eq(value)) return { terms, round }
  return undefined
}

/** Sources that move the value by a power of ten; others only decide something else (a status, a number of pieces that is not nought). */
function linear(sources: readonly NumberSource[]): readonly Term[] | undefined {
  const terms = sources.filter(({ slope }) => isPowerOfTen(slope)).map(({ pointer, slope }) => ({ scale: slope.toFixed(), factors: [pointer] }))
  return terms.length > 0 ? terms : undefined
}

/** Two numbers of one place (a price and its pieces) of which each moves the value by the other. */
function withProducts(sources: readonly NumberSource[], onlyUneven: boolean): readonly Term[] | undefined {
  const left = new Map(sources.map((source) => [source.pointer, source.slope]))
  const terms: Term[] = []
  for (const one of sources) {
    const slope = left.get(one.pointer) ?? ZERO
    if (slope.eq(0) || (onlyUneven && isPowerOfTen(slope))) continue
    const other = sources.find((each) => each !== one && !each.value.eq(0) && areNear(one.pointer, each.pointer) && isFactor(slope, each, left, one))
    if (other === undefined) continue
    const scale = slope.div(other.value)
    terms.push({ scale: scale.toFixed(), factors: [one.pointer, other.pointer] })
    left.set(one.pointer, ZERO)
    left.set(other.pointer, (left.get(other.pointer) ?? ZERO).minus(scale.times(one.value)))
  }
  for (const [pointer, slope] of left) if (isPowerOfTen(slope)) terms.push({ scale: slope.toFixed(), factors: [pointer] })
  return terms.length > 0 ? terms : undefined
}

function isFactor(slope: Big, other: NumberSource, left: ReadonlyMap<string, Big>, one: NumberSource): boolean {
  const scale = slope.div(other.value)
  return isPowerOfTen(scale) && (left.get(other.pointer) ?? ZERO).minus(scale.times(one.value)).abs().lte(scale.abs())
}

/** In the same object, or one inside the object of the other. */
function areNear(a: string, b: string): boolean {
  const [left, right] = [parentOf(a), parentOf(b)]
  return left.startsWith(right) || right.startsWith(left) || parentOf(left) === parentOf(right)
}
const parentOf = (pointer: string): string => pointer.slice(0, Math.max(0, pointer.lastIndexOf('/')))

/** A price per piece: a sum over a number of pieces, with six places. */
function quotient(value: Big, sources: readonly NumberSource[]): Formula | undefined {
  for (const divisor of sources) {
    if (divisor.value.eq(0)) continue
    const terms = sources.flatMap((one): readonly Term[] => {
      if (one === divisor) return []
      const scale = one.slope.times(divisor.value).round(3)
      return isPowerOfTen(scale) ? [{ scale: scale.toFixed(), factors: [one.pointer] }] : []
    })
    if (terms.length > 0 && sumOf(terms, sources).div(divisor.value).round(6).eq(value)) return { terms, divisor: divisor.pointer }
  }
  return undefined
}

function sumOf(terms: readonly Term[], sources: readonly NumberSource[]): Big {
  const values = new Map(sources.map(({ pointer, value }) => [pointer, value]))
  return terms.reduce(
    (sum, { scale, factors }) => sum.plus(factors.reduce((term, pointer) => term.times(values.get(pointer) ?? ZERO), new Big(scale))),
    ZERO,
  )
}
