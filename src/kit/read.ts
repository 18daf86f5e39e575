import { parseJson } from './json.ts'

/** Forgiving readers for the few fields a connector looks at in an answer; mappings are strict and have their own. */

/** One member of an object, undefined when `doc` is something else or has no such member of its own. */
export function field(doc: unknown, name: string): unknown {
  if (typeof doc !== 'object' || doc === null || !Object.hasOwn(doc, name)) return undefined
  const value: unknown = Reflect.get(doc, name)
  return value
}

/** A member as text: numbers and texts alike (ids arrive as either); undefined when absent, null or a container. */
export function textField(doc: unknown, name: string): string | undefined {
  const value = field(doc, name)
  return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** A member as a list; empty when it is anything else. */
export const listField = (doc: unknown, name: string): readonly unknown[] => asList(field(doc, name))

/** The value itself as a list; empty when it is anything else. */
export const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** The document in a text; undefined when it is not one (HTML, half an answer). */
export function parsedOrNothing(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return undefined
  }
}
