import type { Leaf } from './leaves.ts'

const step = '  '

/**
 * Breaks JSON text into lines without parsing it: numbers keep their digits, however many there are, and the order of
 * members is the channel's. Text that is not JSON is only split at its own line ends.
 */
export const prettyLines = (text: string): readonly string[] => {
  const source = text.trim()
  if (!/^[[{]/.test(source)) return source.split(/\r?\n/)
  const lines: string[] = []
  let line = ''
  let depth = 0
  const flush = (): void => {
    if (line.trim() !== '') lines.push(line)
    line = step.repeat(Math.max(0, depth))
  }
  for (let at = 0; at < source.length; at += 1) {
    const char = source.charAt(at)
    if (char === '"') {
      const end = stringEnd(source, at)
      line += source.slice(at, end)
      at = end - 1
    } else if (char === '{' || char === '[') {
      const empty = /^[{[]\s*[}\]]/.exec(source.slice(at, at + 20))
      if (empty !== null) {
        line += `${char}${char === '{' ? '}' : ']'}`
        at += empty[0].length - 1
      } else {
        line += char
        depth += 1
        flush()
      }
    } else if (char === '}' || char === ']') {
      depth -= 1
      flush()
      line += char
    } else if (char === ',') {
      line += char
      flush()
    } else if (char === ':') line += ': '
    else if (!/\s/.test(char)) line += char
  }
  flush()
  return lines
}

const stringEnd = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === '\\') at += 1
    else if (text.charAt(at) === '"') return at + 1
  }
  return text.length
}

const valueOf = (line: string): string =>
  line
    .replace(/^\s*"(?:[^"\\]|\\.)*"\s*:\s*/, '')
    .replace(/,\s*$/, '')
    .trim()
    .replace(/^"(.*)"$/, '$1')

const sameAmount = (a: string, b: string): boolean => {
  const plain = (text: string): string =>
    text
      .replace(/^[-+]/, '')
      .replace(/(\.\d*?)0+$/, '$1')
      .replace(/\.$/, '')
  return /^[-+]?\d+(\.\d+)?$/.test(a) && plain(a) === plain(b)
}

const sameInstant = (a: string, b: string): boolean => {
  if (!/^\d{4}-\d\d-\d\dT/.test(b) || !/^\d{4}-\d\d-\d\d[T ]/.test(a)) return false
  const zoned = /(Z|[-+]\d\d:?\d\d)$/.test(a) ? a : `${a}Z`
  return Date.parse(zoned.replace(' ', 'T')) === Date.parse(b)
}

/** Channels that count in minor units write 937.23 as 93723. */
const sameMinor = (raw: string, amount: string): boolean =>
  /^-?[1-9]\d*$/.test(raw) && amount.includes('.') && raw.replace('-', '') === amount.replace(/[-.]/g, '').replace(/^0+/, '')

const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')

const keyOf = (line: string): string => /^\s*"((?:[^"\\]|\\.)*)"\s*:/.exec(line)?.[1] ?? ''

/**
 * Lines whose value is the chosen one: the same text, the same amount in other writing, or the same instant. Where
 * several carry it, those whose name shares a word with the canonical name are meant; "0.00" stands in many places.
 */
export const matchingLines = (lines: readonly string[], leaf: Leaf): ReadonlySet<number> => {
  const wanted = leaf.value
  if (wanted === '' || wanted === 'true' || wanted === 'false') return new Set()
  const found = lines.flatMap((line, index) => {
    const value = valueOf(line)
    const same =
      value === wanted || sameInstant(value, wanted) || (leaf.money !== undefined && (sameAmount(value, wanted) || sameMinor(value, wanted)))
    return same ? [index] : []
  })
  const words = wordsOf(leaf.name)
  const named = found.filter((index) => wordsOf(keyOf(lines[index] ?? '')).some((word) => words.includes(word)))
  return new Set(named.length > 0 ? named : found)
}
