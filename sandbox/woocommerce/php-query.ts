/**
 * A query string as PHP reads it: `+` is a space, the last value of a repeated name wins, `name[]` numbers itself.
 * Keys keep their bracket form (`status[0]`), in order of first appearance.
 */
export type PhpQuery = ReadonlyMap<string, string>

export function parsePhpQuery(search: string): PhpQuery {
  const found = new Map<string, string>()
  for (const pair of search.replace(/^\?/, '').split('&')) {
    if (pair === '') continue
    const at = pair.indexOf('=')
    const key = decode(at < 0 ? pair : pair.slice(0, at))
    found.set(numbered(found, key), decode(at < 0 ? '' : pair.slice(at + 1)))
  }
  return found
}

/** A list parameter: `name[0]=a&name[1]=b` or `name=a,b`. Undefined when it was not sent. */
export function listParam(query: PhpQuery, name: string): readonly string[] | undefined {
  const plain = query.get(name)
  if (plain !== undefined) return plain.split(/[\s,]+/).filter((item) => item !== '')
  const items = [...query].filter(([key]) => key.startsWith(`${name}[`)).map(([, value]) => value)
  return items.length > 0 ? items : undefined
}

function numbered(found: ReadonlyMap<string, string>, key: string): string {
  if (!key.endsWith('[]')) return key
  const name = key.slice(0, -2)
  let n = 0
  while (found.has(`${name}[${n}]`)) n += 1
  return `${name}[${n}]`
}

function decode(text: string): string {
  const spaced = text.replaceAll('+', ' ')
  try {
    return decodeURIComponent(spaced)
  } catch {
    return spaced
  }
}
