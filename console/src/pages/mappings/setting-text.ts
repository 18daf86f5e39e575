const longest = 72

/** A setting as people read it: JSON in which whatever fits on a line stands on one. */
export const settingText = (value: unknown): string => (value === undefined ? '' : linesOf(value, ''))

const linesOf = (value: unknown, indent: string): string => {
  const whole = JSON.stringify(value)
  if (typeof value !== 'object' || value === null || (whole.length + indent.length <= longest && indent !== '')) return spaced(value, whole)
  const inner = `${indent}  `
  const parts: readonly string[] = Array.isArray(value)
    ? value.map((each: unknown) => `${inner}${linesOf(each, inner)}`)
    : Object.entries(value).map(([name, each]: readonly [string, unknown]) => `${inner}${JSON.stringify(name)}: ${linesOf(each, inner)}`)
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}']
  return parts.length === 0 ? `${open}${close}` : `${open}\n${parts.join(',\n')}\n${indent}${close}`
}

/** On one line, with a blank where people put one. */
const spaced = (value: unknown, whole: string): string => {
  if (Array.isArray(value)) return `[${value.map((each: unknown) => spaced(each, JSON.stringify(each))).join(', ')}]`
  if (typeof value !== 'object' || value === null) return whole
  const members = Object.entries(value).map(
    ([name, each]: readonly [string, unknown]) => `${JSON.stringify(name)}: ${spaced(each, JSON.stringify(each))}`,
  )
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}
