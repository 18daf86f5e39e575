import { REMOVED, type RawLeaf, type Vocabulary } from './explain-document.ts'

const MAX_NUDGES = 6
const DECIMAL = /^-?\d+(?:\.\d+)?$/

/** One more in the last place: "12.50" → "12.51". The width stays, so that codes remain codes. */
export function oneMore(text: string): string {
  const digits = [...text]
  for (let at = digits.length - 1; at >= 0; at--) {
    const digit = digits[at] ?? ''
    if (!/\d/.test(digit)) continue
    if (digit !== '9') {
      digits[at] = String(Number(digit) + 1)
      return digits.join('')
    }
    digits[at] = '0'
  }
  return text.startsWith('-') ? `-1${digits.slice(1).join('')}` : `1${digits.join('')}`
}

/** A time with another second, still a time. */
const otherSecond = (text: string): string =>
  text.replace(
    /^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:)(\d\d)/,
    (_whole, start: string, second: string) => `${start}${second === '59' ? '58' : oneMore(second)}`,
  )

/** Other values that may stand in this place, likely ones first: the mapping is asked what it would make of them. */
export function nudgesOf(leaf: RawLeaf, vocabulary: Vocabulary): readonly unknown[] {
  const { value } = leaf
  const words = (vocabulary.get(leaf.general) ?? []).filter((word) => JSON.stringify(word) !== JSON.stringify(value))
  const own = leaf.absent ? [] : ownNudges(value)
  const removed = leaf.absent || typeof leaf.steps.at(-1) === 'number' ? [] : [REMOVED]
  const [near, ...far] = own
  return [...(near === undefined ? [] : [near]), ...words, ...far, ...removed].slice(0, MAX_NUDGES)
}

function ownNudges(value: unknown): readonly unknown[] {
  if (typeof value === 'boolean') return [!value]
  if (typeof value === 'number') return [Number(oneMore(String(value)))]
  if (Array.isArray(value)) return value.length > 0 ? [[]] : []
  if (typeof value !== 'string' || value === '') return []
  if (DECIMAL.test(value)) return [oneMore(value)]
  const shifted = otherSecond(value)
  return [...(shifted === value ? [] : [shifted]), `${value}x`, '']
}
