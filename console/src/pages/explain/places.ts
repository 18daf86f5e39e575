const escaped = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1')

interface Open {
  readonly pointer: string
  readonly list: boolean
  next: number
}

/** The JSON pointer of what each line of a document carries, as `prettyLines` breaks it: opening brackets stand for what they open. */
export const placesOf = (lines: readonly string[]): readonly (string | undefined)[] => {
  const stack: Open[] = []
  return lines.map((line) => {
    const text = line.trim()
    if (/^[}\]],?$/.test(text)) {
      stack.pop()
      return undefined
    }
    const top = stack.at(-1)
    const key = /^"((?:[^"\\]|\\.)*)"\s*:/.exec(text)?.[1]
    const pointer = top === undefined ? '' : top.list ? `${top.pointer}/${top.next++}` : `${top.pointer}/${escaped(unquoted(key ?? ''))}`
    if (/[{[]$/.test(text)) stack.push({ pointer, list: text.endsWith('['), next: 0 })
    return pointer
  })
}

const unquoted = (key: string): string => {
  try {
    return String(JSON.parse(`"${key}"`))
  } catch {
    return key
  }
}

/** Lines that carry these places. A place inside a text that carries JSON is on the line of the text. */
export const linesAt = (lines: readonly string[], pointers: readonly string[]): ReadonlySet<number> => {
  const wanted = new Set(pointers.map((pointer) => pointer.split('#')[0] ?? ''))
  const places = placesOf(lines)
  return new Set(places.flatMap((place, index) => (place !== undefined && place !== '' && wanted.has(place) ? [index] : [])))
}
