import type { MapContext, Mapping, RawDocument } from '../../core/mapping.ts'

/** Places of a document that its mapping looks at, in the words of shapes (`*` for elements of lists). Runs the mapping once more: for rare occasions. */
export function pathsRead(mapping: Mapping, raw: RawDocument, context: MapContext): ReadonlySet<string> {
  const paths = new Set<string>()
  try {
    mapping.map({ ...raw, doc: watched(raw.doc, '', paths) }, context)
  } catch {
    // What it looked at before it stumbled was looked at.
  }
  return paths
}

function watched(value: unknown, path: string, paths: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const below = (key: string): string => `${path}/${Array.isArray(value) ? '*' : key.replaceAll('~', '~0').replaceAll('/', '~1')}`
  const inner = new Map<string, unknown>()
  return new Proxy(value, {
    get: (target, key, receiver) => {
      const found: unknown = Reflect.get(target, key, receiver)
      if (typeof key !== 'string' || !Object.hasOwn(target, key) || (Array.isArray(target) && key === 'length')) return found
      paths.add(below(key))
      if (!inner.has(key)) inner.set(key, watched(found, below(key), paths))
      return inner.get(key)
    },
  })
}
